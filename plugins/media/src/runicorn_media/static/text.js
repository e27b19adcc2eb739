// @ts-check
/** Texts, plain or Markdown. Nothing in them is ever taken for HTML. */
import { useEffect, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { markdown } from './markdown.js';

const MOST = 200_000; // characters that are shown

/** @param {import('./gallery.js').Props} props */
export function Words({ item, ctx }) {
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    const over = new AbortController();
    read(item.url, over.signal).then((found) => { setText(found); setError(null); }, (failed) => { if (!over.signal.aborted) setError(String(failed.message)); });
    return () => over.abort();
  }, [item.url]);
  if (error) return html`<p class="err" role="alert">${error}</p>`;
  if (text === null) return null;
  const shown = text.slice(0, MOST);
  return html`<div>
    ${item.fields.format === 'markdown' ? html`<div class="mp-text mp-markdown">${markdown(shown)}</div>` : html`<pre class="mp-text" tabindex="0">${shown}</pre>`}
    ${text.length > MOST && html`<p class="muted mp-facts">${ctx.t('mp.more', { n: text.length - MOST })}</p>`}</div>`;
}

/** @param {string} url @param {AbortSignal} signal */
async function read(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.text();
}
