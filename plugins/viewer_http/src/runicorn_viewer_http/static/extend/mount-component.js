/** A Preact component as a page or panel of a plugin, with its style sheet. */
import { render } from 'preact';
import { html } from '../html.js';

/** Style sheets that are here, or on their way, by address. @type {Map<string, Promise<void>>} */
const sheets = new Map();

/** @type {typeof import('runicorn').mountComponent} */
export function mountComponent(component, { styles, className = '' } = {}) {
  return async (el, ctx) => {
    // nothing is drawn before it looks as it should
    if (styles) await sheet(String(styles));
    if (ctx.signal.aborted) return undefined;
    const root = document.createElement('div');
    root.className = className;
    el.append(root);
    render(html`<${component} ctx=${ctx} />`, root);
    return () => render(null, root);
  };
}

/** Resolves when the sheet holds, or cannot be had: a page without its looks is better than none. @param {string} href */
function sheet(href) {
  const known = sheets.get(href);
  if (known) return known;
  const link = document.createElement('link');
  const loaded = new Promise((/** @type {(value: void) => void} */ resolve) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => { sheets.delete(href); link.remove(); resolve(); });
  });
  Object.assign(link, { rel: 'stylesheet', href });
  sheets.set(href, loaded);
  document.head.append(link);
  return loaded;
}
