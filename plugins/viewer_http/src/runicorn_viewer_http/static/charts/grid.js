/** From a metrics answer to one series a metric, and the common grid that all runs of a panel ask for. */

import { emptySeries, trim } from './combine.js';

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
    return { x, from: quarter(from, Math.floor), to: quarter(to, Math.ceil), buckets, log };
  }
  const span = Math.max(to - from, x === 'step' ? 16 : x === 'relative' || x === 'wall' ? 1 : 1e-12);
  const unit = 2 ** Math.ceil(Math.log2(span)) / 16;
  const start = x === 'relative' ? Math.min(from, 0) : Math.floor(from / unit) * unit;
  return { x, from: start || 0, to: start + Math.ceil((from + span - start) / unit) * unit, buckets, log };
}

/** @param {import('../types').View} view */
export const viewKey = (view) => `${view.x}|${view.from}|${view.to}|${view.buckets}|${view.log}`;

/** @param {unknown} value */
const number = (value) => (typeof value === 'number' ? value : NaN);

/**
 * @param {import('../types').MetricsAnswer} answer @param {string} key @param {import('../types').XAxis} x
 * @param {number} origin start of the run in Unix seconds, for x = relative
 * @returns {Series}
 */
export function seriesOf(answer, key, x, origin) {
  const at = (/** @type {string} */ name) => answer.columns.indexOf(name);
  const kinds = ['first', 'min', 'max', 'last', 'mean'].map((kind) => at(`${key}.${kind}`));
  const [nan, posinf, neginf] = ['n_nan', 'n_posinf', 'n_neginf'].map((kind) => at(`${key}.${kind}`));
  const [count, ended] = [at(`${key}.n`), at(`${key}.x_last`)];
  const [step, time, bucket] = [at('step'), at('time'), at('bucket')];
  const width = answer.grid?.width ?? 1;
  const start = answer.grid?.origin ?? 0;
  const rows = answer.rows;
  const out = emptySeries(rows.length);
  let n = 0;
  for (const row of rows) {
    if ((row[kinds[3]] ?? null) === null) continue; // this row is of other keys
    const exact = x === 'step' ? number(row[step]) : x === 'wall' ? number(row[time]) : x === 'relative' ? number(row[time]) - origin : NaN;
    // where a bucket is one step wide its record stands where it was logged; wider ones stand at their middle
    const fine = bucket < 0 || (x === 'step' && width <= 1 && !answer.grid?.log_x);
    const last = number(row[ended]);
    const centre = start + (number(row[bucket]) + 0.5) * width;
    const middle = fine ? exact : answer.grid?.log_x ? 10 ** centre : centre;
    // nothing is drawn after its last value: the axis may end there
    const where = !Number.isFinite(last) ? middle : row[count] === 1 ? last : Math.min(middle, last);
    if (number(row[nan]) > 0) out.bad.push({ x: where, kind: 'nan' });
    if (number(row[posinf]) > 0 || number(row[neginf]) > 0) out.bad.push({ x: where, kind: 'inf' });
    const mean = number(row[kinds[4]]);
    out.x[n] = where;
    out.bucket[n] = bucket < 0 ? where : number(row[bucket]);
    out.at[n] = Number.isFinite(last) ? last : exact;
    // a bucket of NaN and infinity alone is a gap: its entry lifts the pen
    out.mean[n] = Number.isFinite(mean) ? mean : NaN;
    out.min[n] = finite(row[kinds[1]], out.mean[n]);
    out.max[n] = finite(row[kinds[2]], out.mean[n]);
    out.first[n] = finite(row[kinds[0]], out.mean[n]);
    out.last[n] = finite(row[kinds[3]], out.mean[n]);
    n += 1;
  }
  return trim(out, n);
}

/** @param {unknown} value @param {number} instead */
const finite = (value, instead) => (typeof value === 'number' && Number.isFinite(value) ? value : instead);

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
