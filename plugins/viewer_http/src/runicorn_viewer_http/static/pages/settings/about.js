/** What this is, and what it is made of. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get } from '../../api.js';
import { Mark } from '../../components/icons.js';

export function About() {
  const [version, setVersion] = useState('');
  const [vendored, setVendored] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    get('health', {}, { quiet: true }).then((found) => setVersion(found.version), () => {});
    fetch(new URL('../../vendor/VENDOR.json', import.meta.url)).then((answer) => answer.json()).then(setVendored, () => {});
  }, []);
  const libraries = [...new Map(vendored.map((one) => [one.name, one])).values()];
  return html`<div class="card"><h2 class="row-line"><${Mark} /> Runicorn ${version}</h2>
      <p class="soft">${t('about.text')}</p>
      <p><a href="/api/openapi.json" target="_blank" rel="noopener">${t('about.api')}</a></p></div>
    <div class="card"><h2>${t('about.libraries')}</h2><dl class="facts">${libraries.map((one) => html`<dt key=${one.name}>${one.name}</dt><dd>${one.version} · <a href=${new URL(`../../vendor/${one.licence_file}`, import.meta.url).pathname} target="_blank" rel="noopener">${one.licence}</a></dd>`)}</dl></div>`;
}
