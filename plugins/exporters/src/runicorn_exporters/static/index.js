// @ts-check
/** Bringing in runs, in the web interface: a page at /import. */
import { render } from 'preact';
import { html } from 'runicorn';
import { ImportPage } from './page.js';
import { texts } from './texts.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'exporters.import', mount }],
  i18n: texts,
};

/** @param {HTMLElement} el @param {import('runicorn').Context} ctx */
function mount(el, ctx) {
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = new URL('./import.css', import.meta.url).href;
  const root = document.createElement('div');
  root.className = 'importing';
  el.append(style, root);
  render(html`<${ImportPage} ctx=${ctx} />`, root);
  return () => render(null, root);
}
