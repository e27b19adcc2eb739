/** What can be set and done with one panel: opened with one click, every setting is the second. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { attempt } from '../components/feedback.js';
import { icons } from '../components/icons.js';
import { Popover } from '../components/popover.js';
import { xAxis } from '../state/workspace.js';
import { csvOf, download, pngOf, svgOf } from './export.js';
import { PanelTable } from './panel-table.js';

/**
 * @typedef {object} Actions
 * @property {(() => void) | null} edit of a panel that the reader made
 * @property {(() => void) | null} remove
 * @property {(() => void) | null} earlier
 * @property {(() => void) | null} later
 * @property {(() => void) | null} copy as a panel of the reader's own
 */
/**
 * @typedef {object} MenuProps
 * @property {import('../types').PanelSpec} spec
 * @property {import('./panel.js').Settings} settings
 * @property {import('./lines.js').PanelRun | null} base
 * @property {import('../types').Line[]} lines
 * @property {import('./lines.js').PanelRun[]} runs
 * @property {string[]} keys
 * @property {() => import('./export.js').Snapshot | null} snapshot
 * @property {(changes: import('../types').PanelOptions) => void} onOptions
 * @property {Actions} actions
 */

/** @param {MenuProps} props */
export function PanelMenu(props) {
  const { spec } = props;
  const [table, setTable] = useState(false);
  return html`<${Popover} label=${t('panel.menu', { metric: spec.title })} button=${icons.more()}>${(/** @type {() => void} */ close) => html`<${Body} ...${props} close=${close} onTable=${() => { close(); setTable(true); }} />`}</${Popover}>
    ${table && html`<${PanelTable} title=${spec.title} lines=${props.lines} runs=${props.runs} keys=${props.keys} onClose=${() => setTable(false)} />`}`;
}

/** @param {MenuProps & {close: () => void, onTable: () => void}} props */
function Body({ spec, settings, base, runs, keys, snapshot, onOptions, actions, close, onTable }) {
  const { log, outliers, delta, shade, best, smoothing, low, high } = settings;
  const save = (/** @type {'png' | 'svg' | 'csv'} */ kind) => { close(); void attempt(() => exported(kind, spec.title, snapshot(), runs, keys)); };
  const toggle = (/** @type {string} */ text, /** @type {boolean} */ on, /** @type {() => void} */ change, disabled = false) => html`<label class=${disabled ? 'options-row off' : 'options-row'}><input type="checkbox" checked=${on} disabled=${disabled} onChange=${change} /> ${text}</label>`;
  const act = (/** @type {string} */ text, /** @type {(() => void) | null} */ action) => action && html`<button class="options-item" onClick=${() => { close(); action(); }}>${text}</button>`;
  const end = (/** @type {'low' | 'high'} */ name, /** @type {number | null} */ value) => html`<input class="input options-number" type="number" step="any" value=${value ?? ''} placeholder=${t('panel.auto')} aria-label=${t(`panel.${name}`)}
    onChange=${(/** @type {any} */ e) => onOptions({ [name]: e.target.value === '' ? undefined : Number(e.target.value) })} />`;
  return html`<div class="options">
    ${toggle(t('panel.log'), log, () => onOptions({ log: !log }))}
    ${toggle(t('panel.outliers'), !outliers, () => onOptions({ outliers: !outliers }))}
    ${toggle(t('panel.shade'), shade, () => onOptions({ shade: !shade }))}
    ${toggle(base ? t('panel.delta', { name: base.name }) : t('panel.deltaNone'), delta && base !== null, () => onOptions({ delta: !delta }), base === null)}
    <label class="options-row">${t('panel.best')} <select value=${best ?? 'off'} onChange=${(/** @type {any} */ e) => onOptions({ best: e.target.value })}>
      ${['off', 'min', 'max'].map((mode) => html`<option value=${mode}>${t(`best.${mode}`)}</option>`)}</select></label>
    <label class="options-row">${t('toolbar.smoothing')} <input type="range" min="0" max="0.99" step="0.01" value=${smoothing} onInput=${(/** @type {any} */ e) => onOptions({ smoothing: Number(e.target.value) })} /><b class="num">${smoothing.toFixed(2)}</b></label>
    <div class="options-row">${t('panel.range')} ${end('low', low)} … ${end('high', high)}</div>
    ${act(t('panel.resetOptions'), () => onOptions({ log: undefined, smoothing: undefined, outliers: undefined, shade: undefined, delta: undefined, best: undefined, low: undefined, high: undefined }))}
    <hr />
    <div class="options-row">${t('panel.save')} ${/** @type {const} */ (['png', 'svg', 'csv']).map((kind) => html`<button key=${kind} class="button small" title=${t(`panel.${kind}`)} onClick=${() => save(kind)}>${kind.toUpperCase()}</button>`)}</div>
    <button class="options-item" onClick=${onTable}>${t('panel.table')}</button>
    ${act(t('panel.earlier'), actions.earlier)}${act(t('panel.later'), actions.later)}
    ${act(t('panel.copy'), actions.copy)}${act(t('panel.edit'), actions.edit)}${act(t('panel.remove'), actions.remove)}
  </div>`;
}

/** @param {'png' | 'svg' | 'csv'} kind @param {string} title @param {import('./export.js').Snapshot | null} snapshot @param {import('./lines.js').PanelRun[]} runs @param {string[]} keys */
async function exported(kind, title, snapshot, runs, keys) {
  if (kind === 'csv') { download(await csvOf(runs, keys), `${title}.csv`); return; }
  if (!snapshot) return;
  const x = xAxis.peek();
  const picture = svgOf(title, ['step', 'relative', 'wall'].includes(x) ? t(`x.${x}`) : x, snapshot);
  download(kind === 'svg' ? new Blob([picture.svg], { type: 'image/svg+xml' }) : await pngOf(picture), `${title}.${kind}`);
}
