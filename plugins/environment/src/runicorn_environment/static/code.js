// @ts-check
/** The files of a run's code: listed, searched by name, read one by one. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { contentOf, entriesOf } from './unzip.js';

/** @typedef {{path: string, size: number, sha256: string}} File */
const MOST_LISTED = 500;
const MOST_SHOWN = 500_000; // characters

/** @param {{item: import('runicorn').MediaItem, ctx: import('runicorn').Context}} props */
export function Code({ item, ctx }) {
  /** @type {File[]} */ const files = item.fields.files ?? [];
  const [words, setWords] = useState('');
  const [chosen, choose] = useState(/** @type {string | null} */ (null));
  const matching = files.filter((file) => file.path.toLowerCase().includes(words.toLowerCase()));
  const { t } = ctx;
  return html`<figure class="ec-code" data-key=${item.key}>
    <figcaption class="ec-head"><b class="cut" title=${item.key}>${item.fields.root ?? item.key}</b>
      <span class="soft">${t('ec.files', { n: files.length })} · ${sizeOf(files.reduce((sum, file) => sum + file.size, 0))}${item.fields.left_out > 0 && ` · ${t('ec.leftOut', { n: item.fields.left_out })}`}</span>
      <span class="ec-space"></span><a class="button" href=${item.url} download=${`${item.fields.root ?? 'code'}.zip`}>${t('ec.save')}</a></figcaption>
    <div class="ec-body"><nav aria-label=${t('ec.list')}>
        <input class="input" type="search" placeholder=${t('ec.search')} aria-label=${t('ec.search')} value=${words} onInput=${(/** @type {any} */ event) => setWords(event.target.value)} />
        <ul>${matching.slice(0, MOST_LISTED).map((file) => html`<li key=${file.path}><button class=${file.path === chosen ? 'ec-file on' : 'ec-file'} aria-current=${file.path === chosen} onClick=${() => choose(file.path)} title=${file.path}><span class="cut">${file.path}</span> <span class="muted">${sizeOf(file.size)}</span></button></li>`)}</ul>
        ${matching.length > MOST_LISTED && html`<p class="muted">${t('ec.more', { n: matching.length - MOST_LISTED })}</p>`}</nav>
      ${chosen === null ? html`<p class="muted ec-none">${t('ec.choose')}</p>` : html`<${Text} key=${`${item.url} ${chosen}`} url=${item.url} path=${chosen} ctx=${ctx} />`}</div></figure>`;
}

/** The last archive that was read: files of one are read one after the other. */
let last = { url: '', zip: /** @type {Promise<ArrayBuffer> | null} */ (null) };

/** @param {string} url @returns {Promise<ArrayBuffer>} */
function archive(url) {
  if (last.url !== url || !last.zip) {
    const zip = fetch(url).then((answer) => { if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`); return answer.arrayBuffer(); });
    last = { url, zip };
    zip.catch(() => { last = { url: '', zip: null }; });
  }
  return /** @type {Promise<ArrayBuffer>} */ (last.zip);
}

/** @param {{url: string, path: string, ctx: import('runicorn').Context}} props */
function Text({ url, path, ctx }) {
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const [error, setError] = useState('');
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    let over = false;
    const read = async () => {
      const zip = await archive(url);
      const entry = entriesOf(zip).get(path);
      if (!entry) throw new Error(ctx.t('ec.missing', { path }));
      const bytes = await contentOf(zip, entry);
      return bytes.subarray(0, 8000).includes(0) ? ctx.t('ec.binary') : new TextDecoder().decode(bytes);
    };
    read().then((found) => { if (!over) setText(found); }, (failed) => { if (!over) setError(String(failed.message)); });
    return () => { over = true; };
  }, [url, path]);
  if (error) return html`<p class="err" role="alert">${error}</p>`;
  if (text === null) return html`<p class="muted ec-none">…</p>`;
  const lines = text.slice(0, MOST_SHOWN).replace(/\n$/, '').split('\n');
  return html`<div class="ec-text" tabindex="0" role="region" aria-label=${path} ref=${place}><pre class="ec-numbers" aria-hidden="true">${lines.map((_, i) => i + 1).join('\n')}</pre><pre class="ec-lines">${lines.join('\n')}</pre></div>`;
}

/** @param {number} bytes */
const sizeOf = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`);
