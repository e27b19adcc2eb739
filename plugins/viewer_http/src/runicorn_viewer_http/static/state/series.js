/**
 * Series for all panels: panels say what they want, wants of one run and one view travel in one request, answers
 * are cached, and what nobody wants any more is aborted.
 */
import { ApiError, get, isAbort, seg } from '../api.js';
import { seriesOf, viewKey } from '../charts/grid.js';
import { onNotice } from './live.js';

/** @typedef {import('../types').Series} Series @typedef {import('../types').View} View */
/** @typedef {{id: string, path: string, origin: number}} Source */
/** @typedef {{key: string, sources: Source[], view: View, update: () => void}} Want */

const MOST_POINTS = 4_000_000;
/** @type {Set<Want>} */
const wants = new Set();
/** @type {Map<string, {series: Series, generation: number}>} */
const cache = new Map();
/** @type {Map<string, {abort: AbortController, keys: Set<string>, run: string, view: string}>} */
const flights = new Map();
/** @type {Map<string, number>} */
const generations = new Map();
/** Groups whose last request failed, and when (ms) they may be asked for again. @type {Map<string, {error: ApiError, tries: number, until: number}>} */
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

/** Ask again for everything, after the viewer was away. */
export function refreshSeries() {
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
  /** @type {Map<string, {source: Source, view: View, missing: Set<string>}>} */
  const groups = new Map();
  for (const { key, sources, view } of wants) {
    for (const source of sources) {
      const text = viewKey(view);
      const group = groups.get(`${source.path}\n${text}`) ?? { source, view, missing: new Set() };
      groups.set(`${source.path}\n${text}`, group);
      const cached = cache.get(cacheKey(source.path, key, text));
      if (!cached || cached.generation !== (generations.get(source.id) ?? 0)) group.missing.add(key);
    }
  }
  for (const [name, flight] of flights) if (!groups.has(`${flight.run}\n${flight.view}`)) { flight.abort.abort(); flights.delete(name); }
  for (const name of failures.keys()) if (!groups.has(name)) failures.delete(name);
  for (const [name, group] of groups) {
    if (performance.now() < (failures.get(name)?.until ?? 0)) continue;
    const flying = flights.get(name);
    for (const key of flying?.keys ?? []) group.missing.delete(key);
    if (group.missing.size > 0 && !flying) fetchGroup(name, group);
  }
}

/** @param {string} name @param {{source: Source, view: View, missing: Set<string>}} group */
async function fetchGroup(name, { source, view, missing }) {
  const abort = new AbortController();
  const generation = generations.get(source.id) ?? 0;
  const keys = [...missing].sort();
  const flight = { abort, keys: missing, run: source.path, view: viewKey(view) };
  flights.set(name, flight);
  let again = true;
  try {
    const first = !cache.has(cacheKey(source.path, keys[0], viewKey(view)));
    const answer = await get(`metrics/${seg(source.id)}`, {
      keys, x: view.x, from: view.from, to: view.to, buckets: view.buckets, counts: 'true', path: source.path, ...(view.log && { log_x: 'true' }),
    }, { signal: abort.signal, quiet: !first });
    failures.delete(name);
    for (const key of keys) store(cacheKey(source.path, key, viewKey(view)), seriesOf(answer, key, view.x, source.origin), generation);
  } catch (error) {
    again = false;
    // without an answer the old picture stays
    if (!isAbort(error)) failed(name, error instanceof ApiError ? error : new ApiError(500, 'unreadable', String(error)));
  } finally {
    if (flights.get(name) === flight) flights.delete(name);
  }
  for (const one of wants) if (missing.has(one.key) && one.sources.some((s) => s.path === source.path)) one.update();
  // values may have come, or panels opened, while this was on its way
  if (again && timer === undefined) schedule(8);
}

/** What the viewer refuses it will refuse again; everything else may pass. @param {string} name @param {ApiError} error */
function failed(name, error) {
  const tries = error.status > 0 ? (failures.get(name)?.tries ?? 0) + 1 : 0;
  const wait = error.status >= 400 && error.status < 500 ? Infinity : 2000 * 2 ** Math.min(Math.max(tries - 1, 0), 4);
  failures.set(name, { error, tries, until: performance.now() + wait });
  if (wait < Infinity) setTimeout(() => schedule(8), wait);
}

/** @param {string} key @param {Series} series @param {number} generation */
function store(key, series, generation) {
  points += series.x.length - (cache.get(key)?.series.x.length ?? 0);
  cache.delete(key);
  cache.set(key, { series, generation });
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
