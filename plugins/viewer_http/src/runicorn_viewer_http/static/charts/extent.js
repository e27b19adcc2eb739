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
    for (let i = lowerBound(x, from); i < x.length && x[i] <= to; i += 1) {
      if (Number.isNaN(mean[i])) continue;
      if (!outliers && (!log || mean[i] > 0)) means.push(mean[i]);
      const min = log && least[i] <= 0 ? (most[i] > 0 ? most[i] : Infinity) : least[i];
      if (min < low) low = min;
      if (most[i] > high && (!log || most[i] > 0)) high = most[i];
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

/** @param {number} low @param {number} high @param {boolean} log @returns {[number, number]} */
function padded(low, high, log) {
  if (!(low <= high) || (log && !(low > 0))) return log ? [0.1, 1] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const pad = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.06;
  // a quantity that is never negative gets no negative axis from the padding
  return [low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad];
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
