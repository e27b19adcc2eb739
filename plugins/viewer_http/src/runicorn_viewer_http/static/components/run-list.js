/** The list of runs: what is drawn, in which colour, how it stands. Only rows in sight are in the document. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { lookAt } from '../charts/palette.js';
import { setQuery } from '../router.js';
import { groupOf } from '../state/groups.js';
import { SORTS, summaryColumns } from '../state/order.js';
import { dark } from '../state/prefs.js';
import { runDetail } from '../state/runs.js';
import * as ws from '../state/workspace.js';
import { icons } from './icons.js';
import { useFields } from '../state/matching.js';
import { FilterBox } from './filter-box.js';
import { Unknowns } from './no-match.js';
import { RunRow } from './run-row.js';
import { Swatch } from './swatch.js';

/** @typedef {import('../types').ExperimentRow} Row */
/** @typedef {{row: Row} | {title: string, runs: Row[], slot: number}} Item */

const ROW = 30;
const SPARE = 12;

/** @param {{rows: Row[], total: number, archived: number, filter: string, problem: import('../state/matching.js').Problem | null, project: string, drawn: Set<string>}} props */
export function RunList({ rows, total, archived, filter, problem, project, drawn }) {
  const fields = useFields(project);
  const anyHidden = rows.some((row) => !ws.isShown(row));
  const items = itemsOf(rows, drawn);
  const { box, onScroll, start, end } = useWindow(items.length);
  const ascending = ws.ascending.value;
  return html`<aside class="side" aria-label=${t('runs.title')}>
    <div class="side-head">
      <${FilterBox} id="run-filter" value=${filter} problem=${problem} fields=${fields} onFilter=${(/** @type {string} */ q) => setQuery({ q })} />
      <div id="run-filter-note" class="side-note" aria-live="polite">
        ${filter && !problem ? html`<span class="muted">${t('runs.matching', { n: rows.length, total })}</span>` : ''}
        ${anyHidden && html`<button class="ghost side-all" onClick=${ws.showAllRuns}>${t('runs.showAll')}</button>`}</div>
      <div class="side-title"><span class="caps">${t('runs.runs')} ${rows.length}</span><span class="sp"></span>
        <label class="sort"><span class="sr">${t('runs.sort')}</span>
          <select value=${ws.sort.value} onChange=${(/** @type {any} */ e) => setQuery({ sort: e.target.value === 'created' ? null : e.target.value })}>
            ${SORTS.map((name) => html`<option value=${name}>${name === 'best' && commonMetric(rows) ? commonMetric(rows) : t(`sort.${name}`)}</option>`)}
            <optgroup label=${t('sort.summary')}>${summaryColumns(rows).map((key) => html`<option value=${`summary.${key}`}>${key}</option>`)}</optgroup></select></label>
        <button class="ghost sort-way" aria-label=${t(ascending ? 'sort.ascending' : 'sort.descending')} title=${t(ascending ? 'sort.ascending' : 'sort.descending')} onClick=${() => setQuery({ way: ascending ? null : 'up' })}>${ascending ? '↑' : '↓'}</button></div>
    </div>
    <div class="side-scroll" ref=${box} onScroll=${onScroll}>
      ${rows.length === 0 && filter && html`<p class="muted side-empty">${t('runs.noMatch', { text: filter })} <button class="ghost" onClick=${() => setQuery({ q: null })}>${t('action.clearFilter')}</button></p>
        <div class="side-empty"><${Unknowns} project=${project} q=${filter} /></div>`}
      <ul class="side-rows" style=${{ height: `${items.length * ROW}px`, paddingTop: `${start * ROW}px` }}>${items.slice(start, end).map((item, i) => ('row' in item
        ? html`<${RunRow} key=${item.row.path} row=${item.row} index=${start + i} of=${items.length} drawn=${drawn.has(item.row.path)} onRange=${(/** @type {Row} */ from, /** @type {boolean} */ shown) => showRange(rows, from, item.row, shown)} />`
        : html`<${GroupHead} key=${`group ${item.title}`} ...${item} />`))}</ul>
      ${archived > 0 && html`<button class="ghost side-archived" aria-pressed=${ws.archivedToo.value} title=${t('runs.archivedTitle')} onClick=${() => setQuery({ archived: ws.archivedToo.value ? null : '1' })}>
        ${ws.archivedToo.value ? icons.down() : icons.right()} ${t('runs.archived', { n: archived })}</button>`}
    </div>
  </aside>`;
}

