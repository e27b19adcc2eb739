/** The address bar as a signal. State that matters lives in the query, so back, reload and links work. */
import { computed, signal } from '@preact/signals';

const current = signal(new URL(location.href));
addEventListener('popstate', () => { current.value = new URL(location.href); });

export const path = computed(() => current.value.pathname);
export const query = computed(() => current.value.searchParams);

/** `state` becomes the entry's history.state. @param {string} href @param {{replace?: boolean, state?: unknown}} [options] */
export function navigate(href, { replace = false, state = null } = {}) {
  const next = new URL(href, location.href);
  if (next.href === location.href) return;
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
