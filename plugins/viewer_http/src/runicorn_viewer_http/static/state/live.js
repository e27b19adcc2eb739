/** One socket for each visible running run. Sockets carry notices; whoever draws asks for the data. */
import { computed, signal } from '@preact/signals';
import { offline, seg, socketUrl } from '../api.js';

/** As many as the workspace draws. */
const MOST = 50;
/** @typedef {{last_step: number, values: Record<string, unknown>}} Notice */

/** Last notice of every run that has sent one. @type {import('@preact/signals').Signal<ReadonlyMap<string, Notice>>} */
export const notices = signal(new Map());
const open = signal(0);
const wanted = signal(0);
const hidden = signal(document.hidden);

/** 'offline', 'paused', 'idle', 'live' or 'reconnecting'. */
export const liveState = computed(() => {
  if (offline.value) return 'offline';
  if (wanted.value === 0) return 'idle';
  if (hidden.value) return 'paused';
  return open.value > 0 ? 'live' : 'reconnecting';
});

/** @type {Map<string, {socket: WebSocket | null, failures: number, timer: ReturnType<typeof setTimeout> | undefined}>} */
const links = new Map();
/** @type {Set<(run: string, notice: Notice | null) => void>} */
const listeners = new Set();

/** Hear of new values (a notice) and changed statuses (null). Returns the way to stop. @param {(run: string, notice: Notice | null) => void} fn */
export function onNotice(fn) {
  listeners.add(fn);
  return () => { listeners.delete(fn); };
}

/** Hold sockets for exactly these runs. @param {string[]} ids */
export function watchRuns(ids) {
  const keep = new Set(ids.slice(0, MOST));
  for (const id of links.keys()) if (!keep.has(id)) disconnect(id);
  for (const id of keep) if (!links.has(id)) connect(id);
  wanted.value = keep.size;
}

/** @param {string} id */
function connect(id) {
  const link = links.get(id) ?? { socket: null, failures: 0, timer: undefined };
  links.set(id, link);
  if (document.hidden) return;
  const socket = new WebSocket(socketUrl(`metrics/${seg(id)}/ws`));
  link.socket = socket;
  socket.onopen = () => { link.failures = 0; count(); };
  socket.onmessage = (event) => receive(id, JSON.parse(event.data));
  socket.onclose = () => {
    if (link.socket !== socket) return;
    link.socket = null;
    link.failures += 1;
    count();
    const delay = Math.min(500 * 2 ** (link.failures - 1), 15000) * (0.7 + Math.random() * 0.6);
    link.timer = setTimeout(() => { if (links.get(id) === link && !link.socket) connect(id); }, delay);
  };
}

/** @param {string} id */
function disconnect(id) {
  const link = links.get(id);
  links.delete(id);
  clearTimeout(link?.timer);
  const socket = link?.socket;
  if (link) link.socket = null;
  socket?.close();
  count();
}

function count() {
  open.value = [...links.values()].filter((link) => link.socket?.readyState === WebSocket.OPEN).length;
}

/** @param {string} id @param {{type: string, last_step?: number, values?: Record<string, unknown>}} message */
function receive(id, message) {
  if (message.type === 'metrics') {
    const notice = { last_step: message.last_step ?? 0, values: { ...notices.peek().get(id)?.values, ...message.values } };
    notices.value = new Map(notices.peek()).set(id, notice);
    for (const listener of listeners) listener(id, notice);
  } else if (message.type === 'status') {
    for (const listener of listeners) listener(id, null);
  }
}

document.addEventListener('visibilitychange', () => {
  hidden.value = document.hidden;
  for (const [id, link] of links) {
    if (!document.hidden && !link.socket) { clearTimeout(link.timer); connect(id); continue; }
    if (document.hidden) {
      const socket = link.socket;
      link.socket = null;
      socket?.close();
    }
  }
  count();
});
