/** Tags of a run: each can be taken off, one can be added. */
import { useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { changeRun } from './run-name.js';
import { icons } from './icons.js';

/** @param {{run: import('../types').RunDetail}} props */
export function Tags({ run }) {
  const [draft, setDraft] = useState('');
  // what was asked for and is not saved yet: the next change is made to this, one after the other
  const asked = useRef(/** @type {string[] | null} */ (null));
  const last = useRef(/** @type {Promise<unknown>} */ (Promise.resolve()));
  const [, draw] = useState(0);
  const tags = asked.current ?? run.tags;
  /** @param {string[]} next */
  const change = (next) => {
    asked.current = next;
    last.current = last.current.then(() => changeRun(run, { tags: next })).then(() => { if (asked.current === next) asked.current = null; draw((n) => n + 1); });
    draw((n) => n + 1);
  };
  const add = () => {
    const tag = draft.trim();
    setDraft('');
    if (tag && !tags.includes(tag)) change([...tags, tag]);
  };
  return html`<div class="tags">${tags.map((tag) => html`<span class="tag removable" key=${tag}>${tag}
      <button class="ghost" aria-label=${t('tags.remove', { tag })} onClick=${() => change(tags.filter((one) => one !== tag))}>${icons.close()}</button></span>`)}
    <input class="input tag-input" value=${draft} placeholder=${t('tags.add')} aria-label=${t('tags.add')} onInput=${(/** @type {any} */ e) => setDraft(e.target.value)}
      onBlur=${add} onKeyDown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === 'Enter') add(); }} /></div>`;
}
