/** Which columns runs can be grouped by, and in which group a run is. */
import { flatten } from './flatten.js';

/** @typedef {import('../types').RunDetail} RunDetail */

const OWN = ['group', 'name', 'job_type', 'status', 'tags', 'host'];
/** More values than this are no groups: a column of seeds or losses. */
const MOST_VALUES = 60;

/** @param {RunDetail} run @param {string} column @returns {unknown} */
function valueOf(run, column) {
  if (column === 'tags') return run.tags.length > 0 ? [...run.tags].sort().join(', ') : null;
  if (column === 'group' || column === 'job_type') return run.meta?.[column] ?? null;
  if (column === 'host') return run.meta?.hostname ?? null;
  if (column === 'name' || column === 'status') return run[column];
  const params = paramsOf(run);
  return params.get(column.replace(/^params\./, '')) ?? null;
}

/** @type {WeakMap<object, Map<string, unknown>>} */
const flat = new WeakMap();

/** Params by their path, as `optimizer/lr`. @param {RunDetail} run */
export function paramsOf(run) {
  const found = flat.get(run.params) ?? new Map(flatten(run.params));
  flat.set(run.params, found);
  return found;
}

/** The group of a run, or null where it has no value. @param {RunDetail} run @param {string} column */
export function groupOf(run, column) {
  const value = valueOf(run, column);
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Columns in which these runs differ, most useful first; the chosen one always. @param {RunDetail[]} runs @param {string} chosen @returns {string[]} */
export function groupColumns(runs, chosen) {
  const params = [...new Set(runs.flatMap((run) => [...paramsOf(run).keys()]))].sort().map((key) => `params.${key}`);
  const useful = [...OWN, ...params].filter((column) => {
    const values = new Set(runs.map((run) => groupOf(run, column)));
    return values.size > 1 && values.size <= MOST_VALUES;
  });
  return chosen && !useful.includes(chosen) ? [...useful, chosen] : useful;
}
