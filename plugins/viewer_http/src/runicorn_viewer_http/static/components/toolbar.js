/** What applies to all charts: metric search, x axis, smoothing, y scale, outliers. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { setQuery } from '../router.js';
import * as ws from '../state/workspace.js';
import { icons } from './icons.js';

/** @param {{regexError: string, matching: number, metrics: number, single: boolean}} props */
export function Toolbar({ regexError, matching, metrics, single }) {
  const search = ws.metricFilter.value;
  const s = ws.smoothing.value;
  return html`<div class="toolbar" role="toolbar" aria-label=${t('toolbar.title')}>
    ${!single && html`<button class="ghost" aria-expanded=${!ws.sideClosed.value} onClick=${() => setQuery({ side: ws.sideClosed.value ? null : '0' })} aria-label=${t('toolbar.side')} title=${t('toolbar.side')}>${icons.side()}</button>`}
    <span class="metric-search"><input id="metric-filter" class=${regexError ? 'input bad' : 'input'} type="search" spellcheck=${false} placeholder=${t('toolbar.search')} aria-label=${t('toolbar.search')}
      aria-invalid=${!!regexError} value=${search} onInput=${(/** @type {any} */ e) => setQuery({ m: e.target.value })} />
      ${search && html`<span class=${`metric-count ${regexError ? 'err' : 'muted'}`} aria-live="polite" title=${regexError}>${regexError ? t('toolbar.badRegex') : t('toolbar.matches', { n: matching, total: metrics })}</span>`}</span>
    <label class=${ws.xAxis.value === 'step' ? 'chip' : 'chip on'}>${t('toolbar.x')} <select value=${ws.xAxis.value} onChange=${(/** @type {any} */ e) => ws.setXAxis(e.target.value)}>
      ${['step', 'relative', 'wall'].map((x) => html`<option value=${x}>${t(`x.${x}`)}</option>`)}</select></label>
    <label class=${s > 0 ? 'chip on smoothing' : 'chip smoothing'}>${t('toolbar.smoothing')} <input type="range" min="0" max="0.99" step="0.01" value=${s}
      onInput=${(/** @type {any} */ e) => ws.setSmoothing(Number(e.target.value))} aria-label=${t('toolbar.smoothing')} /><b>${s === 0 ? t('toolbar.off') : s.toFixed(2)}</b></label>
    <button class=${ws.logY.value ? 'chip on' : 'chip'} aria-pressed=${ws.logY.value} onClick=${() => setQuery({ log: ws.logY.value ? null : '1' })}>${t('toolbar.y')} <b>${t(ws.logY.value ? 'y.log' : 'y.linear')}</b></button>
    <button class=${ws.outliers.value ? 'chip' : 'chip on'} aria-pressed=${!ws.outliers.value} onClick=${() => setQuery({ outliers: ws.outliers.value ? 'ignore' : null })}
      title=${t('toolbar.outliersTitle')}>${t('toolbar.outliers')} <b>${t(ws.outliers.value ? 'outliers.show' : 'outliers.ignore')}</b></button>
  </div>`;
}
