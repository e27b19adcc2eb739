/** Where runs lie, how much of them has been read, and whether all is well. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get } from '../../api.js';
import { formatBytes } from '../../charts/bytes.js';
import { formatCount } from '../../charts/format.js';
import { ErrorCard, copyText } from '../../components/feedback.js';
import { icons } from '../../components/icons.js';
import { Meter } from '../../components/meter.js';
import { Section } from './section.js';

const AGAIN_MS = 2000;

export function Storage() {
  const [health, setHealth] = useState(/** @type {any} */ (null));
  const [index, setIndex] = useState(/** @type {{total: number, partial: boolean, indexed: number | null} | null} */ (null));
  const [disk, setDisk] = useState(/** @type {any} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => { get('health').then((found) => { setHealth(found); setError(null); }, setError); };
  useEffect(() => {
    load();
    get('system', {}, { quiet: true }).then((found) => setDisk(found.disk), () => {});
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    // a metric's figure makes the store say how much of the runs it has read
    const look = () => get('v2/runs', { columns: 'best', order_by: 'best', per_page: 1 }, { quiet: true }).then((found) => { setIndex(found); if (found.partial) timer = setTimeout(look, AGAIN_MS); }, () => {});
    look();
    return () => clearTimeout(timer);
  }, []);
  if (error && !health) return html`<${ErrorCard} error=${error} what=${t('error.storage')} retry=${load} />`;
  if (!health) return null;
  const { root, backend, runs } = health.storage;
  return html`<div class="card" data-part="storage"><h2>${t('settings.storage')}</h2>
      <div class="settings-row"><span>${t('settings.root')}</span><code class="break">${root}</code><button class="ghost" onClick=${() => copyText(root)} aria-label=${t('action.copy')} title=${t('action.copy')}>${icons.copy()}</button></div>
      <div class="settings-row"><span>${t('settings.backend')}</span><code>${backend}</code></div>
      <div class="settings-row"><span>${t('settings.runs')}</span><b class="num">${formatCount(runs)}</b><a href="/recycle-bin">${t('nav.recycleBin')}</a></div>
      ${index && html`<div class="settings-row"><span>${t('settings.index')}</span>${index.partial ? html`<span class="warn">◌ ${t('settings.indexing', { n: formatCount(index.indexed ?? 0), total: formatCount(index.total) })}</span>` : html`<span class="ok">✓ ${t('settings.indexed')}</span>`}</div>
        ${index.partial && html`<${Meter} value=${index.indexed ?? 0} max=${index.total} label=${t('settings.index')} />`}`}
      ${disk && disk.free !== null && html`<div class="settings-row"><span>${t('system.disk')}</span><span>${t('system.diskFree', { used: formatBytes(disk.used), free: formatBytes(disk.free) })}</span></div><${Meter} value=${disk.used} max=${disk.used + disk.free} label=${t('system.disk')} />`}</div>
    <div class="card"><h2>${t('settings.checks')}</h2><ul class="checks">${health.checks.map((/** @type {any} */ check) => html`<li key=${check.name}><span class=${check.ok ? 'ok' : 'err'} aria-hidden="true">${check.ok ? '✓' : '✕'}</span><span>${check.name} <span class="sr">${t(check.ok ? 'settings.checkOk' : 'settings.checkBad')}</span></span><span class="soft">${check.detail}</span></li>`)}</ul></div>
    <${Section} name="storage" />`;
}
