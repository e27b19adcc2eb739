/** What applies to all charts: metric search, x axis, smoothing, y scale, groups, outliers. */
import { useMemo } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { path, setQuery } from '../router.js';
import { canRedo, canUndo, redo, undo } from '../state/board.js';
import { groupColumns } from '../state/groups.js';
import * as ws from '../state/workspace.js';
import { icons } from './icons.js';

/** Metrics offered as x axis; a longer list is no choice. */
const MOST_AXES = 300;

/** @param {{regexError: string, matching: number, metrics: number, keys: string[], details: import('../types').RunDetail[], base: {name: string} | null, single: boolean, onAdd: () => void}} props */
export function Toolbar({ regexError, matching, metrics, keys, details, base, single, onAdd }) {
  const search = ws.metricFilter.value;
  const s = ws.smoothing.value;
  const x = ws.xAxis.value;
  const group = ws.groupBy.value;
  const columns = useMemo(() => (single ? [] : groupColumns(details, group)), [details, group, single]);
  const axes = useMemo(() => keys.slice(0, MOST_AXES).sort(), [keys]);
  const plain = ['step', 'relative', 'wall'].includes(x);
  const chip = (/** @type {boolean} */ on, /** @type {Record<string, string | null>} */ change, /** @type {any} */ label, title = '') => html`<button class=${on ? 'chip on' : 'chip'} aria-pressed=${on} title=${title} onClick=${() => setQuery(change)}>${label}</button>`;
  return html`<div class="toolbar" role="toolbar" aria-label=${t('toolbar.title')}>
    ${path.value === '/workspace' && html`<button class="ghost" aria-expanded=${!ws.sideClosed.value} onClick=${() => setQuery({ side: ws.sideClosed.value ? null : '0' })} aria-label=${t('toolbar.side')} title=${t('toolbar.side')}>${icons.side()}</button>`}
    <span class="metric-search"><input id="metric-filter" class=${regexError ? 'input bad' : 'input'} type="search" spellcheck=${false} placeholder=${t('toolbar.search')} aria-label=${t('toolbar.search')}
      aria-invalid=${!!regexError} value=${search} onInput=${(/** @type {any} */ e) => setQuery({ m: e.target.value })} />
      ${search && html`<span class=${`metric-count ${regexError ? 'err' : 'muted'}`} aria-live="polite" title=${regexError}>${regexError ? t('toolbar.badRegex') : t('toolbar.matches', { n: matching, total: metrics })}</span>`}</span>
    <label class=${x === 'step' ? 'chip' : 'chip on'}>${t('toolbar.x')} <select value=${x} onChange=${(/** @type {any} */ e) => ws.setXAxis(e.target.value)}>
      ${['step', 'relative', 'wall'].map((one) => html`<option value=${one}>${t(`x.${one}`)}</option>`)}
      <optgroup label=${t('toolbar.metricAxis')}>${!plain && !axes.includes(x) && html`<option value=${x}>${x}</option>`}${axes.map((key) => html`<option value=${key}>${key}</option>`)}</optgroup></select></label>
    ${chip(ws.logX.value, { logx: ws.logX.value ? null : '1' }, html`${t('toolbar.xScale')} <b>${t(ws.logX.value ? 'y.log' : 'y.linear')}</b>`)}
    <label class=${s > 0 ? 'chip on smoothing' : 'chip smoothing'}>${t('toolbar.smoothing')} <input type="range" min="0" max="0.99" step="0.01" value=${s}
      onInput=${(/** @type {any} */ e) => ws.setSmoothing(Number(e.target.value))} aria-label=${t('toolbar.smoothing')} /><b>${s === 0 ? t('toolbar.off') : s.toFixed(2)}</b></label>
    ${chip(ws.logY.value, { log: ws.logY.value ? null : '1' }, html`${t('toolbar.y')} <b>${t(ws.logY.value ? 'y.log' : 'y.linear')}</b>`)}
    ${chip(!ws.outliers.value, { outliers: ws.outliers.value ? 'ignore' : null }, html`${t('toolbar.outliers')} <b>${t(ws.outliers.value ? 'outliers.show' : 'outliers.ignore')}</b>`, t('toolbar.outliersTitle'))}
    ${(columns.length > 0 || group) && html`<label class=${group ? 'chip on' : 'chip'} title=${t('toolbar.groupTitle')}>${t('toolbar.group')} <select id="group-by" value=${group} onChange=${(/** @type {any} */ e) => setQuery({ group: e.target.value })}>
      <option value="">${t('group.off')}</option>${columns.map((column) => html`<option value=${column}>${column}</option>`)}</select></label>`}
    ${group && chip(ws.groupBand.value === 'minmax', { band: ws.groupBand.value === 'minmax' ? null : 'minmax' }, html`${t('toolbar.band')} <b>${t(`band.${ws.groupBand.value}`)}</b>`)}
    ${base && chip(ws.delta.value, { delta: ws.delta.value ? null : '1' }, html`Δ <b>${base.name}</b>`, t('toolbar.deltaTitle', { name: base.name }))}
    <button class="button" onClick=${onAdd}>${icons.plus()} ${t('toolbar.add')}</button>
    ${!single && (canUndo.value || canRedo.value) && html`<span class="nowrap"><button class="ghost" disabled=${!canUndo.value} onClick=${undo} aria-label=${t('toolbar.undo')} title=${t('toolbar.undo')}>${icons.undo()}</button><button class="ghost" disabled=${!canRedo.value} onClick=${redo} aria-label=${t('toolbar.redo')} title=${t('toolbar.redo')}>${icons.redo()}</button></span>`}
  </div>`;
}
