/**
 * Series for all panels: panels say what they want, wants of one view travel in few requests, answers are cached, and
 * what nobody wants any more is aborted. A run is known by its folder.
 */
import { ApiError, isAbort, isFarAway } from '../api.js';
import { viewKey } from '../charts/grid.js';
import { fetchCurves } from './curves.js';
import { onNotice, onResync } from './live.js';

/** @typedef {import('../types').Series} Series @typedef {import('../types').View} View */
/** @typedef {{id: string, path: string}} Source */
/** @typedef {{key: string, sources: Source[], view: View, update: () => void}} Want */
/** @typedef {{abort: AbortController, view: string, cells: Map<string, Set<string>>}} Flight cells: run to metrics */

const MOST_POINTS = 4_000_000;
/** Rows of one answer, about: more runs than that make several requests, and the first curves come sooner. */
const MOST_ROWS = 250_000;
/** More different sets of missing metrics than this travel as one. */
const MOST_SETS = 4;
/** @type {Set<Want>} */
const wants = new Set();
/** @type {Map<string, {series: Series, generation: number, rough: boolean}>} */
const cache = new Map();
/** @type {Set<Flight>} */
const flights = new Set();
/** How often a run has had news, by its id. @type {Map<string, number>} */
const generations = new Map();
/** Runs of a view whose last request failed, and when (ms) they may be asked for again. @type {Map<string, {error: ApiError, tries: number, until: number}>} */
const failures = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let points = 0;

/**
 * Register a want; `update` is called whenever one of its series has arrived. Returns the way to withdraw it.
 * @param {Want} want @param {number} [delay] ms to wait for the view to come to rest, as after a zoom
 */
export function want(want, delay = 8) {
  wants.add(want);
  schedule(delay);
  return () => { wants.delete(want); schedule(delay); };
}

/** The newest series that is here for a run (its folder), possibly older than the newest value. @param {string} run @param {string} key @param {View} view */
export const seriesFor = (run, key, view) => cache.get(cacheKey(run, key, viewKey(view)))?.series ?? null;

/** Why a run has no values on this view: what the viewer answered; not when it cannot be reached, the banner says that. @param {string} run @param {View} view */
export function failureFor(run, view) {
  const error = failures.get(`${run}\n${viewKey(view)}`)?.error;
  return error && error.status > 0 ? error : null;
}

/** Ask again now for what has failed. */
export function retrySeries() {
  failures.clear();
  schedule(8);
}

/** Ask again for everything: notices may have been missed. */
function refreshSeries() {
  failures.clear();
  for (const entry of cache.values()) entry.generation = -1;
  schedule(8);
}

/** @param {string} run @param {string} key @param {string} view */
const cacheKey = (run, key, view) => `${run}\n${key}\n${view}`;

/** @param {number} delay */
function schedule(delay) {
  clearTimeout(timer);
  timer = setTimeout(flush, delay);
}

function flush() {
  timer = undefined;
  /** What is wanted of a view: run to metrics. @type {Map<string, {view: View, sources: Map<string, Source>, cells: Map<string, Set<string>>}>} */
  const views = new Map();
  for (const { key, sources, view } of wants) {
    const text = viewKey(view);
    const asked = views.get(text) ?? { view, sources: new Map(), cells: new Map() };
    views.set(text, asked);
    for (const source of sources) {
      asked.sources.set(source.path, source);
      const keys = asked.cells.get(source.path);
      if (keys) keys.add(key);
      else asked.cells.set(source.path, new Set([key]));
    }
  }
  for (const flight of flights) {
    const asked = views.get(flight.view)?.cells;
    if (![...flight.cells.keys()].some((run) => asked?.has(run))) { flight.abort.abort(); flights.delete(flight); }
  }
  for (const name of failures.keys()) { const [run, view] = name.split('\n'); if (!views.get(view)?.cells.has(run)) failures.delete(name); }
  for (const [text, { view, sources, cells }] of views) {
    for (const [run, keys] of cells) {
      const generation = generations.get(sources.get(run)?.id ?? '') ?? 0;
      const late = performance.now() < (failures.get(`${run}\n${text}`)?.until ?? 0);
      // one request at a time for a run: values that come meanwhile are asked for when it is back
      const flying = [...flights].some((flight) => flight.view === text && flight.cells.has(run) && [...keys].some((key) => flight.cells.get(run)?.has(key)));
      for (const key of keys) if (late || flying || cache.get(cacheKey(run, key, text))?.generation === generation) keys.delete(key);
      if (keys.size === 0) cells.delete(run);
    }
    for (const part of requestsFor(cells, view)) fetchPart(text, view, part, sources);
  }
}

