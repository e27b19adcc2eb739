/** The address bar as a signal. State that matters lives in the query, so back, reload and links work. */
import { computed, signal } from '@preact/signals';

const current = signal(new URL(location.href));
addEventListener('popstate', () => {
  places.set(current.peek().href, scrollY); // of the page that is left
  current.value = new URL(location.href);
  returnTo(places.get(location.href) ?? 0);
});

/** How far pages had been scrolled when they were left, by their address. @type {Map<string, number>} */
const places = new Map();
const RETURN_MS = 2000;
const HELD_MS = 300;

/** The browser scrolls back at once, when a page that asks for its data is still short. @param {number} y */
function returnTo(y) {
  if (y === 0) return;
  const here = location.href;
  const began = performance.now();
  let held = Infinity;
  const over = new AbortController();
  for (const kind of ['wheel', 'keydown', 'pointerdown']) addEventListener(kind, () => over.abort(), { passive: true, signal: over.signal });
  const look = () => {
    const now = performance.now();
    if (over.signal.aborted || location.href !== here || now - began > RETURN_MS || now - held > HELD_MS) { over.abort(); return; }
    if (Math.abs(scrollY - y) > 1) { held = Infinity; if (document.documentElement.scrollHeight - innerHeight >= y) scrollTo(0, y); } else held = Math.min(held, now);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

export const path = computed(() => current.value.pathname);
export const query = computed(() => current.value.searchParams);

/** `state` becomes the entry's history.state. @param {string} href @param {{replace?: boolean, state?: unknown}} [options] */
export function navigate(href, { replace = false, state = null } = {}) {
  const next = new URL(href, location.href);
  if (next.href === location.href) return;
  if (!replace) places.set(location.href, scrollY);
  history[replace ? 'replaceState' : 'pushState'](state, '', next);
  const moved = next.pathname !== current.value.pathname;
  current.value = next;
  if (moved) scrollTo(0, 0);
}

/**
 * Change some query parameters and keep the others; null or '' removes one.
 * `push` makes a history entry: for steps that a reader wants to take back.
 * @param {Record<string, string | string[] | null>} changes @param {{push?: boolean, state?: unknown}} [options]
 */
export function setQuery(changes, { push = false, state = null } = {}) {
  const next = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) {
    next.searchParams.delete(key);
    for (const one of Array.isArray(value) ? value : [value]) if (one) next.searchParams.append(key, one);
  }
  navigate(next.href, { replace: !push, state });
}

/** One query parameter as a signal. @param {string} key @param {string} [fallback] */
export const param = (key, fallback = '') => computed(() => query.value.get(key) ?? fallback);

/** @param {string} project @param {string} [name] */
export const workspaceHref = (project, name) =>
  `/workspace?${new URLSearchParams(name === undefined ? { project } : { project, name })}`;

/** @param {{id: string, path?: string}} run @param {string} [tab] */
export const runHref = (run, tab) => `/runs/${encodeURIComponent(run.id)}${tab ? `?tab=${tab}` : ''}`;

/** Follow same-origin links without a page load. @param {MouseEvent} event */
export function followLink(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = /** @type {HTMLElement} */ (event.target).closest('a');
  if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/api/')) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  navigate(link.href);
}
