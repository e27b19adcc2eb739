/** The name of a run, to be changed in place. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { seg, send } from '../api.js';
import { refreshExperiments, titleOf } from '../state/experiments.js';
import { refreshRun } from '../state/runs.js';
import { attempt } from './feedback.js';
import { icons } from './icons.js';

/** @param {import('../types').RunDetail} run @param {Record<string, unknown>} changes */
export async function changeRun(run, changes) {
  const done = await attempt(() => send(`runs/${seg(run.id)}?${new URLSearchParams({ path: run.path })}`, changes, 'PATCH'));
  await refreshRun(run.id, run.path);
  refreshExperiments();
  return done;
}

/** @param {{run: import('../types').RunDetail}} props */
export function RunName({ run }) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const name = titleOf(run);
  // where nobody has named it
  const unnamed = titleOf({ id: run.id, project: run.project, name: run.name });
  const save = async () => {
    const value = draft?.trim() === unnamed ? '' : draft?.trim();
    setDraft(null);
    if (value !== undefined && value !== (run.display_name ?? '')) await changeRun(run, { name: value });
  };
  if (draft === null) {
    return html`<h1 class="run-title"><span class="cut" title=${run.id}>${name}</span>
      <button class="ghost" onClick=${() => setDraft(run.display_name ?? unnamed)} aria-label=${t('run.rename')} title=${t('run.rename')}>${icons.edit()}</button></h1>`;
  }
  return html`<input class="input run-rename" autofocus ref=${(/** @type {HTMLInputElement | null} */ el) => el?.focus()} onFocus=${(/** @type {any} */ e) => e.target.select()} value=${draft} placeholder=${run.id} aria-label=${t('run.rename')}
    onInput=${(/** @type {any} */ e) => setDraft(e.target.value)} onBlur=${save}
    onKeyDown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === 'Enter') save(); if (e.key === 'Escape') setDraft(null); }} />`;
}
