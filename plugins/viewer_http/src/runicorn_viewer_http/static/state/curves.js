/** Curves of many runs and metrics in one Arrow stream, read without copying what needs no change. */
import { tableFromIPC } from '@uwdata/flechette';
import { ApiError, apiUrl, request } from '../api.js';
import { emptySeries } from '../charts/combine.js';
import { recordBatches } from './arrow-messages.js';

/** @typedef {import('../types').Series} Series @typedef {import('../types').View} View */
/** @typedef {{origin: number, width: number, log_x: boolean, runs: {name: string}[], keys: string[], series: number[][], same?: Record<string, string | number>, missing: string[], unreadable: Record<string, string>}} Head `same`: columns that equal another one, or are one number */
/** @typedef {(run: string, key: string) => Series} SeriesOf */
/** @typedef {(keys: string[], seriesOf: SeriesOf, leftOut: Map<string, ApiError>) => void} Arrived all curves of these metrics are here, but of the runs that are left out: why */
/** @typedef {Record<'bucket' | 'x_first' | 'x_last' | 'first' | 'min' | 'max' | 'last' | 'mean' | 'n_nan' | 'n_posinf' | 'n_neginf', any>} Columns */

const ARROW = 'application/vnd.apache.arrow.stream';
const NAMES = /** @type {const} */ (['bucket', 'x_first', 'x_last', 'first', 'min', 'max', 'last', 'mean', 'n_nan', 'n_posinf', 'n_neginf']);

/** Buckets of a rough answer at most. */
const ROUGH_BUCKETS = 256;

/**
 * @param {{runs: string[], keys: string[], view: View, rough?: boolean}} asked runs by their folders; infinite ends of the view are open; `rough`: no more than a picture needs
 * @param {{signal: AbortSignal, quiet: boolean}} options
 * @param {Arrived} [arrived] told while the answer comes
 * @returns {Promise<SeriesOf>} an empty series where a run has nothing of a metric
 */
export function fetchCurves({ runs, keys, view, rough = false }, options, arrived) {
  const buckets = rough ? Math.min(view.buckets, ROUGH_BUCKETS) : view.buckets;
  const body = { runs, keys, x: view.x, range: [view.from, view.to], buckets, log_x: view.log, precision: rough ? 'picture' : view.exact ? 'float64' : 'float32' };
  return request(apiUrl('v2/metrics'), { ...options, method: 'POST', body, accept: ARROW, read: (answer) => readCurves(/** @type {ReadableStream<Uint8Array>} */ (answer.body), arrived) });
}

/** @param {ReadableStream<Uint8Array>} body @param {Arrived} [arrived] @returns {Promise<SeriesOf>} */
export async function readCurves(body, arrived = () => {}) {
  /** @type {Map<string, Series>} */
  const found = new Map();
  /** @type {SeriesOf} */
  const seriesOf = (run, key) => found.get(`${run}\n${key}`) ?? emptySeries(0);
  /** @type {Head | undefined} */
  let head;
  let [next, rows] = [0, 0];
  for await (const part of recordBatches(body)) {
    const table = tableFromIPC(part, { useProxy: false });
    head ??= /** @type {Head} */ (JSON.parse(table.schema.metadata?.get('runicorn') ?? '{}'));
    const { runs, keys, series, same = {} } = head;
    const column = (/** @type {string} */ name) => {
      const other = same[name] ?? name;
      return typeof other === 'number' ? new Uint32Array(table.numRows).fill(other) : table.getChild(other).toArray();
    };
    const columns = /** @type {Columns} */ (Object.fromEntries(NAMES.map((name) => [name, column(name)])));
    const [begin, end] = [next, rows + table.numRows];
    for (; next < series.length && series[next][2] < end; next += 1) {
      found.set(`${runs[series[next][0]].name}\n${keys[series[next][1]]}`, seriesIn(columns, head, series[next], rows));
    }
    rows = end;
    const [here, coming] = [series.slice(begin, next), series.slice(next)].map((places) => new Set(places.map((place) => place[1])));
    arrived(keys.filter((_, i) => here.has(i) && !coming.has(i)), seriesOf, leftOutOf(head));
  }
  if (head === undefined || next < head.series.length) throw new ApiError(500, 'unreadable', 'the answer was cut off');
  return seriesOf;
}

/** @param {Head} head @returns {Map<string, ApiError>} */
const leftOutOf = (head) => new Map([
  ...head.missing.map((run) => /** @type {[string, ApiError]} */ ([run, new ApiError(404, 'run-not-found', run)])),
  ...Object.entries(head.unreadable).map(([run, reason]) => /** @type {[string, ApiError]} */ ([run, new ApiError(503, 'storage-error', reason)])),
]);

/** @param {Columns} columns @param {Head} head @param {number[]} place run, key, offset, length, points, whether each row is one point @param {number} before rows before these columns @returns {Series} */
function seriesIn(columns, head, [, , offset, n, , raw], before) {
  const part = (/** @type {typeof NAMES[number]} */ name) => columns[name].subarray(offset - before, offset - before + n);
  const [steps, begin, at] = [part('bucket'), part('x_first'), part('x_last')];
  const bucket = new Float64Array(n);
  const x = new Float64Array(n);
  const first = Math.round(head.origin / head.width);
  for (let i = 0; i < n; i += 1) {
    bucket[i] = first + steps[i];
    const middle = (bucket[i] + 0.5) * head.width;
    // one point stands where it was logged, several at the middle of their bucket, and nothing after its last value
    x[i] = begin[i] === at[i] ? at[i] : Math.min(head.log_x ? 10 ** middle : middle, at[i]);
  }
  /** @type {Series} */
  const series = { x, at, bucket, raw: raw === 1, first: part('first'), min: part('min'), max: part('max'), last: part('last'), mean: part('mean'), bad: [] };
  markBad(series, part('n_nan'), part('n_posinf'), part('n_neginf'));
  return series;
}

/**
 * What was no number is a mark and not a place on the y axis. A bucket of NaN and infinity alone is a gap: its entry
 * lifts the pen.
 * @param {Series} series @param {Uint32Array} nan @param {Uint32Array} up @param {Uint32Array} down
 */
function markBad(series, nan, up, down) {
  for (let i = 0; i < nan.length; i += 1) {
    if (nan[i] > 0) series.bad.push({ x: series.x[i], kind: 'nan' });
    if (up[i] > 0 || down[i] > 0) series.bad.push({ x: series.x[i], kind: 'inf' });
  }
  if (series.bad.length === 0) return;
  for (const name of /** @type {const} */ (['first', 'last'])) {
    const own = series[name].slice();
    for (let i = 0; i < own.length; i += 1) if (!Number.isFinite(own[i])) own[i] = series.mean[i];
    series[name] = own;
  }
}
