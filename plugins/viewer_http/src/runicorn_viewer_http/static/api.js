/** The one place that talks HTTP: JSON in and out, problem details as errors, reachability as a signal. */
import { signal } from '@preact/signals';

/** True while the viewer cannot be reached; `lastAnswer` is when it last answered (ms). */
export const offline = signal(false);
export const lastAnswer = signal(Date.now());
/** Requests that somebody looks at and that have no answer yet. */
export const pending = signal(0);
/** How long the line to another machine's viewer takes there and back (ms); 0 where the viewer is here. */
let wayMs = wayOfPage();
const LONG_WAY_MS = 20;
/** Whether size is what takes long: a rough answer first, and all digits behind it. */
export const isFarAway = () => wayMs >= LONG_WAY_MS;

/** What was said of it with the page itself. */
function wayOfPage() {
  const page = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType('navigation')[0]);
  return page?.serverTiming?.find((one) => one.name === 'line')?.duration ?? 0;
}

/** An error answer of the server (RFC 9457), or `code` "network" when there was none. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {Record<string, unknown>} [body] */
  constructor(status, code, detail, body = {}) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === 'AbortError';

/**
 * Build a URL below /api. Arrays become repeated parameters; null and '' are left out.
 * @param {string} path @param {Record<string, unknown>} [params]
 */
export function apiUrl(path, params = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') query.append(key, String(one));
    }
  }
  const text = query.toString();
  return `/api/${path}${text ? `?${text}` : ''}`;
}

/**
 * JSON, or with `accept` a Blob of that type, or what `read` makes of the answer while it comes.
 * @template T
 * @param {string} url @param {{signal?: AbortSignal, method?: string, body?: unknown, quiet?: boolean, accept?: string, read?: (answer: Response) => Promise<T>}} [options]
 * @returns {Promise<T>}
 */
export async function request(url, { signal: abort, method = 'GET', body, quiet = false, accept, read } = {}) {
  if (!quiet) pending.value += 1;
  try {
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...(accept && { accept }) };
    const answer = await fetch(url, { method, signal: abort, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    offline.value = false;
    lastAnswer.value = Date.now();
    wayMs = Number(/\bline;dur=([\d.]+)/.exec(answer.headers.get('server-timing') ?? '')?.[1] ?? wayMs);
    if (!answer.ok) throw await problem(answer);
    return /** @type {any} */ (await (read ? read(answer) : accept ? answer.blob() : answer.json()));
  } catch (error) {
    if (error instanceof ApiError || isAbort(error)) throw error;
    offline.value = true;
    throw new ApiError(0, 'network', error instanceof Error ? error.message : String(error));
  } finally {
    if (!quiet) pending.value -= 1;
  }
}

/** @param {Response} answer */
async function problem(answer) {
  const text = await answer.text();
  try {
    const body = JSON.parse(text);
    if (body.code === 'remote-unavailable') { // the viewer of another machine, and the line there is down
      offline.value = true;
      return new ApiError(0, 'network', body.detail ?? '', body);
    }
    return new ApiError(answer.status, body.code ?? `http-${answer.status}`, body.detail ?? body.title ?? '', body);
  } catch {
    return new ApiError(answer.status, `http-${answer.status}`, text.slice(0, 200));
  }
}

/** @param {string} path @param {Record<string, unknown>} [params] @param {{signal?: AbortSignal, quiet?: boolean}} [options] */
export const get = (path, params, options) => request(apiUrl(path, params), options);

/** @param {string} path @param {unknown} body @param {string} [method] */
export const send = (path, body, method = 'POST') => request(apiUrl(path), { method, body });

/** @param {string} path @param {Record<string, unknown>} [params] */
export function socketUrl(path, params) {
  const url = new URL(apiUrl(path, params), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** A run id as a path segment. @param {string} id */
export const seg = (id) => encodeURIComponent(id);
