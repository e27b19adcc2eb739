/** The order of the run list. */
import { titleOf } from './experiments.js';

/** @typedef {import('../types').ExperimentRow} Row */

export const SORTS = ['created', 'best', 'name', 'status', 'duration'];
const STATUS = ['running', 'finished', 'interrupted', 'failed', 'crashed'];

/** Pinned runs first; then as asked. Newest, best and greatest come first, or last with `ascending`. @param {Row[]} rows @param {string} sort @param {boolean} [ascending] */
export function orderRuns(rows, sort, ascending = false) {
  const by = BY[sort] ?? (sort.startsWith('summary.') ? bySummary(sort.slice(8)) : BY.created);
  const way = ascending ? -1 : 1;
  return [...rows].sort((a, b) => Number(b.pinned) - Number(a.pinned) || way * by(a, b) || newest(a, b) || (a.id < b.id ? 1 : -1));
}

/** Numbers of the runs' summaries that a list can be ordered by. @param {Row[]} rows @returns {string[]} */
export function summaryColumns(rows) {
  return [...new Set(rows.flatMap((row) => Object.entries(row.summary ?? {}).filter(([, value]) => typeof value === 'number').map(([key]) => key)))].sort();
}

/** What a row shows on its right: the value that orders it, else its best one. @param {Row} row @param {string} sort */
export const sortedValue = (row, sort) => (sort.startsWith('summary.') ? row.summary?.[sort.slice(8)] : row.best_metric?.value);

/** Runs without the number come last. @param {string} key @returns {(a: Row, b: Row) => number} */
function bySummary(key) {
  const of = (/** @type {Row} */ row) => { const value = row.summary?.[key]; return typeof value === 'number' ? value : -Infinity; };
  return (a, b) => (of(a) === of(b) ? 0 : of(b) - of(a));
}

/** @param {Row} a @param {Row} b */
const newest = (a, b) => (b.created_at ?? 0) - (a.created_at ?? 0);

/** @type {Record<string, (a: Row, b: Row) => number>} */
const BY = {
  created: newest,
  best: (a, b) => rank(b) - rank(a) || 0,
  name: (a, b) => titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true }),
  status: (a, b) => STATUS.indexOf(a.status) - STATUS.indexOf(b.status),
  duration: (a, b) => (b.duration_s ?? 0) - (a.duration_s ?? 0),
};

/** @param {Row} row */
function rank(row) {
  const best = row.best_metric;
  if (!best || typeof best.value !== 'number') return -Number.MAX_VALUE;
  return best.mode === 'min' ? -best.value : best.value;
}
