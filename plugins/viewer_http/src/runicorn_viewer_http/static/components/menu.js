/** A button that opens a small menu: arrows move, Escape closes and gives the focus back. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';

/** @typedef {{label: any, action?: () => void, disabled?: boolean, checked?: boolean, separator?: boolean, danger?: boolean}} Item */

/** @param {{label: string, button: any, items: () => Item[], className?: string, align?: 'left' | 'right', inGrid?: boolean}} props `inGrid`: the grid's cell holds the tab stop */
export function Menu({ label, button, items, className = 'button', align = 'left', inGrid = false }) {
  const [open, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const opener = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (!open) return undefined;
    place(/** @type {HTMLElement} */ (opener.current), /** @type {HTMLElement} */ (list.current), align);
    entries()[0]?.focus();
    const outside = (/** @type {Event} */ event) => { if (!root.current?.contains(/** @type {Node} */ (event.target))) setOpen(false); };
    // what moves elsewhere, as a log that grows, or in a long menu itself, leaves it where it is
    const away = (/** @type {Event} */ event) => { if (event.type !== 'scroll' || /** @type {Node} */ (event.target).contains(opener.current)) setOpen(false); };
    addEventListener('pointerdown', outside, true);
    addEventListener('resize', away);
    document.addEventListener('scroll', away, true);
    return () => { removeEventListener('pointerdown', outside, true); removeEventListener('resize', away); document.removeEventListener('scroll', away, true); };
  }, [open]);
  /** @returns {HTMLElement[]} */
  const entries = () => [...(list.current?.querySelectorAll('[role^=menuitem]:not([aria-disabled=true])') ?? [])].map((el) => /** @type {HTMLElement} */ (el));
  const close = () => { setOpen(false); opener.current?.focus(); };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    event.stopPropagation();
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); close(); }
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); all[to]?.focus(); }
  };
  return html`<span class="menu-root" ref=${root}><button class=${className} ref=${opener} aria-haspopup="menu" aria-expanded=${open} aria-label=${label} title=${label} tabindex=${inGrid ? -1 : undefined}
      onClick=${(/** @type {MouseEvent} */ event) => { event.stopPropagation(); setOpen(!open); }}>${button}</button>
    ${open && html`<div class="menu" role="menu" aria-label=${label} ref=${list} onKeyDown=${keys} onClick=${(/** @type {MouseEvent} */ event) => event.stopPropagation()}>${items().map((item, i) => (item.separator ? html`<div key=${i} role="separator" class="menu-line"></div>`
      : html`<button key=${i} class=${item.danger ? 'menu-item err' : 'menu-item'} role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked=${item.checked} aria-disabled=${item.disabled ?? false} tabindex="-1"
        onClick=${() => { if (item.disabled) return; close(); item.action?.(); }}><span class="menu-check" aria-hidden="true">${item.checked ? '✓' : ''}</span>${item.label}</button>`))}</div>`}</span>`;
}

/** Below the button, inside the window. @param {HTMLElement} button @param {HTMLElement} menu @param {'left' | 'right'} align */
function place(button, menu, align) {
  const box = button.getBoundingClientRect();
  const left = align === 'right' ? box.right - menu.offsetWidth : box.left;
  const top = box.bottom + 4 + menu.offsetHeight > innerHeight && box.top > menu.offsetHeight ? box.top - menu.offsetHeight - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, top)}px`;
  menu.style.maxHeight = `${innerHeight - Math.max(8, top) - 8}px`;
}
