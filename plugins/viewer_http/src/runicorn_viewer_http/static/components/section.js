/** A section of panels: folds, and can be put earlier or later. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { changeBoard, moved } from '../state/board.js';
import * as ws from '../state/workspace.js';
import { icons } from './icons.js';

/** @param {{section: string, n: number, all: string[], children: any}} props */
export function Section({ section, n, all, children }) {
  const open = ws.isOpen(section);
  const move = (/** @type {number} */ by) => changeBoard({ sections: moved(all, section, by) });
  const name = section || t('section.other');
  return html`<section class="section" data-section=${section}>
    <h2><button class="section-head" aria-expanded=${open} onClick=${() => ws.toggleSection(section)}>
      ${open ? icons.down() : icons.right()}<span>${name}</span><span class="muted">${t('section.panels', { n })}</span></button>
      <span class="section-moves">${all[0] !== section && html`<button class="ghost" aria-label=${t('section.up', { name })} title=${t('section.up', { name })} onClick=${() => move(-1)}>↑</button>`}
      ${all.at(-1) !== section && html`<button class="ghost" aria-label=${t('section.down', { name })} title=${t('section.down', { name })} onClick=${() => move(1)}>↓</button>`}</span></h2>
    ${open && html`<div class="panels">${children}</div>`}
  </section>`;
}
