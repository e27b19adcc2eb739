/** Columns of the runs table. A column is named as the filter language names its field: `status`, `params.lr`, `metrics.val/acc.max`. */
import { t } from '../../i18n/index.js';

/** @typedef {'run' | 'params' | 'summary' | 'metrics'} Kind */
/** @typedef {{id: string, width?: number, pinned?: boolean}} Column */

/** What can be shown of a metric; the others of the language are for filters. */
export const FIGURES = ['last', 'min', 'max', 'mean'];
/** Fields of the run itself that are worth a column, as they stand in the picker. `run` is its name. */
export const RUN_COLUMNS = ['run', 'status', 'created_at', 'started_at', 'ended_at', 'duration_s', 'tags', 'note', 'best', 'best_metric', 'best_step', 'name', 'host', 'group', 'job_type'];
/** Every row is asked for these, whichever columns are shown. */
export const ALWAYS = ['run', 'path', 'project', 'name', 'display_name', 'status', 'created_at', 'tags', 'note', 'pinned', 'archived'];
export const FIRST = 'run';

const TIMES = new Set(['created_at', 'started_at', 'ended_at']);
/** @type {Record<string, number>} */
const WIDTHS = { run: 230, status: 110, duration_s: 96, tags: 150, note: 200, best: 96, best_step: 90, best_metric: 130, name: 160 };

/** @param {string} id @returns {{kind: Kind, key: string, figure: string}} */
export function partsOf(id) {
  const dot = id.indexOf('.');
  const kind = id.slice(0, dot);
  if (dot < 0 || (kind !== 'params' && kind !== 'summary' && kind !== 'metrics')) return { kind: 'run', key: id, figure: '' };
  const rest = id.slice(dot + 1);
  if (kind !== 'metrics') return { kind, key: unquoted(rest), figure: '' };
  const last = rest.lastIndexOf('.');
  return { kind, key: unquoted(rest.slice(0, last)), figure: rest.slice(last + 1) };
}

/** @param {string} text */
const unquoted = (text) => (/^"/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);

/** The same metric with another figure. @param {string} id @param {string} figure */
export const withFigure = (id, figure) => `${id.slice(0, id.lastIndexOf('.'))}.${figure}`;

/** @param {string} id */
export function titleOfColumn(id) {
  const { kind, key } = partsOf(id);
  return kind === 'run' ? t(`column.${key}`) : key;
}

/** @param {string} id */
export const isTime = (id) => TIMES.has(id);

/** Whether the values are figures, which stand right. @param {string} id */
export const isFigure = (id) => id === 'duration_s' || id === 'best' || id === 'best_step' || id.startsWith('metrics.');

const WIDEST_HEAD = 240;

/** A mean and how far values lie around it, or how many runs have which value. */
const GROUPED = 160;

/** As it was dragged; else wide enough for its values, and for its title up to a bound. @param {Column} column @param {boolean} [grouped] */
export const widthOf = (column, grouped = false) => column.width ?? Math.max(grouped && !TIMES.has(column.id) ? GROUPED : 0, WIDTHS[column.id] ?? (TIMES.has(column.id) ? 120 : 104), Math.min(WIDEST_HEAD, headWidth(column.id)));

/** About; measuring it would cost a layout for each column. @param {string} id */
function headWidth(id) {
  const { figure } = partsOf(id);
  const text = `${titleOfColumn(id)}${figure ? ` ${t(`metric.${figure}`)}` : ''}`;
  return 30 + [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 12 : 7), 0);
}

/**
 * What a project's table shows before anybody has chosen: how runs stand, which parameters differ, what they reached.
 * @param {import('./source.js').FieldInfo[]} fields
 * @returns {Column[]}
 */
export function usualColumns(fields) {
  const params = fields.filter((field) => partsOf(field.name).kind === 'params' && field.differing).slice(0, 6);
  const metrics = fields.filter((field) => partsOf(field.name).kind === 'metrics' && partsOf(field.name).figure === 'last' && !/^metrics\.(?:system|gpu)\b/.test(field.name)).slice(0, 6);
  return [{ id: FIRST, pinned: true }, ...['status', 'started_at', 'duration_s', 'tags', 'best', ...params.map((field) => field.name), ...metrics.map((field) => field.name)].map((id) => ({ id }))];
}
