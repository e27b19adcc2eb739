/** The y range of a panel: what is visible in the x range, with a little air. */

/** @typedef {import('../types').Line} Line */

/**
 * @param {Line[]} lines @param {number} from @param {number} to
 * @param {{log: boolean, outliers: boolean}} options `outliers` false leaves out the outermost percent on both sides
 * @returns {[number, number]}
 */
export function yExtent(lines, from, to, { log, outliers }) {
  let low = Infinity;
  let high = -Infinity;
  /** @type {number[]} */
  const means = [];
  for (const { series } of lines) {
    for (let i = 0; i < series.x.length; i += 1) {
      if (series.x[i] < from || series.x[i] > to) continue;
      if (Number.isNaN(series.mean[i])) continue;
      if (!outliers) means.push(series.mean[i]);
      const min = log && series.min[i] <= 0 ? (series.max[i] > 0 ? series.max[i] : Infinity) : series.min[i];
      if (min < low) low = min;
      if (series.max[i] > high && (!log || series.max[i] > 0)) high = series.max[i];
    }
  }
  if (!outliers && means.length > 20) {
    means.sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => means[Math.floor(share * (means.length - 1))];
    low = Math.max(low, at(0.01));
    high = Math.min(high, at(0.99));
  }
  if (!(low <= high)) return log ? [0.1, 1] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const pad = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.06;
  // a quantity that is never negative gets no negative axis from the padding
  return [low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad];
}
