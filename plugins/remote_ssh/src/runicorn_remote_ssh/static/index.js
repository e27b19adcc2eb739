// @ts-check
/** Other machines in the web interface: one page. */
import { mountComponent } from 'runicorn';
import { RemotePage } from './page.js';
import { texts } from './texts.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  pages: [{ id: 'remote.hosts', mount: mountComponent(RemotePage, { styles: new URL('remote.css', import.meta.url), className: 'remote' }) }],
  i18n: texts,
};
