/** The frame of a page: skip link, bar, main; sets the document's title. */
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { TopBar } from './topbar.js';

/** @param {{title?: string, crumbs?: any, tabs?: any, children?: any}} props */
export function Page({ title, crumbs, tabs, children }) {
  useEffect(() => { document.title = title ? `${title} · Runicorn` : 'Runicorn'; }, [title]);
  return html`<a class="skip" href="#main">${t('nav.skip')}</a><${TopBar} tabs=${tabs}>${crumbs}</${TopBar}><main id="main" class="main" tabindex="-1">${children}</main>`;
}
