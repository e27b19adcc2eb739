// @ts-check
/** Tables, a page at a time: sorted and searched where they are kept. */
import { useEffect, useState } from 'preact/hooks';
import { formatValue, html } from 'runicorn';
import { Small, Whole, itemOf } from './cell.js';

const ROWS = 20;
const NUMBER = /^(u?int|float|double|halffloat|decimal)/;

/** @param {import('./gallery.js').Props} props */
export function Rows({ item, ctx }) {
  const [offset, setOffset] = useState(0);
  const [sort, setSort] = useState(/** @type {{by: string, down: boolean} | null} */ (null));
  const [text, setText] = useState('');
  const [page, setPage] = useState(/** @type {any} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const [open, setOpen] = useState(/** @type {import('runicorn').MediaItem | null} */ (null));
  const { t } = ctx;
  useEffect(() => {
    const over = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setPage(await ctx.fetchJson(address(item, 'table', { sort, text }, { offset, limit: ROWS }), { signal: over.signal }));
        setError(null);
      } catch (failed) {
        if (!over.signal.aborted) setError(String(/** @type {Error} */ (failed).message));
      }
    }, text ? 200 : 0);
    return () => { clearTimeout(timer); over.abort(); };
  }, [item.path, offset, sort, text]);
  const mediaOf = (/** @type {import('./cell.js').Cell} */ cell, /** @type {string} */ column) => {
    const held = itemOf(item, cell, column);
    return html`<td class="mp-media"><${Small} item=${held} open=${open?.path === held.path} ctx=${ctx} onOpen=${() => setOpen(open?.path === held.path ? null : held)} /></td>`;
  };
  const turn = (/** @type {string} */ by) => { setOffset(0); setSort(sort?.by !== by ? { by, down: false } : sort.down ? null : { by, down: true }); };
  const matched = page?.matched ?? item.fields.rows ?? 0;
  const last = Math.max(0, Math.ceil(matched / ROWS) - 1) * ROWS;
  return html`<div>
    <div class="mp-bar"><input type="search" class="input mp-search" placeholder=${t('mp.search')} aria-label=${t('mp.search')} value=${text} onInput=${(/** @type {any} */ e) => { setOffset(0); setText(e.target.value); }} />
      <span class="sp"></span>
      <span class="soft nowrap" aria-live="polite">${matched === 0 ? t('mp.noRows') : t('mp.rows', { from: offset + 1, to: Math.min(offset + ROWS, matched), n: matched.toLocaleString(ctx.locale.value) })}</span>
      <a class="mp-csv" href=${address(item, 'table/csv', { sort, text })} download title=${t('mp.csv')}>CSV</a>
      <button class="button" disabled=${offset === 0} onClick=${() => setOffset(Math.max(0, offset - ROWS))} aria-label=${t('mp.previousRows')}>←</button>
      <button class="button" disabled=${offset >= last} onClick=${() => setOffset(Math.min(last, offset + ROWS))} aria-label=${t('mp.nextRows')}>→</button></div>
    ${error && html`<p class="err" role="alert">${error}</p>`}
    ${page && html`<div class="mp-scroll" tabindex="0" role="region" aria-label=${item.key}><table class="mp-table"><thead><tr>${page.columns.map((/** @type {any} */ column) => html`<th key=${column.name} scope="col" class=${NUMBER.test(column.type) ? 'number' : ''}
        aria-sort=${sort?.by !== column.name ? 'none' : sort?.down ? 'descending' : 'ascending'}><button title=${`${column.name}: ${column.type}`} onClick=${() => turn(column.name)}>${column.name}<span aria-hidden="true">${sort?.by !== column.name ? '' : sort?.down ? ' ↓' : ' ↑'}</span></button></th>`)}</tr></thead>
      <tbody>${page.rows.map((/** @type {any[]} */ row) => html`<tr>${row.map((cell, i) => (cell?.path && cell.kind ? mediaOf(cell, page.columns[i].name) : cellOf(cell, NUMBER.test(page.columns[i].type))))}</tr>`)}</tbody></table></div>`}
    ${open && html`<${Whole} item=${open} ctx=${ctx} onClose=${() => setOpen(null)} />`}
  </div>`;
}

/** @param {any} cell @param {boolean} number */
const cellOf = (cell, number) => (cell === null ? html`<td class="muted">–</td>`
  : number ? html`<td class="number" title=${String(cell)}>${typeof cell === 'number' && !Number.isInteger(cell) ? formatValue(cell) : String(cell)}</td>`
  : html`<td title=${String(cell)}>${String(cell)}</td>`);

/** @param {import('runicorn').MediaItem} item @param {string} what @param {{sort: {by: string, down: boolean} | null, text: string}} asked @param {Record<string, number>} [part] */
function address(item, what, { sort, text }, part = {}) {
  const url = new URL(item.url, location.origin);
  const query = new URLSearchParams({ file: item.path });
  for (const [name, value] of Object.entries(part)) query.set(name, String(value));
  const folder = url.searchParams.get('path');
  if (folder) query.set('path', folder);
  if (sort) { query.set('sort', sort.by); query.set('order', sort.down ? 'descending' : 'ascending'); }
  if (text) query.set('q', text);
  return `${url.pathname.replace(/\/media\/.*$/, `/${what}`)}?${query}`;
}
