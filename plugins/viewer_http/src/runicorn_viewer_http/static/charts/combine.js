/** Series made of other series of one panel, which all lie on one grid: formulas, groups of runs, differences. */

/** @typedef {import('../types').Series} Series */
/** @typedef {import('./expression.js').Formula} Formula */

/** @param {number} n @returns {Series} */
export function emptySeries(n) {
  const array = () => new Float64Array(n);
  return { x: array(), at: array(), bucket: array(), first: array(), min: array(), max: array(), last: array(), mean: array(), raw: false, bad: [] };
}

/** @param {Series} series @param {number} n @returns {Series} */
export function trim({ bad, raw, ...arrays }, n) {
  const cut = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.subarray(0, n)]));
  return /** @type {Series} */ (/** @type {unknown} */ ({ ...cut, raw, bad }));
}

/**
 * A formula over the metrics of one run: of points that were logged at one place, or in the buckets where all of them
 * have values. Where a bucket holds several it is the formula of their means; `min` and `max` then span what first, last
 * and mean give.
 * @param {Formula} formula @param {Series[]} parts in the order of formula.keys
 * @returns {Series}
 */
export function combine(formula, parts) {
  const lead = parts[0];
  if (!lead) return emptySeries(0);
  const out = emptySeries(lead.x.length);
  const at = parts.map(() => 0);
  const places = parts.every((part) => part.raw) ? 'at' : 'bucket';
  out.raw = places === 'at';
  const values = new Float64Array(parts.length);
  let n = 0;
  for (let i = 0; i < lead.x.length; i += 1) {
    let all = true;
    for (let p = 0; p < parts.length; p += 1) {
      const bucket = parts[p][places];
      while (at[p] < bucket.length && bucket[at[p]] < lead[places][i]) at[p] += 1;
      if (bucket[at[p]] !== lead[places][i]) all = false;
    }
    if (!all) continue;
    const of = (/** @type {'first' | 'last' | 'mean'} */ kind) => {
      for (let p = 0; p < parts.length; p += 1) values[p] = parts[p][kind][at[p]];
      return formula.evaluate(values);
    };
    out.x[n] = lead.x[i];
    out.at[n] = lead.at[i];
    out.bucket[n] = lead.bucket[i];
    const [first, last, mean] = [of('first'), of('last'), of('mean')];
    if (!Number.isFinite(mean)) out.bad.push({ x: lead.x[i], kind: Number.isNaN(mean) ? 'nan' : 'inf' });
    out.mean[n] = Number.isFinite(mean) ? mean : NaN;
    out.first[n] = Number.isFinite(first) ? first : out.mean[n];
    out.last[n] = Number.isFinite(last) ? last : out.mean[n];
    out.min[n] = Math.min(out.first[n], out.last[n], out.mean[n]);
    out.max[n] = Math.max(out.first[n], out.last[n], out.mean[n]);
    n += 1;
  }
  return trim(out, n);
}

/**
 * Mean values of a series at given places, interpolated between neighbours and NaN beyond its ends and in its gaps.
 * @param {Series} series @param {Float64Array} places ascending
 */
export function sampleAt({ x, mean }, places) {
  const out = new Float64Array(places.length).fill(NaN);
  let i = 0;
  for (let k = 0; k < places.length; k += 1) {
    const place = places[k];
    while (i < x.length && x[i] < place) i += 1;
    if (i < x.length && x[i] === place) out[k] = mean[i];
    else if (i > 0 && i < x.length) out[k] = mean[i - 1] + ((mean[i] - mean[i - 1]) * (place - x[i - 1])) / (x[i] - x[i - 1]);
  }
  return out;
}

/** Every place that occurs in one of the series, ascending. @param {Series[]} all */
function placesOf(all) {
  const places = Float64Array.from(new Set(all.flatMap((series) => [...series.x])));
  return places.sort();
}

/**
 * The runs of one group as one series of means, with a band around it. No run is left out of it.
 * @param {Series[]} members @param {'std' | 'minmax'} kind
 * @returns {{series: Series, low: Float64Array, high: Float64Array}}
 */
export function aggregate(members, kind) {
  const places = placesOf(members);
  const sampled = members.map((series) => sampleAt(series, places));
  const out = emptySeries(places.length);
  const low = new Float64Array(places.length);
  const high = new Float64Array(places.length);
  for (let k = 0; k < places.length; k += 1) {
    let [n, sum, least, most] = [0, 0, Infinity, -Infinity];
    for (const values of sampled) {
      const value = values[k];
      if (Number.isNaN(value)) continue;
      n += 1;
      sum += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    const mean = n > 0 ? sum / n : NaN;
    let spread = 0;
    if (kind === 'std' && n > 1) {
      for (const values of sampled) if (!Number.isNaN(values[k])) spread += (values[k] - mean) ** 2;
      spread = Math.sqrt(spread / (n - 1));
    }
    low[k] = kind === 'std' ? mean - spread : n > 0 ? least : NaN;
    high[k] = kind === 'std' ? mean + spread : n > 0 ? most : NaN;
    out.x[k] = places[k];
    out.at[k] = places[k];
    out.bucket[k] = k;
    for (const name of /** @type {const} */ (['first', 'min', 'max', 'last', 'mean'])) out[name][k] = mean;
  }
  return { series: out, low, high };
}

/** How far a series lies above another one, where both have values. @param {Series} series @param {Series} base @returns {Series} */
export function minus(series, base) {
  const floor = sampleAt(base, series.x);
  const less = (/** @type {import('../types').Values} */ values) => Float64Array.from(values, (value, i) => value - floor[i]);
  return { ...series, first: less(series.first), min: less(series.min), max: less(series.max), last: less(series.last), mean: less(series.mean), bad: series.bad };
}
