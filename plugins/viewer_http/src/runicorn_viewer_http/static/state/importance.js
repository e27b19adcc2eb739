/**
 * How strongly parameters go along with a metric: Spearman's rank correlation, which is Pearson's correlation of the
 * ranks, equal values sharing the mean of their ranks (C. Spearman, "The proof and measurement of association between
 * two things", American Journal of Psychology 15, 1904; M. G. Kendall, "Rank Correlation Methods", 1948, on ties).
 * It is about order alone: a parameter on a logarithmic scale needs no transformation. It says nothing about causes.
 */

/** @typedef {import('./columns.js').Column} Column */
/** @typedef {{column: Column, category: string | null, rho: number, n: number}} Importance */

/** Runs that are needed before a correlation says anything at all. */
export const LEAST_RUNS = 3;

/** Ranks from 1, equal values sharing the mean of theirs. @param {number[]} values @returns {number[]} */
export function ranks(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end += 1;
    for (let i = start; i <= end; i += 1) out[order[i]] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return out;
}

/** Spearman's rho; NaN where one side does not vary. @param {number[]} a @param {number[]} b */
export function spearman(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const n = x.length;
  const mean = (n + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/**
 * Every parameter that varies, strongest first. Of one with categories, the category that goes along most, as 1 against 0.
 * @param {Column[]} columns @param {Column} target @returns {Importance[]}
 */
export function importances(columns, target) {
  const found = columns.filter((column) => column.id.startsWith('params.')).flatMap((column) => correlated(column, target));
  return found.filter((one) => !Number.isNaN(one.rho)).sort((a, b) => Math.abs(b.rho) - Math.abs(a.rho) || a.column.id.localeCompare(b.column.id));
}

/** @param {Column} column @param {Column} target @returns {Importance[]} */
function correlated(column, target) {
  const paths = [...column.values.keys()].filter((path) => typeof target.values.get(path) === 'number');
  if (paths.length < LEAST_RUNS) return [];
  const goal = paths.map((path) => /** @type {number} */ (target.values.get(path)));
  if (column.kind === 'number') return [{ column, category: null, rho: spearman(paths.map((path) => /** @type {number} */ (column.values.get(path))), goal), n: paths.length }];
  if (column.categories.length > paths.length / 2 && column.categories.length > 2) return []; // names, not choices
  const each = column.categories.map((category) => ({ column, category, rho: spearman(paths.map((path) => Number(column.values.get(path) === category)), goal), n: paths.length }));
  return each.filter((one) => !Number.isNaN(one.rho)).sort((a, b) => Math.abs(b.rho) - Math.abs(a.rho)).slice(0, 1);
}
