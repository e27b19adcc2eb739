// @ts-check
/** Bringing in runs, in the web interface: a page at /import. */
import { mountComponent } from 'runicorn';
import { ImportPage } from './page.js';
import { texts } from './texts.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'exporters.import', mount: mountComponent(ImportPage, { styles: new URL('import.css', import.meta.url), className: 'importing' }) }],
  i18n: texts,
};
