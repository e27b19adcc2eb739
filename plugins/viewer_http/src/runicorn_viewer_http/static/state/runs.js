/** Details of single runs: fetched once, again when the run moves on; shared by every page. */
import { signal } from '@preact/signals';
import { ApiError, get, isAbort, seg } from '../api.js';
import { onNotice } from './live.js';

/** @typedef {import('../types').RunDetail} RunDetail */
/** @typedef {{data: RunDetail | null, error: ApiError | null}} Loaded */

/** Changes whenever any detail changes. */
export const detailsVersion = signal(0);
/** @type {Map<string, import('@preact/signals').Signal<Loaded>>} */
const details = new Map();
/** @type {Map<string, {timer: ReturnType<typeof setTimeout> | undefined, busy: boolean, stamp: string}>} */
const work = new Map();

/** The detail of a run as a signal, fetched when nobody had asked before. @param {string} id @param {string} [path] */
export function runDetail(id, path) {
  let found = details.get(id);
  if (!found) {
    found = signal({ data: null, error: null });
    details.set(id, found);
    refreshRun(id, path);
  }
  return found;
}

/** @param {string} id @param {string} [path] */
export async function refreshRun(id, path) {
  const target = details.get(id);
  if (!target) return;
  const state = work.get(id) ?? { timer: undefined, busy: false, stamp: '' };
  work.set(id, state);
  if (state.busy) return;
  state.busy = true;
  try {
    const data = await get(`runs/${seg(id)}`, { path }, { quiet: target.peek().data !== null });
    target.value = { data, error: null };
  } catch (error) {
    if (!isAbort(error) && error instanceof ApiError) target.value = { data: target.peek().data, error };
  } finally {
    state.busy = false;
    detailsVersion.value += 1;
  }
}

/**
 * Ask again when a row of the list says something new about a run whose detail is here.
 * @param {import('../types').ExperimentRow} row
 */
export function noticeRow(row) {
  if (!details.has(row.id)) return;
  const stamp = JSON.stringify([row.status, row.ended_at, row.tags, row.note, row.display_name, row.pinned]);
  const state = work.get(row.id) ?? { timer: undefined, busy: false, stamp: '' };
  work.set(row.id, state);
  if (state.stamp && state.stamp !== stamp) refreshRun(row.id, row.path);
  state.stamp = stamp;
}

onNotice((run, notice) => {
  const detail = details.get(run)?.peek().data;
  if (!detail) return;
  const names = new Set(detail.metrics.map((metric) => metric.key));
  const news = notice === null || Object.keys(notice.values).some((key) => !names.has(key));
  const state = work.get(run);
  if (!state) return;
  // numbers in tables may be a little older than curves; a new metric or status may not
  if (news) refreshRun(run, detail.path);
  else state.timer ??= setTimeout(() => { state.timer = undefined; refreshRun(run, detail.path); }, 2000);
});
