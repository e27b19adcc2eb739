/** The lines of one run's log: pages on demand, new lines as they are written, or only matching lines. */
import { signal } from '@preact/signals';
import { ApiError, get, isAbort, seg, socketUrl } from '../api.js';
import { tracebacksIn } from './tracebacks.js';

const PAGE = 500;
const MOST_MATCHES = 5000;
/** @typedef {import('../types').LogLine} LogLine @typedef {import('../types').LogPage} LogPage */

/** @param {{id: string, path: string}} run */
export function openLog(run) {
  /** Changes when there is something new to draw. */
  const version = signal(0);
  /** @type {import('@preact/signals').Signal<ApiError | null>} */
  const error = signal(null);
  /** Number of lines, null while unknown. @type {import('@preact/signals').Signal<number | null>} */
  const size = signal(null);
  /** @type {import('@preact/signals').Signal<LogLine[] | null>} */
  const matches = signal(null);
  /** Whether there are more matches than are shown. */
  const more = signal(false);
  /** @type {Map<number, LogLine>} */
  const lines = new Map();
  /** By the first line. @type {Map<number, import('./tracebacks.js').Fold>} */
  const folds = new Map();
  /** @type {Set<number>} */
  const asked = new Set();
  const closing = new AbortController();
  let matching = new AbortController();
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;
  /** Ends the wait for the page to be looked at. */
  let waiting = new AbortController();

  /** @param {Record<string, unknown>} params @param {AbortSignal} abort @returns {Promise<LogPage>} */
  const fetchPage = (params, abort) => get(`runs/${seg(run.id)}/logs`, { ...params, path: run.path }, { signal: abort, quiet: size.peek() !== null });

  /** What failed last, to be done again. */
  let again = () => {};
  /** @param {unknown} failed @param {() => void} action */
  const fail = (failed, action) => {
    if (isAbort(failed) || !(failed instanceof ApiError)) return;
    again = action;
    error.value = failed;
  };

  /** A traceback that reaches into these lines may begin on the page before. @param {number} from @param {number} to */
  function fold(from, to) {
    for (const one of tracebacksIn((n) => lines.get(n), Math.max(0, from - PAGE), to)) folds.set(one.head, one);
  }

  /** @param {LogPage} page */
  function take(page) {
    for (const line of page.lines) lines.set(line.n, line);
    if (page.lines.length > 0) fold(page.lines[0].n, page.lines[page.lines.length - 1].n);
    size.value = Math.max(size.peek() ?? 0, page.size);
    error.value = null;
    version.value += 1;
  }

  /** Read the end of the log: where a reader begins. */
  /** @type {() => void} */
  const start = () => { fetchPage({ tail: PAGE }, closing.signal).then(take, (failed) => fail(failed, start)); };

  /** Make sure that lines from..to are here or on their way. @param {number} from @param {number} to */
  function need(from, to) {
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page += 1) {
      const first = Math.max(page * PAGE, 0);
      const last = Math.min(first + PAGE, size.peek() ?? 0);
      let n = first;
      while (n < last && lines.has(n)) n += 1;
      if (n >= last || asked.has(page)) continue;
      asked.add(page);
      fetchPage({ offset: first, limit: PAGE }, closing.signal).then(take, (failed) => fail(failed, () => need(from, to))).finally(() => asked.delete(page));
    }
  }

  /** What is being matched, and the line from which on it has not been looked for. */
  let wanted = { q: '', stream: '', next: 0 };

  /**
   * Find the lines with a text, or of a stream; both empty: none are looked for. Asked for the same again, only
   * lines that came since are looked at.
   * @param {string} q @param {string} stream
   */
  async function match(q, stream) {
    matching.abort();
    matching = new AbortController();
    const mine = matching;
    const same = wanted.q === q && wanted.stream === stream && matches.peek() !== null;
    if (!same) wanted = { q, stream, next: 0 };
    if (!q && !stream) { matches.value = null; return; }
    if (same && more.peek()) return;
    try {
      const found = same ? [...(matches.peek() ?? [])] : [];
      for (;;) {
        const page = await fetchPage({ q, stream, offset: wanted.next, limit: 1000 }, mine.signal);
        if (mine.signal.aborted) return;
        found.push(...page.lines);
        wanted.next = page.next_offset;
        more.value = page.lines.length === 1000 && found.length >= MOST_MATCHES;
        if (page.lines.length < 1000 || more.value) break;
      }
      matches.value = found;
      error.value = null;
    } catch (failed) {
      fail(failed, () => match(q, stream));
    }
  }

  /** Take new lines as they are written. @param {(line: LogLine) => void} [onLine] */
  function follow(onLine) {
    if (closing.signal.aborted) return;
    if (document.hidden) { // a page in the background, or the socket went while nobody looked
      waiting.abort();
      waiting = new AbortController();
      document.addEventListener('visibilitychange', () => follow(onLine), { once: true, signal: waiting.signal });
      return;
    }
    const mine = new WebSocket(socketUrl(`runs/${seg(run.id)}/logs/ws`, { from: size.peek() ?? 0, path: run.path }));
    socket = mine;
    mine.onopen = () => { failures = 0; };
    mine.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (typeof message.n !== 'number') return;
      const line = { time: null, stream: 'stdout', level: null, ...message };
      lines.set(line.n, line);
      if (!/^\s/.test(line.text)) fold(line.n, line.n);
      size.value = Math.max(size.peek() ?? 0, line.n + 1);
      version.value += 1;
      onLine?.(line);
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      socket = null;
      failures += 1;
      timer = setTimeout(() => follow(onLine), Math.min(500 * 2 ** failures, 15000));
    };
  }

  function unfollow() {
    clearTimeout(timer);
    waiting.abort();
    const old = socket;
    socket = null;
    old?.close();
  }

  function close() {
    closing.abort();
    matching.abort();
    unfollow();
  }

  return { version, size, matches, error, folds, start, retry: () => again(), more, need, match, follow, unfollow, close, line: (/** @type {number} */ n) => lines.get(n) };
}
