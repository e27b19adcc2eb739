/** Tags of a run: each can be taken off, one can be added. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { changeRun } from './run-name.js';
import { icons } from './icons.js';

/** @param {{run: import('../types').RunDetail}} props */
export function Tags({ run }) {
  const [draft, setDraft] = useState('');
  const add = () => {
    const tag = draft.trim();
    setDraft('');
    if (tag && !run.tags.includes(tag)) changeRun(run, { tags: [...run.tags, tag] });
  };
  return html`<div class="tags">${run.tags.map((tag) => html`<span class="tag removable" key=${tag}>${tag}
      <button class="ghost" aria-label=${t('tags.remove', { tag })} onClick=${() => changeRun(run, { tags: run.tags.filter((one) => one !== tag) })}>${icons.close()}</button></span>`)}
    <input class="input tag-input" value=${draft} placeholder=${t('tags.add')} aria-label=${t('tags.add')} onInput=${(/** @type {any} */ e) => setDraft(e.target.value)}
      onBlur=${add} onKeyDown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === 'Enter') add(); }} /></div>`;
}
