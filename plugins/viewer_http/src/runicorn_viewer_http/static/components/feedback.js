/** What pages say when there is nothing to show: errors, absence, and short notes after an action. */
import { effect, signal, untracked } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { ApiError, offline } from '../api.js';

/** What failed while the viewer was away is tried again by itself when it is back. @param {{error: ApiError | Error, what: string, retry: () => void}} props */
export function ErrorCard({ error, what, retry }) {
  const code = error instanceof ApiError ? error.code : 'error';
  const again = useRef(retry);
  again.current = retry;
  useEffect(() => (code === 'network' ? effect(() => { if (!offline.value) untracked(() => again.current()); }) : undefined), [code]);
  const reason = code === 'network' ? t('error.network') : error.message;
  return html`<div class="notice bad" role="alert">
    <strong>${what}</strong>
    <div class="soft">${reason} <code class="muted">${code}</code></div>
    <div class="row">
      <button class="button" onClick=${() => retry()}>${t('action.retry')}</button>
      <button class="button" onClick=${() => copyText(`${what}\n${code}: ${error.message}\n${location.href}`)}>${t('action.copyDetails')}</button>
    </div>
  </div>`;
}

/** @param {{title: string, children?: any}} props */
export const Empty = ({ title, children }) => html`<div class="empty"><h1>${title}</h1>${children}</div>`;

/** @typedef {{label: string, run: () => void}} Offer what can be done about it, such as taking it back */
/** @type {import('@preact/signals').Signal<{text: string, bad: boolean, offer?: Offer} | null>} */
const note = signal(null);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} text @param {{bad?: boolean, offer?: Offer}} [options] */
export function toast(text, { bad = false, offer } = {}) {
  note.value = { text, bad, offer };
  clearTimeout(timer);
  timer = setTimeout(() => { note.value = null; }, bad ? 8000 : offer ? 12000 : 3000);
}

/** Take up the offer of the note that is shown. @returns {boolean} whether there was one */
export function takeOffer() {
  const offer = note.peek()?.offer;
  if (!offer) return false;
  note.value = null;
  offer.run();
  return true;
}

export const Toast = () => html`<div class="toast-area" role="status" aria-live="polite">
  ${note.value && html`<div class=${note.value.bad ? 'toast err' : 'toast'}>${note.value.text}${note.value.offer && html` <button class="ghost toast-offer" onClick=${takeOffer}>${note.value.offer.label}</button>`}</div>`}</div>`;

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('note.copied'));
  } catch {
    toast(t('note.copyFailed'), { bad: true });
  }
}

/** Run an action and tell of its failure. @param {() => Promise<unknown>} action @returns {Promise<boolean>} */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(error instanceof ApiError && error.code === 'network' ? t('error.network') : String(error instanceof Error ? error.message : error), { bad: true });
    return false;
  }
}
