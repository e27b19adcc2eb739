/** The y range of a panel: what is visible in the x range, with a little air. */

/** @typedef {import('../types').Line} Line */

/**
 * @param {Line[]} lines @param {number} from @param {number} to
 * @param {{log: boolean, outliers: boolean, low?: number | null, high?: number | null}} options `outliers` false leaves out the outermost percent on both sides; `low` and `high` are fixed ends
 * @returns {[number, number]}
 */
export function yExtent(lines, from, to, { log, outliers, low: fixedLow = null, high: fixedHigh = null }) {
  const [low, high] = padded(...dataExtent(lines, from, to, log, outliers), log);
  const bottom = fixedLow !== null && (!log || fixedLow > 0) ? fixedLow : low;
  const top = fixedHigh !== null && (!log || fixedHigh > 0) ? fixedHigh : high;
  return bottom < top ? [bottom, top] : [low, high];
}

/** @param {Line[]} lines @param {number} from @param {number} to @param {boolean} log @param {boolean} outliers @returns {[number, number]} */
function dataExtent(lines, from, to, log, outliers) {
  let low = Infinity;
  let high = -Infinity;
  /** @type {number[]} */
  const means = [];
  for (const { series, band } of lines) {
    const { x, mean } = series;
    const least = band?.low ?? series.min;
    const most = band?.high ?? series.max;
    const start = lowerBound(x, from);
    if (outliers && !log) {
      const end = after(x, to);
      low = Math.min(low, partOf(least, start, end, 'least'));
      high = Math.max(high, partOf(most, start, end, 'greatest'));
      continue;
    }
    for (let i = start; i < x.length && x[i] <= to; i += 1) {
      if (Number.isNaN(mean[i])) continue;
      if (!outliers && (!log || mean[i] > 0)) means.push(mean[i]);
      const min = log && least[i] <= 0 ? (most[i] > 0 ? most[i] : Infinity) : least[i];
      if (min < low) low = min;
      if (most[i] > high && most[i] < Infinity && (!log || most[i] > 0)) high = most[i];
    }
  }
  if (!outliers && means.length > 20) {
    const sorted = Float64Array.from(means).sort();
    const at = (/** @type {number} */ share) => sorted[Math.floor(share * (sorted.length - 1))];
    low = Math.max(low, at(0.01));
    high = Math.min(high, at(0.99));
  }
  return [low, high];
}

// --- Least and greatest of parts: a pan asks for those of every line at every move -----------------------------

const BLOCK = 64;
/** Of each block of an array. @type {WeakMap<import('../types').Values, {least?: Float64Array, greatest?: Float64Array}>} */
const blocks = new WeakMap();

/** @param {import('../types').Values} values @param {'least' | 'greatest'} which */
function blocksOf(values, which) {
  const known = blocks.get(values) ?? {};
  blocks.set(values, known);
  return known[which] ??= Float64Array.from({ length: Math.ceil(values.length / BLOCK) }, (_, i) => {
    const [start, end] = [i * BLOCK, Math.min(values.length, (i + 1) * BLOCK)];
    return which === 'least' ? scanned(values, start, end, Infinity, -1) : scanned(values, start, end, -Infinity, 1);
  });
}

/** What is further away has no place on a linear axis, which has no ticks for it: such values leave the picture at its edge. */
const FAR = 1e32;

/** NaN is no value. @param {import('../types').Values} values @param {number} start @param {number} end @param {number} found @param {1 | -1} sign 1: the greatest */
function scanned(values, start, end, found, sign) {
  for (let i = start; i < end; i += 1) {
    const value = values[i];
    if ((sign > 0 ? value > found : value < found) && value < FAR && value > -FAR) found = value;
  }
  return found;
}

/** @param {import('../types').Values} values @param {number} start @param {number} end @param {'least' | 'greatest'} which */
function partOf(values, start, end, which) {
  const sign = which === 'least' ? -1 : 1;
  const [from, to] = [Math.ceil(start / BLOCK), Math.floor(end / BLOCK)];
  if (from >= to) return scanned(values, start, end, -sign * Infinity, sign);
  let found = scanned(values, start, from * BLOCK, -sign * Infinity, sign);
  found = scanned(blocksOf(values, which), from, to, found, sign);
  return scanned(values, to * BLOCK, end, found, sign);
}

/** @param {number} low @param {number} high @param {boolean} log @returns {[number, number]} */
function padded(low, high, log) {
  if (!(low <= high) || (log && !(low > 0))) return log ? [0.1, 1] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const pad = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.06;
  // a quantity that is never negative gets no negative axis from the padding
  return [low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad];
}

/** Where values above `value` begin. @param {Float64Array} x ascending @param {number} value */
function after(x, value) {
  let end = lowerBound(x, value);
  while (end < x.length && x[end] <= value) end += 1;
  return end;
}

/** Where values that are not below `value` begin. @param {Float64Array} x ascending @param {number} value */
export function lowerBound(x, value) {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
