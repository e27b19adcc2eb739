/** What runs can be laid out by in scatter, parallel coordinates and importance: params, metrics, duration. */
import { paramsOf } from './groups.js';

/** @typedef {import('../types').RunDetail} RunDetail */
/** @typedef {{id: string, label: string, kind: 'number' | 'category', log: boolean, values: Map<string, number | string>, categories: string[]}} Column */

const METRIC_KINDS = ['last', 'min', 'max'];
/** Chosen by powers of ten by everybody. */
const BY_POWERS = /(^|[/_.])(lr|learning_rate|wd|weight_decay|eps|epsilon|l1|l2|alpha|lambda)$/i;

/** Every column with at least one value; `values` by folder of the run. @param {RunDetail[]} runs @returns {Column[]} */
export function columnsOf(runs) {
  /** @type {Map<string, Map<string, number | string>>} */
  const found = new Map();
  const put = (/** @type {string} */ id, /** @type {RunDetail} */ run, /** @type {unknown} */ value) => {
    const kept = typeof value === 'number' ? (Number.isFinite(value) ? value : null) : typeof value === 'boolean' ? String(value) : typeof value === 'string' && value.length < 200 ? value : null;
    if (kept === null) return;
    const column = found.get(id) ?? new Map();
    found.set(id, column.set(run.path, kept));
  };
  for (const run of runs) {
    for (const [key, value] of paramsOf(run)) put(`params.${key}`, run, value);
    for (const metric of run.metrics) for (const kind of METRIC_KINDS) put(`metrics.${metric.key}.${kind}`, run, metric[/** @type {'last'} */ (kind)]);
    put('duration', run, run.duration_s);
    for (const name of /** @type {const} */ (['name', 'group', 'status'])) put(name, run, name === 'group' ? run.meta?.group : run[name]);
  }
  return [...found].map(([id, values]) => columnOf(id, values)).sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id, 'en', { numeric: true }));
}

/** @param {string} id @param {Map<string, number | string>} values @returns {Column} */
function columnOf(id, values) {
  const all = [...values.values()];
  const numbers = all.filter((value) => typeof value === 'number');
  const kind = numbers.length === all.length ? 'number' : 'category';
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const categories = kind === 'category' ? [...new Set(all.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })) : [];
  return { id, label: id.replace(/^(params|metrics)\./, ''), kind, log: kind === 'number' && least > 0 && most / least >= (BY_POWERS.test(id) ? 8 : 100), values, categories };
}

/** @param {string} id */
const rank = (id) => (id.startsWith('params.') ? 0 : id.startsWith('metrics.') ? 2 : 1);

/** Whether at least two runs differ in it. @param {Column} column */
export const varies = (column) => new Set(column.values.values()).size > 1;

/** A run's place on a column between 0 and 1; null where it has no value. @param {Column} column @param {string} path @returns {number | null} */
export function placeOn(column, path) {
  const value = column.values.get(path);
  if (value === undefined) return null;
  if (column.kind === 'category') return column.categories.length < 2 ? 0.5 : column.categories.indexOf(String(value)) / (column.categories.length - 1);
  const [from, to] = endsOf(column);
  return from === to ? 0.5 : (scaled(column, /** @type {number} */ (value)) - from) / (to - from);
}

/** The place of a value, beyond 0 and 1 where no run has one as small or great. @param {Column} column @param {number} value */
export function placeOf(column, value) {
  const [from, to] = endsOf(column);
  return from === to ? 0.5 : ((column.log && value <= 0 ? -Infinity : scaled(column, value)) - from) / (to - from);
}

/** The value at a place between 0 and 1. @param {Column} column @param {number} place */
export function valueAt(column, place) {
  const [from, to] = endsOf(column);
  const value = from + place * (to - from);
  return column.log ? 10 ** value : value;
}

/** @param {Column} column @returns {[number, number]} */
function endsOf(column) {
  const known = ends.get(column.values);
  if (known) return known;
  let [low, high] = [Infinity, -Infinity];
  for (const value of column.values.values()) {
    if (typeof value !== 'number') continue;
    low = Math.min(low, scaled(column, value));
    high = Math.max(high, scaled(column, value));
  }
  ends.set(column.values, [low, high]);
  return [low, high];
}

/** @type {WeakMap<object, [number, number]>} */
const ends = new WeakMap();

/** @param {Column} column @param {number} value */
const scaled = (column, value) => (column.log ? Math.log10(value) : value);
