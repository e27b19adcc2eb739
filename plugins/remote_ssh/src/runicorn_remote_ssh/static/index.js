// @ts-check
/** Other machines in the web interface: one page. */
import { render } from 'preact';
import { html } from 'runicorn';
import { RemotePage } from './page.js';
import { texts } from './texts.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'remote.hosts', mount }],
  i18n: texts,
};

/** @param {HTMLElement} el @param {import('runicorn').Context} ctx */
function mount(el, ctx) {
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = new URL('./remote.css', import.meta.url).href;
  const root = document.createElement('div');
  root.className = 'remote';
  el.append(style, root);
  render(html`<${RemotePage} ctx=${ctx} />`, root);
  return () => render(null, root);
}
