/** The list of runs: what is drawn, in which colour, how it stands. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { send } from '../api.js';
import { colorOf } from '../charts/palette.js';
import { formatAge, formatTime, formatValue } from '../charts/format.js';
import { highlighted } from '../charts/panel.js';
import { runHref, setQuery } from '../router.js';
import { refreshExperiments, titleOf } from '../state/experiments.js';
import { SORTS } from '../state/order.js';
import { dark } from '../state/prefs.js';
import * as ws from '../state/workspace.js';
import { attempt } from './feedback.js';
import { icons } from './icons.js';
import { Status } from './status.js';
import { Swatch } from './swatch.js';

/** @typedef {import('../types').ExperimentRow} Row */

/** @param {{rows: Row[], total: number, archived: number, filter: string, error: import('../state/filter.js').Filter['error']}} props */
export function RunList({ rows, total, archived, filter, error }) {
  const pinned = rows.filter((row) => row.pinned);
  const others = rows.filter((row) => !row.pinned);
  const metric = commonMetric(rows);
  const anyHidden = rows.some((row) => !ws.isShown(row.id));
  return html`<aside class="side" aria-label=${t('runs.title')}>
    <div class="side-head">
      <input id="run-filter" class=${error ? 'input bad' : 'input'} type="search" spellcheck=${false} placeholder=${t('runs.filter')} aria-label=${t('runs.filterLabel')}
        aria-invalid=${!!error} aria-describedby="run-filter-note" value=${filter} onInput=${(/** @type {any} */ e) => setQuery({ q: e.target.value })} />
      <div id="run-filter-note" class="side-note" aria-live="polite">
        ${error ? html`<span class="err">${t(error.code, { term: error.term })}</span>` : filter ? html`<span class="muted">${t('runs.matching', { n: rows.length, total })}</span>` : ''}
        ${anyHidden && html`<button class="ghost side-all" onClick=${ws.showAllRuns}>${t('runs.showAll')}</button>`}</div>
    </div>
    <div class="side-scroll">
      ${rows.length === 0 && filter && html`<p class="muted side-empty">${t('runs.noMatch', { text: filter })} <button class="ghost" onClick=${() => setQuery({ q: null })}>${t('action.clearFilter')}</button></p>`}
      ${pinned.length > 0 && html`<div class="side-title caps">${t('runs.pinned')}</div><ul>${pinned.map((row) => html`<${RunRow} key=${row.path} row=${row} />`)}</ul>`}
      <div class="side-title"><span class="caps">${t('runs.runs')} ${others.length}</span><span class="sp"></span>
        <label class="sort"><span class="sr">${t('runs.sort')}</span>
          <select value=${ws.sort.value} onChange=${(/** @type {any} */ e) => setQuery({ sort: e.target.value === 'created' ? null : e.target.value })}>
            ${SORTS.map((name) => html`<option value=${name}>${name === 'best' && metric ? metric : t(`sort.${name}`)} ↓</option>`)}</select></label></div>
      <ul>${others.map((row) => html`<${RunRow} key=${row.path} row=${row} />`)}</ul>
      ${archived > 0 && html`<button class="ghost side-archived" aria-pressed=${ws.archivedToo.value} title=${t('runs.archivedTitle')} onClick=${() => setQuery({ archived: ws.archivedToo.value ? null : '1' })}>
        ${ws.archivedToo.value ? icons.down() : icons.right()} ${t('runs.archived', { n: archived })}</button>`}
    </div>
  </aside>`;
}

/** @param {{row: Row}} props */
function RunRow({ row }) {
  const shown = ws.isShown(row.id);
  const name = titleOf(row);
  const lit = highlighted.value === row.id;
  const title = `${name}\n${row.id}\n${formatTime(row.created_at)}${row.note ? `\n${row.note}` : ''}`;
  const settled = row.status === 'finished';
  return html`<li class=${`run-row${lit ? ' lit' : ''}${shown ? '' : ' off'}`} data-run=${row.id} data-status=${row.status}
      onPointerEnter=${() => { if (shown) highlighted.value = row.id; }} onPointerLeave=${() => { highlighted.value = null; }}>
    <button class="ghost eye" aria-pressed=${shown} aria-label=${t(shown ? 'runs.hide' : 'runs.show', { name })} title=${t('runs.eyeTitle')}
      onClick=${(/** @type {MouseEvent} */ e) => (e.altKey ? ws.soloRun : ws.toggleRun)(row.id)}>${shown ? icons.eye() : icons.eyeOff()}</button>
    <${Swatch} ...${colorOf(row, dark.value)} />
    <a class="run-name cut" href=${runHref(row)} title=${title}>${name}</a>
    ${row.archived && html`<span class="tag">${t('run.archived')}</span>`}
    <span class="run-state">${settled ? html`<span class="muted" title=${formatTime(row.created_at)}>${formatAge(row.created_at)}</span>` : html`<${Status} status=${row.status} />`}</span>
    <button class=${`ghost pin${row.pinned ? ' on' : ''}`} aria-pressed=${row.pinned} aria-label=${t(row.pinned ? 'runs.unpin' : 'runs.pin', { name })} title=${t(row.pinned ? 'runs.unpinTitle' : 'runs.pinTitle')}
      onClick=${() => togglePin(row)}>${icons.pin()}</button>
    <span class="run-value num" title=${row.best_metric ? `${row.best_metric.name} · ${t('chart.step', { n: row.best_metric.step ?? '–' })}` : ''}>${row.best_metric ? formatValue(row.best_metric.value) : ''}</span>
  </li>`;
}

/** @param {Row} row */
export async function togglePin(row) {
  await attempt(() => send('experiments/pin', { run_ids: [row.path], value: !row.pinned }));
  refreshExperiments();
}

/** @param {Row[]} rows */
function commonMetric(rows) {
  const names = new Set(rows.map((row) => row.best_metric?.name).filter(Boolean));
  return names.size === 1 ? [...names][0] : '';
}
