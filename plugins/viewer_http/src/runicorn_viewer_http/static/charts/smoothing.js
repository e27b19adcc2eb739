/**
 * Time-weighted exponential moving average of bucket means. Weights follow the distance in x and not the number of
 * points, so the curve is the same at every zoom and every logging rate.
 * @param {Float64Array} x @param {import('../types').Values} mean
 * @param {number} amount slider, 0 (off) to 1
 * @param {number} range the *full* x range of the panel, not the visible one
 * @returns {Float64Array | null}
 */
export function smooth(x, mean, amount, range) {
  if (amount <= 0 || x.length === 0) return null;
  const tau = amount * amount * 0.2 * range || 1;
  const out = new Float64Array(x.length);
  // the first sample weighs like a sample of typical spacing; `weight` removes the bias towards zero
  let before = -1;
  let gap = x.length > 1 ? (x[x.length - 1] - x[0]) / (x.length - 1) : 1;
  let state = 0;
  let weight = 0;
  for (let i = 0; i < x.length; i += 1) {
    if (Number.isNaN(mean[i])) { out[i] = NaN; continue; }
    if (before >= 0) gap = x[i] - x[before];
    before = i;
    const alpha = 1 - Math.exp(-Math.max(gap, 1e-12) / tau);
    state += alpha * (mean[i] - state);
    weight += alpha * (1 - weight);
    out[i] = state / weight;
  }
  return out;
}
