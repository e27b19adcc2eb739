/** A button with a small panel beside it, on the browser's own popover: Escape and a click elsewhere close it. */
import { useId, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';

/** `children` is asked for when it opens. @param {{label: string, button: any, class?: string, width?: number, children: (close: () => void) => any}} props */
export function Popover({ label, button, class: style = 'ghost', width = 260, children }) {
  const id = useId();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const opener = useRef(/** @type {HTMLElement | null} */ (null));
  const [open, setOpen] = useState(false);
  const place = () => {
    const [from, el] = [opener.current?.getBoundingClientRect(), box.current];
    if (!from || !el) return;
    const height = el.offsetHeight;
    const below = from.bottom + 4 + height < innerHeight - 8 || from.top < innerHeight / 2;
    el.style.left = `${Math.max(8, Math.min(from.right - el.offsetWidth, innerWidth - el.offsetWidth - 8))}px`;
    el.style.top = `${below ? from.bottom + 4 : Math.max(8, from.top - 4 - height)}px`;
    el.style.maxHeight = `${below ? innerHeight - from.bottom - 12 : from.top - 12}px`;
  };
  const close = () => box.current?.hidePopover();
  const toggled = (/** @type {ToggleEvent} */ event) => {
    const now = event.newState === 'open';
    setOpen(now);
    if (now) requestAnimationFrame(() => { place(); /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector('button, input, select'))?.focus(); });
  };
  return html`<button ref=${opener} class=${style} popovertarget=${id} aria-haspopup="dialog" aria-expanded=${open} aria-label=${label} title=${label}>${button}</button>
    <div id=${id} ref=${box} class="popover" popover="auto" role="dialog" aria-label=${label} onToggle=${toggled} style=${{ width: `${width}px` }}
      onKeyDown=${(/** @type {KeyboardEvent} */ e) => e.stopPropagation()}>${open && children(close)}</div>`;
}
