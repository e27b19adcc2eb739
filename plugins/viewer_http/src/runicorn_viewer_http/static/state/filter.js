/**
 * The filter box: words and comparisons joined by `and`, e.g. `fox and val/acc > 0.9 and status = failed`.
 * A comparison names a field of the run, or a value of its summary (`summary.x` or just `x`); `"val loss" > 0.3`, where the name has blanks.
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
const COMPARISON = /^("[^"]+"|'[^']+'|\S+?)\s*(<=|>=|!=|=|<|>|\bhas\b)\s*(.+)$/;
/** `and` outside of quotes parts two terms. */
const TERMS = /(?:"[^"]*"|'[^']*'|(?!\s+and\s).)+/gis;

/** `rows` say which fields there are. @param {string} text @param {Row[]} [rows] @returns {Filter} */
export function parseFilter(text, rows = []) {
  /** @type {((row: Row) => boolean)[]} */
  const tests = [];
  for (const term of (text.match(TERMS) ?? []).map((part) => part.replace(/^\s*and\s+/i, '').trim()).filter(Boolean)) {
    const match = COMPARISON.exec(term);
    if (!match) {
      if (/[<>=]/.test(term)) return { test: () => true, error: { code: 'filter.incomplete', term } };
      tests.push(...term.toLowerCase().split(/\s+/).map((word) => (/** @type {Row} */ row) => haystack(row).includes(word)));
      continue;
    }
    const [field, op, wanted] = [unquoted(match[1]), match[2], unquoted(match[3])];
    const problem = rows.length > 0 ? whyNot(field, rows) : null;
    if (problem) return { test: () => true, error: { code: problem, term: field } };
    if (/^[<>]/.test(op) && !Number.isFinite(Number(wanted))) return { test: () => true, error: { code: 'filter.number', term } };
    tests.push((row) => compare(valueOf(row, field), op, wanted));
  }
  return { test: (row) => tests.every((test) => test(row)), error: null };
}

/** @param {string} text */
const unquoted = (text) => text.replace(/^(["'])(.*)\1$/, '$2');

/** Why no row can be compared by a field: a code, or null. @param {string} field @param {Row[]} rows */
function whyNot(field, rows) {
  if (Object.hasOwn(FIELDS, field)) return null;
  const key = withoutPrefix(field);
  if (rows.some((row) => Object.hasOwn(row.summary ?? {}, key) || row.best_metric?.name === key)) return null;
  return /^params?[./]/.test(field) ? 'filter.params' : 'filter.unknown';
}

/** @param {string} field */
const withoutPrefix = (field) => field.replace(/^summary\./, '');

/** @param {Row} row */
const haystack = (row) => [row.id, row.display_name, row.name, row.status, row.note, ...row.tags].join(' ').toLowerCase();

/** @param {Row} row @param {string} field */
function valueOf(row, field) {
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field](row);
  const key = withoutPrefix(field);
  if (row.summary && Object.hasOwn(row.summary, key)) return row.summary[key];
  return row.best_metric?.name === key ? row.best_metric.value : undefined;
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
