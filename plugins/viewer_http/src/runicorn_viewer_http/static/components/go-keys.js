/** `g` and a second key go to a page; Ctrl or Cmd with k opens the palette. */
import { useLayoutEffect } from 'preact/hooks';
import { navigate, path, query, setQuery, workspaceHref } from '../router.js';
import { paletteOpen } from './palette.js';

const PAUSE_MS = 1200;
/** Second key -> where to; null where that means nothing here. @type {Record<string, () => string | null>} */
const PLACES = {
  h: () => '/', s: () => '/settings', m: () => '/system', p: () => '/plugins', b: () => '/recycle-bin',
  c: () => inProject('/workspace') ?? tab('charts'), t: () => inProject('/table'), l: () => tab('logs'), o: () => tab('overview'),
};

/** @param {string} page */
function inProject(page) {
  const project = query.peek().get('project');
  if (!project) return null;
  const along = new URLSearchParams([...query.peek()].filter(([key]) => ['project', 'name', 'q', 'hide', 'show', 'archived'].includes(key)));
  return page === '/workspace' && along.size === 1 ? workspaceHref(project) : `${page}?${along}`;
}

/** A tab of the run that is open. @param {string} name */
function tab(name) {
  if (path.peek().startsWith('/runs/')) setQuery({ tab: name === 'overview' ? null : name }, { push: true });
  return null;
}

export function useGoKeys() {
  useLayoutEffect(() => {
    let since = -Infinity; // never: a page that is a second old has not seen a g at its very beginning
    /** @param {KeyboardEvent} event */
    const listen = (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        paletteOpen.value = !paletteOpen.peek();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input:not([type=range]):not([type=checkbox]), textarea, select, dialog')) return;
      if (event.timeStamp - since < PAUSE_MS && PLACES[event.key]) {
        since = -Infinity;
        event.preventDefault();
        event.stopImmediatePropagation();
        const to = PLACES[event.key]();
        if (to) navigate(to);
      } else since = event.key === 'g' ? event.timeStamp : -Infinity;
    };
    addEventListener('keydown', listen, true);
    return () => removeEventListener('keydown', listen, true);
  }, []);
}
