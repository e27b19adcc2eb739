// @ts-check
/** What the viewer answers below `/api/remote`, and asking it again and again while somebody looks. */
import { useCallback, useEffect, useState } from 'preact/hooks';

/** @typedef {import('runicorn').Context} Context */
/** @typedef {{host: string, port?: number | null, username?: string | null, auth?: string, key_path?: string | null, jump?: string[] | string | null}} Target */
/** @typedef {{code: string, detail: string} & Record<string, any>} Said why something is as it is */
/** @typedef {{connection_id: string, host: string, hostname: string, port: number, username: string, jump: string[], state: string, error: string, problem: Said | null, connected_at: number | null, retry_at: number | null}} Connection */
/** @typedef {{name: string, host: string, port: number | null, username: string | null, auth: string, key_path: string | null, jump: string[] | null, root: string, python: string}} Saved */
/** @typedef {{time: number, event: string, values: Record<string, any>, bad?: boolean}} Entry */
/** @typedef {{attempt: string, kind: string, host: string, username: string, about: string, again: boolean, questions: {text: string, secret: boolean}[]}} Asked */
/** @typedef {{id: string, connection_id: string, host: string, root: string, python: string, version: string | null, pid: number | null, state: string, problem: Said | null, started_at: number, url: string | null, steps: {name: string, state: string, detail: string}[], log: Entry[]}} ViewerSession */

const BASE = '/api/remote';

/** @param {Context} ctx @param {string} path @param {Record<string, string>} [query] */
export const get = (ctx, path, query) => ctx.fetchJson(`${BASE}${path}${query ? `?${new URLSearchParams(query)}` : ''}`);

/** @param {Context} ctx @param {string} path @param {unknown} body @param {string} [method] */
export const send = (ctx, path, body, method = 'POST') => ctx.fetchJson(`${BASE}${path}`, { method, body });

/**
 * What an address answers, asked again every so often while the page is visible; `again()` asks at once.
 * @param {Context} ctx @param {string | null} path @param {number} every milliseconds @param {Record<string, string>} [query]
 */
export function usePolled(ctx, path, every, query) {
  const [state, setState] = useState(/** @type {{key: string, data: any, error: any}} */ ({ key: '', data: null, error: null }));
  const [turn, setTurn] = useState(0);
  const key = path === null ? '' : `${path}?${new URLSearchParams(query ?? {})}`;
  useEffect(() => {
    if (path === null) return undefined;
    let timer = 0;
    let over = false;
    const ask = async () => {
      if (!document.hidden) {
        try {
          const data = await get(ctx, path, query);
          if (!over) setState({ key, data, error: null });
        } catch (error) {
          if (!over && !ctx.signal.aborted) setState((old) => ({ key, data: old.key === key ? old.data : null, error }));
        }
      }
      if (!over && !ctx.signal.aborted) timer = setTimeout(ask, every);
    };
    ask();
    return () => { over = true; clearTimeout(timer); };
  }, [key, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return { data: state.key === key ? state.data : null, error: state.key === key ? state.error : null, again };
}

/** A text of the address as state. @param {Context} ctx @param {string} key @returns {[string, (value: string) => void]} */
export function useAddress(ctx, key) {
  const [state] = useState(() => ctx.urlState(key));
  const [value, setValue] = useState(state.peek());
  useEffect(() => state.subscribe(setValue), []);
  return [value, (next) => { state.value = next; }];
}

/** How a host is called. @param {{host: string, port?: number | null, username?: string | null}} target */
export function nameOf({ host, port, username }) {
  return `${username ? `${username}@` : ''}${host}${port && port !== 22 ? `:${port}` : ''}`;
}

/** The saved connection that a connection came from. @param {Saved[]} saved @param {Connection} one */
export const savedOf = (saved, one) => saved.find((each) => each.host === one.host && (each.port === null || each.port === one.port) && (each.username === null || each.username === one.username));
