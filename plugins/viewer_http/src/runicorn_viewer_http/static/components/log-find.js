/** The search of a log: how many lines match, the one looked at, the next and the one before. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatCount } from '../charts/format.js';
import { setQuery } from '../router.js';
import { icons } from './icons.js';

/**
 * @param {{q: string, matches: import('../types').LogLine[] | null, more: boolean, size: number | null, at: number, only: boolean, onStep: (by: number) => void}} props
 * `at` counts from 0; -1 where none is looked at.
 */
export function LogFind({ q, matches, more, size, at, only, onStep }) {
  const n = matches?.length ?? 0;
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    onStep(event.shiftKey ? -1 : 1);
  };
  const places = { i: at < 0 ? '–' : formatCount(at + 1), n: formatCount(n) };
  const text = matches === null ? (size === null ? '' : t('logs.lines', { n: size }))
    : only || !q ? t(more ? 'logs.firstMatching' : 'logs.matching', { n: formatCount(n), total: formatCount(size ?? 0) })
      : n === 0 ? t('logs.noMatch') : t(more ? 'logs.atOfMore' : 'logs.atOf', places);
  return html`<div class="log-find">
    <input class="input bar-search" type="search" spellcheck=${false} placeholder=${t('logs.search')} aria-label=${t('logs.search')} value=${q}
      onInput=${(/** @type {any} */ e) => setQuery({ lq: e.target.value })} onKeyDown=${keys} />
    ${q && !only && html`<button class="ghost" disabled=${n === 0} onClick=${() => onStep(-1)} aria-label=${t('logs.previous')} title=${t('logs.previousTitle')}>${icons.up()}</button>
      <button class="ghost" disabled=${n === 0} onClick=${() => onStep(1)} aria-label=${t('logs.next')} title=${t('logs.nextTitle')}>${icons.down()}</button>`}
    <span class="muted nowrap log-count" aria-live="polite">${text}</span>
    ${q && html`<button class=${only ? 'chip on' : 'chip'} aria-pressed=${only} onClick=${() => setQuery({ lo: only ? null : '1' })}>${t('logs.only')} <span aria-hidden="true">${only ? '●' : '○'}</span></button>`}
  </div>`;
}
