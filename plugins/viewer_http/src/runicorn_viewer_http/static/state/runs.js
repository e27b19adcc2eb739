/**
 * Details of single runs: fetched once, again when the run moves on; shared by every page. A run is known by its
 * folder, since two folders may carry one id; by its id alone where nothing else is known.
 */
import { signal } from '@preact/signals';
import { ApiError, apiUrl, get, isAbort, request, seg } from '../api.js';
import { onNotice } from './live.js';

/** @typedef {import('../types').RunDetail} RunDetail */
/** @typedef {{data: RunDetail | null, error: ApiError | null}} Loaded */

/** Changes whenever any detail changes. */
export const detailsVersion = signal(0);
/** @type {Map<string, import('@preact/signals').Signal<Loaded>>} */
const details = new Map();
/** @param {string} id @param {string} [path] */
const keyOf = (id, path) => path ?? id;
/** `again`: what is asked for after that, as something happened meanwhile. @type {Map<string, {timer: ReturnType<typeof setTimeout> | undefined, busy: Promise<void> | null, again: Promise<void> | null, stamp: string}>} */
const work = new Map();

/** The detail of a run as a signal, fetched when nobody had asked before. @param {string} id @param {string} [path] */
export function runDetail(id, path) {
  let found = details.get(keyOf(id, path));
  if (!found) {
    found = signal({ data: null, error: null });
    details.set(keyOf(id, path), found);
    refreshRun(id, path);
  }
  return found;
}

/** Ask again, where the run has been asked for: by its folder, or by its id alone. @param {string} id @param {string} [path] */
export async function refreshRun(id, path) {
  const byId = details.get(id)?.peek();
  await Promise.all([path && fetchRun(path, id, path), (!path || byId?.data === null || byId?.data.path === path) && fetchRun(id, id, undefined)]);
}

/** @param {string} key @param {string} id @param {string | undefined} path */
async function fetchRun(key, id, path) {
  const target = details.get(key);
  if (!target) return;
  const state = workOf(key);
  if (state.busy) {
    state.again ??= state.busy.then(() => { state.again = null; return fetchRun(key, id, path); });
    await state.again;
    return;
  }
  state.busy = take(target, id, path).finally(() => { state.busy = null; announce(); });
  await state.busy;
}

/** @param {import('@preact/signals').Signal<Loaded>} target @param {string} id @param {string | undefined} path */
async function take(target, id, path) {
  try {
    const quiet = target.peek().data !== null;
    const data = path ? await together(path, quiet) : /** @type {RunDetail} */ (await get(`runs/${seg(id)}`, {}, { quiet }));
    target.value = { data, error: null };
  } catch (error) {
    if (!isAbort(error) && error instanceof ApiError) target.value = { data: target.peek().data, error };
  }
}

/** Runs of one request: a page of hundreds shows the first ones before it has all. */
const PORTION = 50;
/** @typedef {{path: string, quiet: boolean, done: (run: RunDetail) => void, fail: (error: unknown) => void}} Asked */
/** @type {Asked[]} */
let waiting = [];

/** The detail of a run, asked for together with all others that are asked for at this moment. @param {string} path @param {boolean} quiet @returns {Promise<RunDetail>} */
const together = (path, quiet) => new Promise((done, fail) => {
  if (waiting.push({ path, quiet, done, fail }) === 1) setTimeout(send);
});

/** The newest runs of a project, asked for before anybody knew their names. @type {Promise<RunDetail[]> | null} */
let expected = null;

/** Ask for what a page of a project most likely shows, at once: over a long way the list alone takes a while. @param {string} project */
export function expectRuns(project) {
  if (details.size > 0) return;
  expected = fetchDetails({ project, limit: PORTION }, true).catch(() => []);
}

function send() {
  const [all, early] = [waiting, expected];
  [waiting, expected] = [[], null];
  for (let from = 0; from < all.length; from += PORTION) void ask(all.slice(from, from + PORTION), from === 0 ? early : null);
}

/** @param {object} body @param {boolean} quiet @returns {Promise<RunDetail[]>} */
const fetchDetails = async (body, quiet) => (await request(apiUrl('v2/details'), { method: 'POST', body, quiet })).runs;

/** @param {Asked[]} all @param {Promise<RunDetail[]> | null} early */
async function ask(all, early) {
  const here = new Map((await early ?? []).map((run) => [run.path, run]));
  for (const { path, done } of all) { const run = here.get(path); if (run) done(run); }
  const asked = all.filter((one) => !here.has(one.path));
  if (asked.length === 0) return;
  try {
    const found = new Map((await fetchDetails({ runs: asked.map((one) => one.path) }, asked.every((one) => one.quiet))).map((run) => [run.path, run]));
    for (const { path, done, fail } of asked) {
      const run = found.get(path);
      if (run) done(run);
      else fail(new ApiError(404, 'run-not-found', path));
    }
  } catch (error) {
    for (const { fail } of asked) fail(error);
  }
}

let announced = false;
/** Once for all details that come at the same moment. */
function announce() {
  if (announced) return;
  announced = true;
  setTimeout(() => { announced = false; detailsVersion.value += 1; });
}

/** @param {string} key */
function workOf(key) {
  const state = work.get(key) ?? { timer: undefined, busy: null, again: null, stamp: '' };
  work.set(key, state);
  return state;
}

/**
 * Ask again when a row of the list says something new about a run whose detail is here.
 * @param {import('../types').ExperimentRow} row
 */
export function noticeRow(row) {
  if (!details.has(row.path) && details.get(row.id)?.peek().data?.path !== row.path) return;
  const stamp = JSON.stringify([row.status, row.ended_at, row.tags, row.note, row.display_name, row.pinned]);
  const state = workOf(row.path);
  if (state.stamp && state.stamp !== stamp) refreshRun(row.id, row.path);
  state.stamp = stamp;
}

onNotice((run, notice) => {
  for (const loaded of details.values()) {
    const detail = loaded.peek().data;
    if (detail?.id !== run) continue;
    const names = new Set(detail.metrics.map((metric) => metric.key));
    const news = notice === null || Object.keys(notice.values).some((key) => !names.has(key));
    const state = workOf(detail.path);
    // numbers in tables may be a little older than curves; a new metric or status may not
    if (news) refreshRun(run, detail.path);
    else state.timer ??= setTimeout(() => { state.timer = undefined; refreshRun(run, detail.path); }, 2000);
  }
});
