/** One run in the list: eye, colour, name, status, value, and what else can be done with it. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { send } from '../api.js';
import { colorOf, lookAt } from '../charts/palette.js';
import { formatAge, formatTime, formatValue } from '../charts/format.js';
import { highlighted } from '../charts/panel.js';
import { navigate } from '../router.js';
import { board, changeColor, setBaseline } from '../state/board.js';
import { hrefOf, refreshExperiments, titleOf } from '../state/experiments.js';
import { sortedValue } from '../state/order.js';
import { dark } from '../state/prefs.js';
import * as ws from '../state/workspace.js';
import { attempt } from './feedback.js';
import { icons } from './icons.js';
import { Popover } from './popover.js';
import { Status } from './status.js';
import { Swatch } from './swatch.js';

/** @typedef {import('../types').ExperimentRow} Row */

/** The eye that was clicked last, where a range begins. @type {Row | null} */
let lastEye = null;

/** @param {{row: Row, index: number, of: number, drawn: boolean, onRange: (from: Row, shown: boolean) => void}} props */
export function RunRow({ row, index, of, drawn, onRange }) {
  const shown = ws.isShown(row);
  const name = titleOf(row);
  const lit = highlighted.value === row.path;
  const base = board.value.baseline === row.path;
  const title = `${name}\n${row.id}\n${row.path}\n${formatTime(row.created_at)}${row.note ? `\n${row.note}` : ''}`;
  const value = sortedValue(row, ws.sort.value);
  const eye = (/** @type {MouseEvent} */ e) => {
    if (e.altKey) ws.soloRun(row);
    else if (e.shiftKey && lastEye) onRange(lastEye, !shown);
    else ws.toggleRun(row);
    lastEye = row;
  };
  return html`<li class=${`run-row${lit ? ' lit' : ''}${shown ? (drawn ? '' : ' beyond') : ' off'}`} data-run=${row.id} data-path=${row.path} data-status=${row.status} aria-setsize=${of} aria-posinset=${index + 1}
      onPointerEnter=${() => { if (shown) highlighted.value = row.path; }} onPointerLeave=${() => { highlighted.value = null; }}>
    <button class="ghost eye" aria-pressed=${shown} aria-label=${t(shown ? 'runs.hide' : 'runs.show', { name })} title=${t('runs.eyeTitle')}
      onClick=${eye}>${shown ? icons.eye() : icons.eyeOff()}</button>
    <${Swatch} ...${colorOf(row, dark.value)} />
    <a class="run-name cut" href=${hrefOf(row)} title=${title}>${name}</a>
    ${base && html`<span class="tag" title=${t('runs.isBaseline')}>Δ</span>`}
    ${row.archived && html`<span class="tag">${t('run.archived')}</span>`}
    <span class="run-state">${row.status === 'finished' ? html`<span class="muted" title=${formatTime(row.created_at)}>${formatAge(row.created_at)}</span>` : html`<${Status} status=${row.status} />`}</span>
    <span class="run-tools">
      <button class=${`ghost pin${row.pinned ? ' on' : ''}`} aria-pressed=${row.pinned} aria-label=${t(row.pinned ? 'runs.unpin' : 'runs.pin', { name })} title=${t(row.pinned ? 'runs.unpinTitle' : 'runs.pinTitle')}
        onClick=${() => togglePin(row)}>${icons.pin()}</button>
      <${Popover} label=${t('runs.menu', { name })} button=${icons.more()} width=${216}>${(/** @type {() => void} */ close) => html`<${Menu} row=${row} base=${base} close=${close} />`}</${Popover}></span>
    <span class="run-value num" title=${row.best_metric ? `${row.best_metric.name} · ${t('chart.step', { n: row.best_metric.step ?? '–' })}` : ''}>${value === null || value === undefined ? '' : formatValue(value)}</span>
  </li>`;
}

/** @param {{row: Row, base: boolean, close: () => void}} props */
function Menu({ row, base, close }) {
  const item = (/** @type {string} */ key, /** @type {() => void} */ action) => html`<button class="options-item" onClick=${() => { close(); action(); }}>${t(key)}</button>`;
  const own = board.value.colors[row.path];
  return html`<div class="options">
    ${item('runs.solo', () => ws.soloRun(row))}
    ${item(base ? 'runs.noBaseline' : 'runs.baseline', () => setBaseline(base ? null : row.path))}
    ${item('runs.open', () => navigate(hrefOf(row)))}
    <hr /><div class="options-row">${t('runs.color')}</div>
    <div class="swatches">${Array.from({ length: 24 }, (_, slot) => html`<button key=${slot} class=${own === slot ? 'ghost on' : 'ghost'} aria-label=${t('runs.colorN', { n: slot + 1 })} aria-pressed=${own === slot}
      onClick=${() => { close(); changeColor(row.path, slot); }}><${Swatch} ...${lookAt(slot, dark.value)} /></button>`)}</div>
    ${own !== undefined && item('runs.ownColor', () => changeColor(row.path, null))}
  </div>`;
}

/** @param {Row} row */
export async function togglePin(row) {
  await attempt(() => send('experiments/pin', { run_ids: [row.path], value: !row.pinned }));
  refreshExperiments();
}
