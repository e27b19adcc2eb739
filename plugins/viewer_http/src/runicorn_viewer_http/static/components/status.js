/** A run's status: a glyph, a word and a colour, never the colour alone. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';

/** @type {Record<string, {glyph: string, tone: string}>} */
const LOOK = {
  running: { glyph: '●', tone: 'ok' }, finished: { glyph: '✓', tone: 'muted' }, failed: { glyph: '✕', tone: 'err' },
  crashed: { glyph: '✕', tone: 'err' }, interrupted: { glyph: '◌', tone: 'warn' },
};

/** @param {string} status */
export function statusWord(status) {
  return status in LOOK ? t(`status.${status}`) : status;
}

/** @param {{status: string}} props */
export function Status({ status }) {
  const { glyph, tone } = LOOK[status] ?? { glyph: '◌', tone: 'muted' };
  return html`<span class=${`nowrap ${tone}`}><span aria-hidden="true">${glyph}</span> ${statusWord(status)}</span>`;
}
