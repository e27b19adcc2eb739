/** The keyboard map, opened by `?`. */
import { signal } from '@preact/signals';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { Dialog } from './dialog.js';

export const helpOpen = signal(false);

/** @type {[string, [string[], string][]][]} */
const KEYS = [
  ['help.everywhere', [[['Ctrl', 'K'], 'help.palette'], [['/'], 'help.filter'], [['g', 'h'], 'help.goHome'], [['g', 'c'], 'help.goCharts'], [['g', 't'], 'help.goTable'], [['g', 'l'], 'help.goLogs'], [['g', 's'], 'help.goSettings'], [['?'], 'help.help'], [['Esc'], 'help.escape']]],
  ['help.charts', [[['m'], 'help.metrics'], [['j', 'k'], 'help.rows'], [['x'], 'help.toggle'], [['Alt', 'x'], 'help.solo'], [['p'], 'help.pin'], [['d'], 'help.baseline'], [['Enter'], 'help.open'], [['f'], 'help.full'], [['←', '→'], 'help.arrows'], [['l'], 'help.log'], [['[', ']'], 'help.smoothing'], [['b'], 'help.side']]],
  ['help.table', [[['↑↓←→'], 'help.cells'], [['Space'], 'help.choose'], [['Shift', 'Space'], 'help.chooseRange'], [['Enter'], 'help.openOrEdit'], [['F2'], 'help.edit'], [['Delete'], 'help.delete'], [['c'], 'help.columns'], [['u'], 'help.undo'], [['Alt', '←→'], 'help.moveColumn'], [['Alt', 'Shift', '←→'], 'help.widenColumn']]],
  ['help.logs', [[['n', 'N'], 'help.matches'], [['w'], 'help.wrap']]],
];

/** The whole map. */
export const KeyMap = () => html`<div class="key-map">${KEYS.map(([title, keys]) => html`<section key=${title}><h3 class="keys-title">${t(title)}</h3>
    <dl class="keys">${keys.map(([names, what]) => html`<div key=${what}><dt>${names.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${t(what)}</dd></div>`)}</dl></section>`)}
  <section><h3 class="keys-title">${t('help.mouseTitle')}</h3>
    <ul class="keys-mouse"><li>${t('help.mouseZoom')}</li><li>${t('help.mousePan')}</li><li>${t('help.mouseReset')}</li><li>${t('help.mouseAlone')}</li><li>${t('help.mouseMove')}</li><li>${t('help.mouseSolo')}</li><li>${t('help.mouseRange')}</li></ul></section></div>`;

export function Help() {
  if (!helpOpen.value) return null;
  return html`<${Dialog} title=${t('help.title')} wide=${true} onClose=${() => { helpOpen.value = false; }}><${KeyMap} /></${Dialog}>`;
}
