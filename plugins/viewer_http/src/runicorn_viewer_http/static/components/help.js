/** The keyboard map, opened by `?`. */
import { signal } from '@preact/signals';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { Dialog } from './dialog.js';

export const helpOpen = signal(false);

/** @type {[string[], string][]} */
const KEYS = [
  [['/'], 'help.filter'], [['m'], 'help.metrics'], [['j', 'k'], 'help.rows'], [['x'], 'help.toggle'], [['Alt', 'x'], 'help.solo'],
  [['p'], 'help.pin'], [['d'], 'help.baseline'], [['Enter'], 'help.open'], [['f'], 'help.full'], [['←', '→'], 'help.arrows'], [['l'], 'help.log'], [['[', ']'], 'help.smoothing'],
  [['b'], 'help.side'], [['?'], 'help.help'], [['Esc'], 'help.escape'],
];

export function Help() {
  if (!helpOpen.value) return null;
  return html`<${Dialog} title=${t('help.title')} onClose=${() => { helpOpen.value = false; }}>
    <dl class="keys">${KEYS.map(([keys, what]) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${t(what)}</dd></div>`)}</dl>
    <h3 class="keys-title">${t('help.mouseTitle')}</h3>
    <ul class="keys-mouse"><li>${t('help.mouseZoom')}</li><li>${t('help.mousePan')}</li><li>${t('help.mouseReset')}</li><li>${t('help.mouseAlone')}</li><li>${t('help.mouseSolo')}</li><li>${t('help.mouseRange')}</li></ul>
  </${Dialog}>`;
}
