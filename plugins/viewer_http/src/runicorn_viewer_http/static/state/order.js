/** The order of the run list. */
import { titleOf } from './experiments.js';

/** @typedef {import('../types').ExperimentRow} Row */

export const SORTS = ['created', 'best', 'name', 'status', 'duration'];
const STATUS = ['running', 'finished', 'interrupted', 'failed', 'crashed'];

/** Pinned runs first; then as asked. Newest and best come first. @param {Row[]} rows @param {string} sort */
export function orderRuns(rows, sort) {
  const by = BY[sort] ?? BY.created;
  return [...rows].sort((a, b) => Number(b.pinned) - Number(a.pinned) || by(a, b) || newest(a, b) || (a.id < b.id ? 1 : -1));
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
