/** The filter box: conditions in words, completed while they are typed; each is a chip that can be taken out. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { joinTerms, splitTerms } from '../state/terms.js';
import { completions } from '../state/completions.js';
import { icons } from './icons.js';

const PAUSE_MS = 300;
/** @typedef {import('../state/matching.js').Problem} Problem */

/**
 * @param {{id: string, value: string, problem: Problem | null, fields: import('../state/table/source.js').FieldInfo[], onFilter: (text: string) => void}} props
 */
export function FilterBox({ id, value, problem, fields, onFilter }) {
  const [draft, setDraft] = useState(value);
  const [offers, setOffers] = useState(/** @type {import('../state/completions.js').Offer[]} */ ([]));
  const [at, setAt] = useState(-1);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const sent = useRef(value);
  // what comes from elsewhere (back, a chip, a saved view) replaces what stands here
  useEffect(() => { if (value !== sent.current) { sent.current = value; setDraft(value); } }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (/** @type {string} */ text) => {
    clearTimeout(timer.current);
    sent.current = text.trim();
    onFilter(text.trim());
  };
  const offer = (/** @type {string} */ text, /** @type {number} */ caret) => { setOffers(completions(text, caret, fields)); setAt(-1); };
  /** @param {any} event */
  const typed = (event) => {
    const text = event.target.value;
    setDraft(text);
    offer(text, event.target.selectionStart ?? text.length);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(text), PAUSE_MS);
  };
  /** @param {import('../state/completions.js').Offer} one */
  const take = (one) => {
    const text = draft.slice(0, one.from) + one.insert + draft.slice(one.to);
    const caret = one.from + one.insert.length;
    setDraft(text);
    setOffers(one.insert.endsWith(' ') ? completions(text, caret, fields) : []);
    setAt(-1);
    requestAnimationFrame(() => { box.current?.focus(); box.current?.setSelectionRange(caret, caret); });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(text), PAUSE_MS);
  };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && offers.length > 0) { event.preventDefault(); setAt((at + by + offers.length + (at < 0 && by < 0 ? 1 : 0)) % offers.length); return; }
    if ((event.key === 'Enter' || event.key === 'Tab') && at >= 0 && offers[at]) { event.preventDefault(); take(offers[at]); return; }
    if (event.key === 'Enter') { setOffers([]); send(draft); }
    if (event.key === 'Escape' && offers.length > 0) { event.preventDefault(); event.stopPropagation(); setOffers([]); }
  };
  const terms = problem ? [] : splitTerms(value);
  const list = `${id}-list`;
  return html`<div class="filter-box">
    <div class="filter-input"><input id=${id} ref=${box} class=${problem ? 'input bad' : 'input'} type="search" role="combobox" spellcheck=${false} autocomplete="off" placeholder=${t('filter.placeholder')} aria-label=${t('filter.label')}
      aria-expanded=${offers.length > 0} aria-controls=${list} aria-autocomplete="list" aria-activedescendant=${at >= 0 ? `${list}-${at}` : undefined} aria-invalid=${problem !== null} aria-describedby=${problem ? `${id}-problem` : undefined}
      value=${draft} onInput=${typed} onKeyDown=${keys} onFocus=${(/** @type {any} */ e) => offer(draft, e.target.selectionStart ?? draft.length)} onBlur=${() => setTimeout(() => setOffers([]), 150)} />
    <ul class="filter-offers" id=${list} role="listbox" aria-label=${t('filter.offers')} hidden=${offers.length === 0}>${offers.map((one, i) => html`<li key=${one.insert} id=${`${list}-${i}`} role="option" aria-selected=${i === at} onMouseDown=${(/** @type {MouseEvent} */ e) => { e.preventDefault(); take(one); }}>
      <span class="mono">${one.label}</span><span class="muted cut">${one.about}</span></li>`)}</ul></div>
    ${problem && html`<p class="filter-problem err" id=${`${id}-problem`} role="alert">${problem.detail}${problem.suggestion && html` <button class="ghost" onClick=${() => { const text = replaced(draft, problem); setDraft(text); send(text); }}>${t('filter.meant', { word: problem.suggestion })}</button>`} <span class="soft">${t('filter.keptOld')}</span></p>`}
    ${terms.length > 1 && html`<div class="filter-chips">${terms.map((term, i) => html`<span class="tag removable" key=${term}><span class="mono">${term}</span>
      <button class="ghost" aria-label=${t('filter.remove', { term })} onClick=${() => { const text = joinTerms(terms.filter((_, j) => j !== i)); setDraft(text); send(text); }}>${icons.close()}</button></span>`)}</div>`}
  </div>`;
}

/** The text with the word that was not understood replaced by what was probably meant. @param {string} text @param {Problem} problem */
function replaced(text, { position, suggestion }) {
  if (position === null) return text;
  const word = /^(,|[^\s()=<>!~,]+)/.exec(text.slice(position))?.[0] ?? '';
  return `${text.slice(0, position)}${word === ',' ? ' ' : ''}${suggestion}${text.slice(position + word.length)}`;
}
