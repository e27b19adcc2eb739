/**
 * What changes, as it changes: one socket a page, `/api/live`; where none can be had, `/api/v2/changes` is asked every two
 * seconds. Both carry notices; whoever draws asks for the data. Nothing is lost while the page is hidden or the
 * connection is gone: the first answer afterwards tells what came meanwhile, or that everything is to be asked for again.
 */
import { computed, signal } from '@preact/signals';
import { get, offline, socketUrl } from '../api.js';

/** Subscriptions that the viewer takes from one client, less that of the list. */
const MOST = 499;
const POLL_MS = 2000;
/** Sockets that fail in a row before the page asks instead; it goes on trying. */
const MOST_FAILURES = 3;
/** @typedef {{last_step: number, values: Record<string, unknown>}} Notice */
/** @typedef {{seq: number, epoch: string, resync?: boolean, notices: any[]}} Message */

/** Last notice of every run that has sent one, by its id. @type {import('@preact/signals').Signal<ReadonlyMap<string, Notice>>} */
export const notices = signal(new Map());
/** Whether the list of runs comes by itself. */
export const listed = signal(false);
/** @type {import('@preact/signals').Signal<'closed' | 'open' | 'polling'>} */
const link = signal('closed');
const wanted = signal(0);
const hidden = signal(document.hidden);

/** How many runs are followed. */
export const following = computed(() => wanted.value);

/** 'offline', 'paused', 'idle', 'live', 'polling' or 'reconnecting'. */
export const liveState = computed(() => {
  if (offline.value) return 'offline';
  if (wanted.value === 0) return 'idle';
  if (hidden.value) return 'paused';
  return { open: 'live', polling: 'polling', closed: 'reconnecting' }[link.value];
});

/** @type {string[]} */
let runs = [];
/** The project whose list is followed ('' for all), or null. @type {string | null} */
let list = null;
/** @type {WebSocket | null} */
let socket = null;
let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Where the page is in the viewer's count of news. @type {{seq: number, epoch: string} | null} */
let place = null;

/** @type {Set<(run: string, notice: Notice | null) => void>} */
const listeners = new Set();
/** @typedef {{changed: any[] | null, gone: string[] | null}} ListNews null where there is too much to tell */
/** @type {Set<(news: ListNews) => void>} */
const listListeners = new Set();
/** Statuses that have been told, by folder. @type {Map<string, string>} */
const statuses = new Map();
/** By the name of the topic. @type {Map<string, Set<() => void>>} */
const topicListeners = new Map();
/** @type {Set<() => void>} */
const resyncs = new Set();

/** Hear of new values (a notice) and changed statuses (null) of runs, by id. Returns the way to stop. @param {(run: string, notice: Notice | null) => void} fn */
export const onNotice = (fn) => subscribe(listeners, fn);
/** Hear that rows of the list have changed. @param {(news: ListNews) => void} fn */
export const onList = (fn) => subscribe(listListeners, fn);
/** Hear of news of something that a plugin offers, by its name; followed as long as somebody hears. @param {string} name @param {() => void} fn */
export function onTopic(name, fn) {
  const hearing = topicListeners.get(name) ?? new Set();
  topicListeners.set(name, hearing.add(fn));
  if (hearing.size === 1) say();
  return () => {
    hearing.delete(fn);
    if (hearing.size || topicListeners.get(name) !== hearing) return;
    topicListeners.delete(name);
    say();
  };
}
/** Hear that notices may have been missed: everything is to be asked for again. @param {() => void} fn */
export const onResync = (fn) => subscribe(resyncs, fn);

/** @template T @param {Set<T>} set @param {T} fn */
function subscribe(set, fn) {
  set.add(fn);
  return () => { set.delete(fn); };
}

/** Follow exactly these runs. @param {string[]} ids */
export function watchRuns(ids) {
  const next = ids.slice(0, MOST);
  wanted.value = next.length;
  if (next.join('\n') === runs.join('\n')) return;
  runs = next;
  say();
}

/** Follow the list of one project, or of all with ''. @param {string} project */
export function watchList(project) {
  if (project === list) return;
  list = project;
  say();
}

const topics = () => [...(list === null ? [] : [`runs:${list}`]), ...runs.map((id) => `metrics:${id}`), ...[...topicListeners.keys()].map((name) => `topic:${name}`)];

/** Tell the viewer what is followed now. */
function say() {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ sub: topics(), ...place }));
  else if (socket === null && link.peek() !== 'polling') { clearTimeout(timer); connect(); }
}

function connect() {
  if (document.hidden || topics().length === 0) return;
  const mine = new WebSocket(socketUrl('live'));
  socket = mine;
  mine.onopen = () => {
    failures = 0;
    link.value = 'open';
    mine.send(JSON.stringify({ sub: topics(), ...place }));
  };
  mine.onmessage = (event) => receive(JSON.parse(event.data));
  mine.onclose = () => {
    if (socket !== mine) return;
    socket = null;
    listed.value = false;
    failures += 1;
    if (failures >= MOST_FAILURES) { link.value = 'polling'; void poll(); return; }
    link.value = 'closed';
    timer = setTimeout(connect, Math.min(500 * 2 ** (failures - 1), 15000) * (0.7 + Math.random() * 0.6));
  };
}

/** Ask for what a socket would tell, and every tenth time for a socket again. @param {number} [times] */
async function poll(times = 1) {
  if (document.hidden || link.peek() !== 'polling') return;
  if (times % 10 === 0) { link.value = 'closed'; connect(); return; }
  try {
    receive(await get('v2/changes', { sub: topics(), ...place }, { quiet: true }));
  } catch { /* the banner says that the viewer does not answer */ }
  timer = setTimeout(() => poll(times + 1), POLL_MS);
}

/** @param {Message} message */
function receive({ seq, epoch, resync = false, notices: news }) {
  place = { seq, epoch };
  listed.value = true;
  if (resync) for (const listener of [...resyncs, ...[...topicListeners.values()].flatMap((set) => [...set])]) listener();
  const latest = new Map(notices.peek());
  let changed = false;
  for (const one of news) {
    if (one.t !== 'metrics') continue;
    changed = true;
    latest.set(one.run, { last_step: one.last_step ?? 0, values: { ...latest.get(one.run)?.values, ...one.last } });
  }
  if (changed) notices.value = latest;
  for (const one of news) {
    if (one.t === 'metrics') for (const listener of listeners) listener(one.run, /** @type {Notice} */ (latest.get(one.run)));
    if (one.t === 'topic') for (const listener of [...topicListeners.get(one.topic) ?? []]) listener();
    if (one.t !== 'runs') continue;
    for (const listener of listListeners) listener(one);
    for (const { run, path, status } of one.changed ?? []) {
      if (statuses.get(path) === status) continue;
      statuses.set(path, status);
      for (const listener of listeners) listener(run, null);
    }
  }
}

document.addEventListener('visibilitychange', () => {
  hidden.value = document.hidden;
  clearTimeout(timer);
  if (document.hidden) {
    const open = socket;
    socket = null;
    listed.value = false;
    link.value = 'closed';
    open?.close();
  } else if (!socket) {
    failures = 0;
    connect();
  }
});