/** Runs that miss the same metrics share a request, up to a size. @param {Map<string, Set<string>>} cells @param {View} view @returns {Map<string, Set<string>>[]} */
function requestsFor(cells, view) {
  // curves come in the order in which their panels stand
  const order = [...new Set([...wants].map((one) => one.key))];
  /** @type {Map<string, string[]>} */
  const sets = new Map();
  for (const [run, keys] of cells) {
    const text = order.filter((key) => keys.has(key)).join('\n');
    sets.set(text, [...(sets.get(text) ?? []), run]);
  }
  const missing = new Set([...cells.values()].flatMap((keys) => [...keys]));
  const joined = sets.size > MOST_SETS ? new Map([[order.filter((key) => missing.has(key)).join('\n'), [...cells.keys()]]]) : sets;
  return [...joined].flatMap(([text, runs]) => {
    const keys = text.split('\n');
    const size = Math.max(1, Math.min(500, Math.floor(MOST_ROWS / (view.buckets * keys.length))));
    return Array.from({ length: Math.ceil(runs.length / size) }, (_, i) => new Map(runs.slice(i * size, (i + 1) * size).map((run) => [run, new Set(keys)])));
  });
}

/** @param {string} text the view @param {View} view @param {Map<string, Set<string>>} cells @param {Map<string, Source>} sources */
async function fetchPart(text, view, cells, sources) {
  const flight = { abort: new AbortController(), view: text, cells };
  flights.add(flight);
  const runs = [...cells.keys()];
  const keys = [...new Set([...cells.values()].flatMap((one) => [...one]))];
  const known = runs.map((run) => generations.get(sources.get(run)?.id ?? '') ?? 0);
  let again = true;
  try {
    const held = runs.flatMap((run) => keys.map((key) => cache.get(cacheKey(run, key, text))));
    const first = held.includes(undefined);
    // over a long way a picture comes first, and all digits when it is there
    const rough = isFarAway() && held.every((one) => one === undefined);
    const sharpens = held.some((one) => one?.rough);
    /** @type {Set<string>} */
    const left = new Set(keys);
    /** @type {Map<string, ApiError> | undefined} */
    let without;
    const arrived = (/** @type {string[]} */ some, /** @type {import('./curves.js').SeriesOf} */ seriesOf, /** @type {Map<string, ApiError>} */ leftOut = new Map()) => {
      // what was drawn of these stays, and their panels say why there is no more
      if (!without) for (const [run, error] of leftOut) failed([`${run}\n${text}`], error);
      without ??= leftOut;
      const whole = new Set(runs.filter((run) => !without?.has(run)));
      for (const run of whole) failures.delete(`${run}\n${text}`);
      for (const key of some) {
        left.delete(key);
        runs.forEach((run, i) => { if (whole.has(run)) store(cacheKey(run, key, text), seriesOf(run, key), rough ? -1 : known[i], rough); });
      }
      update(new Set(some), text, cells);
    };
    // metrics of one formula lie on one grid: what is sharper comes for all of them at once
    arrived([...left], await fetchCurves({ runs, keys, view, rough }, { signal: flight.abort.signal, quiet: !first }, sharpens ? undefined : arrived));
  } catch (error) {
    again = false;
    // without an answer the old picture stays
    if (!isAbort(error)) failed(runs.map((run) => `${run}\n${text}`), error instanceof ApiError ? error : new ApiError(500, 'unreadable', String(error)));
  } finally {
    flights.delete(flight);
  }
  if (!again) update(new Set(keys), text, cells);
  // values may have come, or panels opened, while this was on its way
  if (again && timer === undefined) schedule(8);
}

/** Tell whoever wants them. @param {Set<string>} keys @param {string} text the view @param {Map<string, Set<string>>} cells */
function update(keys, text, cells) {
  for (const one of [...wants]) if (keys.has(one.key) && viewKey(one.view) === text && one.sources.some((source) => cells.has(source.path))) one.update();
}

/** What the viewer refuses it will refuse again; everything else may pass. @param {string[]} names @param {ApiError} error */
function failed(names, error) {
  const tries = error.status > 0 ? Math.max(0, ...names.map((name) => failures.get(name)?.tries ?? 0)) + 1 : 0;
  const wait = error.status >= 400 && error.status < 500 ? Infinity : 2000 * 2 ** Math.min(Math.max(tries - 1, 0), 4);
  for (const name of names) failures.set(name, { error, tries, until: performance.now() + wait });
  if (wait < Infinity) setTimeout(() => schedule(8), wait);
}

/** @param {string} key @param {Series} series @param {number} generation @param {boolean} rough */
function store(key, series, generation, rough) {
  points += series.x.length - (cache.get(key)?.series.x.length ?? 0);
  cache.delete(key);
  cache.set(key, { series, generation, rough });
  for (const [old, entry] of cache) {
    if (points <= MOST_POINTS) break;
    cache.delete(old);
    points -= entry.series.x.length;
  }
}

/** @type {Map<string, number>} */
const bumped = new Map();
onNotice((run, notice) => {
  if (notice === null) return;
  generations.set(run, (generations.get(run) ?? 0) + 1);
  // at most four refetches a second and run, the first one at once
  const now = performance.now();
  const wait = Math.max(8, (bumped.get(run) ?? -Infinity) + 250 - now);
  bumped.set(run, now + wait);
  if (timer === undefined) schedule(wait);
});
onResync(refreshSeries);
