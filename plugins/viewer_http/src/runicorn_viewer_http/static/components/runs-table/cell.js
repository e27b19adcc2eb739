/** What stands in one cell of the runs table. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { colorOf } from '../../charts/palette.js';
import { formatAgo, formatDuration, formatExact, formatParam, formatTime, formatValue } from '../../charts/format.js';
import { runHref } from '../../router.js';
import { titleOf } from '../../state/experiments.js';
import { dark } from '../../state/prefs.js';
import { chosen } from '../../state/table/selection.js';
import { isTime, partsOf, titleOfColumn } from '../../state/table/columns.js';
import { isShown } from '../../state/workspace.js';
import { icons } from '../icons.js';
import { Status, statusWord } from '../status.js';
import { Swatch } from '../swatch.js';
import { CellEditor, editing } from './editor.js';

/** The column of checkbox and eye. */
export const SELECT = '#';

/** @typedef {import('../../state/table/model.js').Item} Item @typedef {import('../../state/table/source.js').RunRow} RunRow @typedef {import('../grid/layout.js').Placed} Placed */

/** The run's name as people read it. @param {RunRow} row */
export const nameOf = (row) => titleOf({ id: row.run, project: row.project, name: row.name, display_name: row.display_name });

/** The row as the charts know the run. @param {RunRow} row */
export const runOf = (row) => ({ id: row.run, path: row.path });

/** @param {Item | undefined} item @param {Placed} at @returns {any} */
export function cellOf(item, at) {
  if (!item) return at.id === SELECT ? '' : html`<span class="muted">…</span>`;
  return item.kind === 'group' ? groupCell(item, at) : rowCell(item.row, at);
}

/** Whatever a row shows beside its values, so that it is drawn again. @param {Item} item */
export function markOf(item) {
  if (item.kind === 'group') return '';
  const edited = editing.value?.path === item.row.path ? editing.value.id : '';
  return `${dark.value}${isShown(runOf(item.row))}${edited}`;
}

/** @param {RunRow} row @param {Placed} at */
function rowCell(row, at) {
  const name = nameOf(row);
  if (at.id === SELECT) {
    const shown = isShown(runOf(row));
    return html`<input type="checkbox" tabindex="-1" checked=${chosen.peek().has(row.path)} aria-label=${t('table.choose', { name })} />
      <span class="eye-mark" data-eye="1" title=${t(shown ? 'runs.hide' : 'runs.show', { name })}>${shown ? icons.eye() : icons.eyeOff()}</span>`;
  }
  if (editing.peek()?.path === row.path && editing.peek()?.id === at.id) return html`<${CellEditor} row=${row} id=${at.id} />`;
  if (at.id === 'run') return html`<${Swatch} ...${colorOf(row, dark.peek())} /><a class="run-name cut" tabindex="-1" href=${hrefOf(row)} title=${row.run}>${name}</a>${row.pinned && html`<span class="muted" title=${t('runs.pinned')}>★</span>`}${row.unreadable && html`<span class="err hurt" role="img" aria-label=${t('table.unreadable', { reason: row.unreadable })} title=${t('table.unreadable', { reason: row.unreadable })}>${icons.warning()}</span>`}${row.archived && html`<span class="tag">${t('run.archived')}</span>`}`;
  const value = row[at.id];
  if (at.id === 'status') return html`<${Status} status=${row.status} />`;
  if (at.id === 'tags') return row.tags.length > 0 && html`<span class="cell-tags" title=${row.tags.join(', ')}>${row.tags.map((tag) => html`<span class="tag" key=${tag}>${tag}</span>`)}</span>`;
  if (value === null || value === undefined) return html`<span class="muted">–</span>`;
  if (isTime(at.id)) return html`<span class="cut" title=${formatTime(value)}>${formatAgo(value)}</span>`;
  if (at.id === 'duration_s') return html`<span class="right cut">${formatDuration(value)}</span>`;
  const { kind } = partsOf(at.id);
  if (typeof value === 'number') return html`<span class="right cut" title=${String(value)}>${kind === 'params' ? formatParam(value) : formatValue(value)}</span>`;
  if (kind === 'metrics' || at.id === 'best') return html`<span class="right cut">${formatValue(value)}</span>`;
  return html`<span class="cut" title=${formatExact(value)}>${formatExact(value)}</span>`;
}

/** Two runs may carry one id: the folder says which is meant. @param {RunRow} row */
export const hrefOf = (row) => `${runHref({ id: row.run })}?${new URLSearchParams({ path: row.path })}`;

/** @param {import('../../state/table/model.js').GroupItem} item @param {Placed} at */
function groupCell({ group, open }, at) {
  if (at.id === SELECT) return html`<span aria-hidden="true">${open ? icons.down() : icons.right()}</span>`;
  if (at.id === 'run') return html`<span class="cut">${group.values.map(([id, value]) => html`<span class="soft">${titleOfColumn(id)}</span> ${wordOf(id, valueText(value))} `)}</span><span class="muted">(${group.n})</span>`;
  const spread = group.spreads[at.id];
  if (spread) {
    const write = at.id === 'duration_s' ? formatDuration : isTime(at.id) ? formatAgo : short;
    const about = `${t('metric.min')} ${write(spread.min)} · ${t('metric.max')} ${write(spread.max)} · n ${spread.n}`;
    return html`<span class="right cut spread" title=${about}>${write(spread.mean)}${spread.std !== null && !isTime(at.id) && html` <span class="muted">± ${write(spread.std)}</span>`}</span>`;
  }
  const texts = Object.entries(group.texts[at.id] ?? {}).map(([text, n]) => /** @type {[string, number]} */ ([wordOf(at.id, text), n]));
  if (texts.length === 0) return '';
  return html`<span class="cut spread" title=${texts.map(([text, n]) => `${text} (${n})`).join(', ')}>${texts.length === 1 && texts[0][1] === group.n ? texts[0][0] : texts.slice(0, 3).map(([text, n]) => `${text} (${n})`).join(', ')}</span>`;
}

/** Three digits tell enough of a mean. @param {number} value */
const short = (value) => formatValue(Number(value.toPrecision(3))).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

/** Statuses are words of ours. @param {string} id @param {string} text */
const wordOf = (id, text) => (id === 'status' ? statusWord(text) : text);

/** @param {unknown} value */
const valueText = (value) => (value === null || value === undefined ? t('table.noValue') : Array.isArray(value) ? value.join(', ') : formatExact(value));
