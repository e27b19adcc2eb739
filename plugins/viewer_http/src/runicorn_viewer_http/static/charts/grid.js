/** The common grid that all runs of a panel ask for, and places on it. */

/** @typedef {import('../types').Series} Series */

/**
 * The request for an extent: its end is rounded up to 1/16 of a power of two, so that a live run keeps its grid
 * (and the other runs their cached answers) while it grows.
 * @param {import('../types').XAxis} x @param {number} from @param {number} to @param {number} buckets @param {boolean} [log] buckets of equal width in log10 x
 * @returns {import('../types').View}
 */
export function growingView(x, from, to, buckets, log = false) {
  if (log) {
    const quarter = (/** @type {number} */ value, /** @type {(n: number) => number} */ round) => 10 ** (round(Math.log10(value) * 4) / 4);
    return { x, from: quarter(from, Math.floor), to: quarter(to, Math.ceil), buckets, log, exact: false };
  }
  const span = Math.max(to - from, x === 'step' ? 16 : x === 'relative' || x === 'wall' ? 1 : 1e-12);
  const unit = 2 ** Math.ceil(Math.log2(span)) / 16;
  const start = x === 'relative' ? Math.min(from, 0) : Math.floor(from / unit) * unit;
  return { x, from: start || 0, to: start + Math.ceil((from + span - start) / unit) * unit, buckets, log, exact: false };
}

/** @param {import('../types').View} view */
export const viewKey = (view) => `${view.x}|${view.from}|${view.to}|${view.buckets}|${view.log}|${view.exact}`;

/** Index of the entry with a value that is nearest to `x`; -1 when there is none. @param {Series} series @param {number} x */
export function nearest({ x: xs, mean }, x) {
  const found = nearestOf(xs, x);
  for (let away = 0; away < xs.length; away += 1) {
    if (!Number.isNaN(mean[found - away] ?? NaN)) return found - away;
    if (!Number.isNaN(mean[found + away] ?? NaN)) return found + away;
  }
  return -1;
}

/** @param {Float64Array} xs ascending @param {number} x */
export function nearestOf(xs, x) {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle + 1;
    else high = middle;
  }
  if (low === xs.length) return xs.length - 1;
  return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low;
}
