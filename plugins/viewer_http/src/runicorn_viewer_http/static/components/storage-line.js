/** Where the runs lie and how much room is left, in one line. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get } from '../api.js';
import { formatBytes } from '../charts/bytes.js';

export function StorageLine() {
  const [storage, setStorage] = useState(/** @type {{root: string, backend: string, runs: number, bad: number} | null} */ (null));
  const [free, setFree] = useState(/** @type {number | null} */ (null));
  useEffect(() => {
    get('health', {}, { quiet: true }).then((/** @type {any} */ found) => setStorage({ ...found.storage, bad: found.checks.filter((/** @type {any} */ check) => !check.ok).length }), () => {});
    get('system', {}, { quiet: true }).then((/** @type {any} */ found) => setFree(found.disk.free), () => {});
  }, []);
  if (!storage) return null;
  return html`<section class="storage-line" aria-label=${t('home.storage')}><span class="muted">${t('home.storage')}</span> <code class="cut" title=${storage.root}>${storage.root}</code>
    <span class="muted">${storage.backend}</span>${free !== null && html`<span class="muted">${t('home.free', { free: formatBytes(free) })}</span>`}
    ${storage.bad > 0 ? html`<a class="err" href="/settings?part=storage">✕ ${t('home.checksBad', { n: storage.bad })}</a>` : html`<a href="/settings?part=storage">${t('home.checks')}</a>`}<a href="/recycle-bin">${t('nav.recycleBin')}</a></section>`;
}