/** Pinned runs, then the others or one head for each group. @param {Row[]} rows @param {Set<string>} drawn @returns {Item[]} */
function itemsOf(rows, drawn) {
  const pinned = rows.filter((row) => row.pinned);
  const others = rows.filter((row) => !row.pinned);
  const column = ws.groupBy.value;
  /** @type {Item[]} */
  const items = pinned.length > 0 ? [{ title: t('runs.pinned'), runs: [], slot: -1 }, ...pinned.map((row) => ({ row }))] : [];
  if (!column) {
    if (pinned.length > 0) items.push({ title: t('runs.runs'), runs: [], slot: -1 });
    return [...items, ...others.map((row) => ({ row }))];
  }
  // a run that is not drawn has not been asked for its params (null); of one that is drawn they may be on their way (undefined)
  const groupIn = (/** @type {Row} */ row) => { if (!drawn.has(row.path)) return null; const detail = runDetail(row.id, row.path).value.data; return detail ? groupOf(detail, column) ?? '' : undefined; };
  // in the order in which the charts take colours
  const order = [...new Set(rows.map(groupIn))].filter((group) => typeof group === 'string');
  for (const group of [...order, undefined, null]) {
    const runs = others.filter((row) => groupIn(row) === group);
    const title = group === null ? t('group.notDrawn') : group === undefined ? '…' : `${column.replace(/^params\./, '')} = ${group || t('group.none')}`;
    if (runs.length > 0) items.push({ title, runs, slot: typeof group === 'string' ? order.indexOf(group) : -1 }, ...runs.map((row) => ({ row })));
  }
  return items;
}

/** @param {{title: string, runs: Row[], slot: number}} props */
function GroupHead({ title, runs, slot }) {
  const shown = runs.some((row) => ws.isShown(row));
  return html`<li class="side-group">${slot >= 0 && html`<${Swatch} ...${lookAt(slot, dark.value)} />`}<span class="caps cut" title=${title}>${title}</span>${runs.length > 0 && html` <span class="muted">${runs.length}</span><span class="sp"></span>
    <button class="ghost" aria-pressed=${shown} aria-label=${t(shown ? 'runs.hide' : 'runs.show', { name: title })} onClick=${() => ws.showRuns(runs, !shown)}>${shown ? icons.eye() : icons.eyeOff()}</button>`}</li>`;
}

/** Which items are in sight. @param {number} n */
function useWindow(n) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(900);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const watcher = new ResizeObserver(() => setHeight(el.clientHeight));
    watcher.observe(el);
    return () => watcher.disconnect();
  }, []);
  const start = Math.max(0, Math.min(n - 1, Math.floor(top / ROW) - SPARE));
  // a row's worth of scrolling is one render
  const onScroll = (/** @type {any} */ e) => setTop(Math.floor(e.currentTarget.scrollTop / ROW) * ROW);
  return { box, onScroll, start, end: Math.min(n, start + Math.ceil(height / ROW) + 2 * SPARE) };
}

/** Shift and a click show or hide everything between two eyes. @param {Row[]} rows @param {Row} from @param {Row} to @param {boolean} shown */
function showRange(rows, from, to, shown) {
  const [a, b] = [rows.findIndex((row) => row.path === from.path), rows.findIndex((row) => row.path === to.path)];
  if (a >= 0 && b >= 0) ws.showRuns(rows.slice(Math.min(a, b), Math.max(a, b) + 1), shown);
}

/** Bring a run into sight, where its row may not be in the document yet. @param {Row[]} rows @param {Row} row */
export function scrollToRun(rows, row) {
  const el = document.querySelector(`[data-path="${CSS.escape(row.path)}"]`);
  if (el) { el.scrollIntoView({ block: 'nearest' }); return; }
  const box = document.querySelector('.side-scroll');
  if (box) box.scrollTop = Math.max(0, rows.indexOf(row) * ROW - box.clientHeight / 2);
}

/** @param {Row[]} rows */
function commonMetric(rows) {
  const names = new Set(rows.map((row) => row.best_metric?.name).filter(Boolean));
  return names.size === 1 ? [...names][0] : '';
}

