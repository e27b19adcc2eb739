// @ts-check
/** Charts: pictures of matplotlib; those of plotly are drawn where their kind is known, and their data shown as a tree. */
import { useEffect, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { Drawing } from './plotly.js';
import { notDrawn } from './plotly-plan.js';

const MOST = 200; // members of one branch that are shown

/** @param {import('./gallery.js').Props} props */
export function Chart({ item, ctx }) {
  const { library } = item.fields;
  if (library !== 'plotly') {
    return html`<a class="mp-figure" href=${item.url} target="_blank" rel="noopener"><img loading="lazy" src=${item.url} alt=${item.caption || item.key} /></a>`;
  }
  return html`<${Plotly} item=${item} ctx=${ctx} />`;
}

/** @param {{item: import('runicorn').MediaItem, ctx: import('runicorn').Context}} props */
function Plotly({ item, ctx }) {
  const [data, setData] = useState(/** @type {any} */ (undefined));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    const over = new AbortController();
    ctx.fetchJson(item.url, { signal: over.signal }).then((found) => { if (over.signal.aborted) return; setData(found); setError(null); }, (failed) => { if (!over.signal.aborted) setError(String(failed.message)); });
    return () => over.abort();
  }, [item.url]);
  if (error) return html`<p class="err" role="alert">${error}</p>`;
  if (data === undefined) return null;
  const missing = notDrawn(data);
  return html`<div>${missing.length === 0 ? html`<${Drawing} figure=${data} name=${item.caption || item.key} ctx=${ctx} />` : html`<p class="soft mp-facts">${ctx.t('mp.notDrawn', { kinds: missing.join(', ') })}</p>`}
    <div class="mp-tree mono"><${Branch} name=${ctx.t('mp.data')} value=${data} open=${missing.length > 0} /></div></div>`;
}

/** @param {{name: string, value: any, open?: boolean}} props */
function Branch({ name, value, open = false }) {
  const [shown, setShown] = useState(open);
  if (typeof value !== 'object' || value === null) return html`<div class="mp-leaf"><span class="soft">${name}</span> ${JSON.stringify(value)}</div>`;
  const members = Object.entries(value);
  return html`<details open=${open} onToggle=${(/** @type {any} */ e) => setShown(e.target.open)}>
    <summary>${name} <span class="muted">${Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`}</span></summary>
    ${shown && members.slice(0, MOST).map(([key, member]) => html`<${Branch} key=${key} name=${key} value=${member} />`)}
    ${shown && members.length > MOST && html`<div class="muted">… ${members.length - MOST}</div>`}</details>`;
}
