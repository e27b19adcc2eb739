/**
 * The filter box: words and comparisons joined by `and`, e.g. `fox and val/acc > 0.9 and status = failed`.
 * A comparison names a field of the run, or a value of its summary.
 */

import { titleOf } from './experiments.js';

/** @typedef {import('../types').ExperimentRow} Row */
/** @typedef {{test: (row: Row) => boolean, error: {code: string, term: string} | null}} Filter */

/** @type {Record<string, (row: Row) => unknown>} */
const FIELDS = {
  id: (row) => row.id, name: titleOf, experiment: (row) => row.name, status: (row) => row.status,
  tag: (row) => row.tags, tags: (row) => row.tags, note: (row) => row.note, group: (row) => row.group, host: (row) => row.host,
  duration: (row) => row.duration_s, pinned: (row) => row.pinned, archived: (row) => row.archived, best: (row) => row.best_metric?.value,
};
const COMPARISON = /^(\S+?)\s*(<=|>=|!=|=|<|>|\bhas\b)\s*(.+)$/;

/** @param {string} text @returns {Filter} */
export function parseFilter(text) {
  /** @type {((row: Row) => boolean)[]} */
  const tests = [];
  for (const term of text.split(/\s+and\s+/i).map((part) => part.trim()).filter(Boolean)) {
    const match = COMPARISON.exec(term);
    if (!match) {
      if (/[<>=]/.test(term)) return { test: () => true, error: { code: 'filter.incomplete', term } };
      tests.push(...term.toLowerCase().split(/\s+/).map((word) => (/** @type {Row} */ row) => haystack(row).includes(word)));
      continue;
    }
    const [, field, op, raw] = match;
    const wanted = raw.replace(/^(["'])(.*)\1$/, '$2');
    if (/^[<>]/.test(op) && !Number.isFinite(Number(wanted))) return { test: () => true, error: { code: 'filter.number', term } };
    tests.push((row) => compare(valueOf(row, field), op, wanted));
  }
  return { test: (row) => tests.every((test) => test(row)), error: null };
}

/** @param {Row} row */
const haystack = (row) => [row.id, row.display_name, row.name, row.status, row.note, ...row.tags].join(' ').toLowerCase();

/** @param {Row} row @param {string} field */
function valueOf(row, field) {
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field](row);
  if (row.summary && Object.hasOwn(row.summary, field)) return row.summary[field];
  return row.best_metric?.name === field ? row.best_metric.value : undefined;
}

/** @param {unknown} value @param {string} op @param {string} wanted */
function compare(value, op, wanted) {
  if (Array.isArray(value)) {
    const has = value.some((item) => String(item) === wanted);
    return op === '!=' ? !has : has;
  }
  if (value === undefined || value === null) return op === '!=';
  if (op === 'has') return String(value).includes(wanted);
  const number = Number(wanted);
  const same = typeof value === 'number' ? value === number : String(value) === wanted;
  if (op === '=') return same;
  if (op === '!=') return !same;
  if (typeof value !== 'number') return false;
  return op === '<' ? value < number : op === '>' ? value > number : op === '<=' ? value <= number : value >= number;
}
