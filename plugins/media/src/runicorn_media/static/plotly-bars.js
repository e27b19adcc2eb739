// @ts-check
/** Bars, counted values and boxes: what plotly computes from columns before it draws. */
import { niceGap } from './plotly-axes.js';
import { kindOf, limits, list } from './plotly-data.js';

/** @typedef {{along: any, from: number, to: number, width: number, shift: number, title: string}} Bar `along`: where it stands; `from`, `to`: how high; width and shift as shares of a place */

/** Histograms become bars with `along` in the middle of a bin. All of one pair of axes share their bins.
 * @param {any[]} traces of kind histogram on one pair of axes */
export function binned(traces) {
  const columns = traces.map((trace) => list(isUpright(trace) ? trace.x : trace.y));
  const names = kindOf(columns.flat());
  if (names !== 'linear') {
    return traces.map((trace, i) => {
      const sums = new Map();
      columns[i].forEach((name, at) => { if (name !== null) sums.set(name, (sums.get(name) ?? 0) + weight(trace, at)); });
      return barsOf(trace, [...sums.keys()], normed(trace, [...sums.values()], sums.size && 1));
    });
  }
  const numbers = columns.map((column) => column.map((value) => (value === null ? NaN : Number(value))));
  const [low, high] = limits(numbers.flat());
  const wanted = traces.map((trace) => trace.nbinsx ?? trace.nbinsy).find((count) => count > 0);
  const bins = traces.map((trace) => (isUpright(trace) ? trace.xbins : trace.ybins)).find((one) => Number(one?.size) > 0);
  const most = Math.max(...numbers.map((column) => column.length));
  const size = bins ? Number(bins.size) : high > low ? niceGap((high - low) / (wanted ?? Math.min(100, Math.max(5, Math.ceil(Math.sqrt(most)))))) : 1;
  const whole = numbers.every((column) => column.every((value) => Number.isInteger(value) || Number.isNaN(value)));
  const shift = bins && Number.isFinite(Number(bins.start)) ? Number(bins.start) : whole && size >= 1 && !bins ? Math.floor(low / size) * size - 0.5 : Math.floor(low / size) * size;
  const count = Math.min(5000, Math.max(1, Math.floor((high - shift) / size + 1e-9) + 1));
  return traces.map((trace, i) => {
    const sums = new Array(count).fill(0);
    numbers[i].forEach((value, at) => {
      const bin = Math.floor((value - shift) / size + 1e-9);
      if (bin >= 0 && bin < count) sums[bin] += weight(trace, at);
    });
    return { ...barsOf(trace, sums.map((_, bin) => shift + (bin + 0.5) * size), normed(trace, sums, size)), bin: size };
  });
}

/** @param {any} trace */
export const isUpright = (trace) => (trace.orientation ? trace.orientation !== 'h' : trace.type === 'histogram' ? trace.x !== undefined || trace.y === undefined : trace.type === 'box' || trace.type === 'violin' ? trace.x === undefined || trace.y !== undefined : true);

/** Whether a histogram is one that is counted here. @param {any} trace */
export const canCount = (trace) => [undefined, 'count', 'sum'].includes(trace.histfunc) && !trace.cumulative?.enabled;

/** @param {any} trace @param {number} at */
function weight(trace, at) {
  if (trace.histfunc !== 'sum') return 1;
  return Number(list(isUpright(trace) ? trace.y : trace.x)[at]) || 0;
}

/** @param {any} trace @param {number[]} sums @param {number} size */
function normed(trace, sums, size) {
  const total = sums.reduce((a, b) => a + b, 0) || 1;
  const by = { percent: 100 / total, probability: 1 / total, density: 1 / size, 'probability density': 1 / (total * size) }[String(trace.histnorm)] ?? 1;
  return sums.map((sum) => sum * by);
}

/** @param {any} trace @param {any[]} places @param {number[]} heights */
const barsOf = (trace, places, heights) => ({ ...trace, type: 'bar', x: isUpright(trace) ? places : heights, y: isUpright(trace) ? heights : places, orientation: isUpright(trace) ? 'v' : 'h' });

/** Where the bars of several traces on one pair of axes stand and how high they are.
 * @param {any[]} traces @param {string} mode group, stack, relative or overlay
 * @returns {Map<any, Bar[]>} */
export function arranged(traces, mode) {
  const tops = new Map(), bottoms = new Map();
  const beside = mode === 'group' ? [...new Set(traces.map((trace) => trace.offsetgroup || trace))] : [];
  return new Map(traces.map((trace) => {
    const upright = isUpright(trace);
    const places = list(upright ? trace.x : trace.y), heights = list(upright ? trace.y : trace.x).map(Number);
    const along = places.length > 0 ? places : heights.map((_, i) => i);
    const slot = beside.indexOf(trace.offsetgroup || trace);
    const width = 1 / Math.max(1, beside.length);
    return [trace, heights.slice(0, along.length).map((height, i) => {
      const key = String(along[i]);
      const held = height < 0 ? bottoms : tops;
      const from = mode === 'stack' || mode === 'relative' ? held.get(key) ?? 0 : Number(list(trace.base)[i] ?? trace.base) || 0;
      const to = from + (Number.isFinite(height) ? height : 0);
      if (mode === 'stack' || mode === 'relative') held.set(key, to);
      return { along: along[i], from, to, width, shift: beside.length ? (slot + 0.5) * width - 0.5 : 0, title: key };
    })];
  }));
}

/** Quartiles, whiskers within one and a half times their distance, and what lies beyond. @param {number[]} values */
export function quartiles(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => {
    const place = (sorted.length - 1) * share, below = Math.floor(place);
    return sorted[below] + ((sorted[below + 1] ?? sorted[below]) - sorted[below]) * (place - below);
  };
  const [q1, median, q3] = [at(0.25), at(0.5), at(0.75)];
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return { q1, median, q3, low: inside[0], high: inside[inside.length - 1], beyond: sorted.filter((value) => value < q1 - reach || value > q3 + reach), n: sorted.length };
}
