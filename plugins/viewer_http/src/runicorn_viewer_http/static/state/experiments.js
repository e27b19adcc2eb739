/** The rows of all runs in view: told by the live socket, polled without one, kept while the viewer is away; unchanged rows keep their identity. */
import { computed, effect, signal, untracked } from '@preact/signals';
import { apiUrl, ApiError, isAbort, offline, request } from '../api.js';
import { assignColors } from '../charts/palette.js';
import { runHref } from '../router.js';
import { listed, onList, onResync, watchList } from './live.js';

/** @typedef {import('../types').ExperimentRow} Row */

/** Which project is polled; '' means all of them. */
const scope = signal('');
/** Rows of the scope, or null while the first answer is on its way. @type {import('@preact/signals').Signal<Row[] | null>} */
export const experiments = signal(null);
/** @type {import('@preact/signals').Signal<ApiError | null>} */
export const experimentsError = signal(null);
export const running = computed(() => (experiments.value ?? []).filter((row) => row.status === 'running'));

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {AbortController | null} */
let inFlight = null;
/** Whether something happened while the list was on its way. */
let stale = false;
/** @type {Map<string, {text: string, row: Row}>} */
let known = new Map();
let failures = 0;
/** When the list was asked for last. */
let asked = -Infinity;
const SOON = 1000;
/** The list comes by itself; it is asked for now and then all the same. */
const CALM = 30_000;

/** Poll one project (or '' for all) from now on. @param {string} project */
export function watchExperiments(project) {
  if (scope.peek() !== project) {
    scope.value = project;
    experiments.value = null;
    known = new Map();
    watchList(project);
  }
  refreshExperiments();
}

onResync(() => { void refreshExperiments(); });
onList(({ changed, gone }) => {
  const rows = experiments.peek();
  if (!rows || !changed || gone?.length || changed.some((one) => !known.has(one.path))) { soon(); return; }
  const news = new Map(changed.map((one) => [one.path, one]));
  take(rows.map((row) => { const one = news.get(row.path); return one ? merged(row, one) : row; }));
});
// without a socket the list is asked for at once, which also finds out whether the viewer is there
effect(() => { if (!listed.value && experiments.peek() !== null && !document.hidden) untracked(soon); });

/** What a notice says of a row. @param {Row} row @param {any} one @returns {Row} */
const merged = (row, one) => ({
  ...row, status: one.status, display_name: one.display_name, tags: one.tags, pinned: one.pinned, archived: one.archived, ended_at: one.ended_at, duration_s: one.duration_s,
  best_metric: one.best === null ? row.best_metric : { name: one.best_metric, mode: row.best_metric?.mode ?? null, step: row.best_metric?.step ?? null, value: one.best },
});

/** Ask within a second, however often it is said; a list that takes longer than that to come is waited for. */
function soon() {
  if (inFlight) { stale = true; return; }
  clearTimeout(timer);
  timer = setTimeout(refreshExperiments, Math.max(0, asked + SOON - performance.now()));
}

/** Ask again at once: after a change that this page made, or when the reader asks. */
export async function refreshExperiments() {
  clearTimeout(timer);
  inFlight?.abort();
  const mine = new AbortController();
  inFlight = mine;
  stale = false;
  asked = performance.now();
  try {
    /** @type {Row[]} */
    const rows = await request(apiUrl('experiments', { project: scope.peek() }), { signal: mine.signal, quiet: experiments.peek() !== null });
    take(rows);
    experimentsError.value = null;
    failures = 0;
  } catch (error) {
    if (isAbort(error)) return;
    failures += 1;
    if (error instanceof ApiError && error.code !== 'network') experimentsError.value = error;
  }
  if (inFlight !== mine) return;
  inFlight = null;
  if (stale && failures === 0) soon();
  else schedule();
}

function schedule() {
  clearTimeout(timer);
  if (document.hidden) return;
  const calm = listed.peek() ? CALM : running.peek().length > 0 ? 2000 : 5000;
  timer = setTimeout(refreshExperiments, failures ? Math.min(500 * 2 ** failures, 5000) : calm);
}

document.addEventListener('visibilitychange', () => { if (!document.hidden) refreshExperiments(); else clearTimeout(timer); });

/** @param {Row[]} rows */
function take(rows) {
  /** @type {typeof known} */
  const next = new Map();
  let changed = rows.length !== (experiments.peek()?.length ?? -1);
  const kept = rows.map((row, i) => {
    // the heartbeat alone is no news worth a new picture
    const text = JSON.stringify({ ...row, heartbeat_at: 0, duration_s: row.status === 'running' ? 0 : row.duration_s });
    const old = known.get(row.path);
    const same = old && old.text === text ? old.row : row;
    next.set(row.path, { text, row: same });
    if (same !== experiments.peek()?.[i]) changed = true;
    return same;
  });
  known = next;
  if (!changed) return;
  assignColors(kept);
  experiments.value = kept;
}

export { offline };

/** Counts of the names of a page that does not hold the list, as the table. @type {import('@preact/signals').Signal<ReadonlyMap<string, number>>} */
const noted = signal(new Map());

/** @param {{project: string, name: string}[]} rows all runs of a project @returns {Map<string, number>} */
function countNames(rows) {
  const counts = new Map();
  for (const { project, name } of rows) counts.set(`${project}\n${name}`, (counts.get(`${project}\n${name}`) ?? 0) + 1);
  return counts;
}

/** Runs are called the same on every page. @param {{project: string, name: string}[]} rows all runs of a project */
export function noteNames(rows) {
  noted.value = new Map([...noted.peek(), ...countNames(rows)]);
}

/** How many runs of the scope carry one experiment's name. */
const sameName = computed(() => new Map([...noted.value, ...countNames(experiments.value ?? [])]));
/** Ids that more than one folder of the scope carries. */
const sharedIds = computed(() => {
  const seen = new Set();
  return new Set((experiments.value ?? []).filter(({ id }) => seen.size === seen.add(id).size).map(({ id }) => id));
});

/** How addresses name a run: by its id, or by its folder where two folders carry the id. @param {{id: string, path: string}} run */
export const handleOf = (run) => (sharedIds.peek().has(run.id) ? run.path : run.id);

/** The address of a run's page, which names its folder where its id is not enough. @param {{id: string, path: string}} run */
export const hrefOf = (run) => `${runHref(run)}${sharedIds.value.has(run.id) ? `?${new URLSearchParams({ path: run.path })}` : ''}`;

const MADE_ID = /^\d{8}_\d{6}_([0-9a-f]{6})$/;

/**
 * The name that people read: the one they gave; else an id they chose; else the experiment's name, with the end of
 * the id where several runs share it. Where two folders carry one id, the folder stands behind it.
 * @param {{id: string, project: string, name: string, path?: string, display_name?: string | null}} row
 */
export function titleOf(row) {
  return row.path && sharedIds.value.has(row.id) ? `${ownTitle(row)} (${row.path})` : ownTitle(row);
}

/** @param {{id: string, project: string, name: string, display_name?: string | null}} row */
function ownTitle(row) {
  if (row.display_name) return row.display_name;
  const made = MADE_ID.exec(row.id);
  if (!made) return row.id;
  return (sameName.value.get(`${row.project}\n${row.name}`) ?? 2) > 1 ? `${made[1]} ${row.name}` : row.name;
}
