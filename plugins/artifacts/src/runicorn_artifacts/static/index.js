// @ts-check
/** Artifacts in the web interface: a page for all of them, and a tab for what a run used and created. */
import { mountComponent } from 'runicorn';
import { ArtifactsPage } from './page.js';
import { RunArtifacts } from './run.js';
import { texts } from './texts.js';

const looks = { styles: new URL('artifacts.css', import.meta.url), className: 'artifacts' };

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'artifacts.all', mount: mountComponent(ArtifactsPage, looks) }],
  panels: [{ id: 'artifacts.run', mount: mountComponent(RunArtifacts, looks) }],
  i18n: texts,
};
