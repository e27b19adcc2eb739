/** A modal on the browser's own <dialog>: focus is kept inside, Escape closes it. It is modal before it is painted, so no key is lost. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { icons } from './icons.js';

/** @param {{title: string, onClose: () => void, wide?: boolean, children: any}} props */
export function Dialog({ title, onClose, wide, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return html`<dialog ref=${ref} class=${wide ? 'dialog wide' : 'dialog'} aria-label=${title} onClose=${onClose}
      onClick=${(/** @type {MouseEvent} */ e) => { if (e.target === ref.current) onClose(); }}>
    <div class="dialog-body">
      <header class="dialog-head"><h2>${title}</h2><button class="ghost" onClick=${onClose} aria-label=${t('action.close')}>${icons.close()}</button></header>
      ${children}
    </div>
  </dialog>`;
}

/** A modal as large as the window; `onStep` turns to the next one with the arrow keys. @param {{title: string, onClose: () => void, onStep: (by: number) => void, children: any}} props */
export function FullScreen({ title, onClose, onStep, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const leave = useRef(onClose);
  leave.current = onClose;
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    const closed = () => leave.current();
    dialog?.addEventListener('close', closed);
    return () => { dialog?.removeEventListener('close', closed); dialog?.close(); };
  }, []);
  return html`<dialog ref=${ref} class="focus" aria-label=${title} onKeyDown=${(/** @type {KeyboardEvent} */ e) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!by || /** @type {HTMLElement} */ (e.target).closest('input, select, textarea')) return;
    e.preventDefault();
    onStep(by);
    // what had the focus belongs to the panel before
    requestAnimationFrame(() => /** @type {HTMLElement | null | undefined} */ (ref.current?.querySelector('[autofocus]'))?.focus());
  }}>${children}</dialog>`;
}

/** @param {{title: string, text: string, action: string, onConfirm: () => void, onClose: () => void}} props */
export const Confirm = ({ title, text, action, onConfirm, onClose }) => html`<${Dialog} title=${title} onClose=${onClose}>
  <p class="soft">${text}</p>
  <footer class="dialog-foot">
    <button class="button" onClick=${onClose}>${t('action.cancel')}</button>
    <button class="button danger" onClick=${onConfirm}>${action}</button>
  </footer>
</${Dialog}>`;
