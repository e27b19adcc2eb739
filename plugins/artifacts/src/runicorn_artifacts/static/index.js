// @ts-check
/** Artifacts in the web interface: a page for all of them, and a tab for what a run used and created. */
import { render } from 'preact';
import { html } from 'runicorn';
import { ArtifactsPage } from './page.js';
import { RunArtifacts } from './run.js';
import { texts } from './texts.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'artifacts.all', mount: mounted(ArtifactsPage) }],
  panels: [{ id: 'artifacts.run', mount: mounted(RunArtifacts) }],
  i18n: texts,
};

/** @param {any} component @returns {(el: HTMLElement, ctx: import('runicorn').Context) => () => void} */
function mounted(component) {
  return (el, ctx) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = new URL('./artifacts.css', import.meta.url).href;
    const root = document.createElement('div');
    root.className = 'artifacts';
    el.append(style, root);
    render(html`<${component} ctx=${ctx} />`, root);
    return () => render(null, root);
  };
}
