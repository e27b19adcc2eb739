/** What is done with all chosen runs at once. Each act can be taken back. */
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import * as selection from '../../state/table/selection.js';
import { attempt, toast } from '../feedback.js';
import { Dialog } from '../dialog.js';
import { icons } from '../icons.js';

/** @typedef {import('../../state/table/source.js').RunRow} RunRow */

/**
 * Do it, say so, and offer the way back.
 * @param {() => Promise<import('../../state/table/selection.js').Done>} act @param {string} said @param {() => void} onChanged
 */
export async function act(act, said, onChanged) {
  /** @type {import('../../state/table/selection.js').Done | null} */
  let done = null;
  if (!(await attempt(async () => { done = await act(); }))) { onChanged(); return; }
  onChanged();
  const undo = async () => { if (await attempt(() => /** @type {any} */ (done).undo())) toast(t('table.undone')); onChanged(); };
  toast(said, { offer: { label: t('action.undo'), run: undo } });
}

/** @param {{rows: RunRow[], onChanged: () => void}} props */
export function Bulk({ rows, onChanged }) {
  const [tagging, setTagging] = useState(false);
  const n = rows.length;
  const allArchived = rows.every((row) => row.archived);
  const allPinned = rows.every((row) => row.pinned);
  const archive = () => act(() => selection.archive(rows, !allArchived), t(allArchived ? 'bulk.unarchived' : 'bulk.archived', { n }), () => { selection.clearChosen(); onChanged(); });
  const pin = () => act(() => selection.pin(rows, !allPinned), t(allPinned ? 'bulk.unpinned' : 'bulk.pinned', { n }), onChanged);
  return html`<div class="bulk" role="toolbar" aria-label=${t('bulk.title')}>
    <b class="num">${t('bulk.selected', { n })}</b>
    <a class="button" href=${`/compare?${new URLSearchParams([['project', rows[0].project], ...rows.map((row) => ['run', row.path])])}`}>${t('bulk.compare')}</a>
    <button class="button" onClick=${() => setTagging(true)}>${t('bulk.tag')}</button>
    <button class="button" onClick=${pin}>${icons.pin()} ${t(allPinned ? 'run.unpin' : 'run.pin')}</button>
    <button class="button" onClick=${archive}>${icons.archive()} ${t(allArchived ? 'run.unarchive' : 'run.archive')}</button>
    <button class="button danger" onClick=${() => removeAll(rows, onChanged)}>${icons.trash()} ${t('run.delete')}</button>
    <span class="sp"></span><button class="ghost" onClick=${selection.clearChosen}>${t('bulk.clear')}</button>
    ${tagging && html`<${Tagging} rows=${rows} onChanged=${onChanged} onClose=${() => setTagging(false)} />`}
  </div>`;
}

/** @param {RunRow[]} rows @param {() => void} onChanged */
export const removeAll = (rows, onChanged) => act(() => selection.remove(rows), t('bulk.deleted', { n: rows.length }), () => { selection.clearChosen(); onChanged(); });

/** @param {{rows: RunRow[], onChanged: () => void, onClose: () => void}} props */
function Tagging({ rows, onChanged, onClose }) {
  const [draft, setDraft] = useState('');
  const tag = draft.trim();
  const known = [...new Set(rows.flatMap((row) => row.tags))].sort();
  /** @param {string} which @param {boolean} on */
  const change = (which, on) => {
    onClose();
    act(() => selection.tagAll(rows, which, on), t(on ? 'bulk.tagged' : 'bulk.untagged', { n: rows.length, tag: which }), () => { selection.clearChosen(); onChanged(); });
  };
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); if (tag) change(tag, true); };
  return html`<${Dialog} title=${t('bulk.tagTitle', { n: rows.length })} onClose=${onClose}><form onSubmit=${submit} class="row-line">
    <input class="input" autofocus maxlength="200" value=${draft} placeholder=${t('tags.add')} aria-label=${t('tags.add')} onInput=${(/** @type {any} */ e) => setDraft(e.target.value)} />
    <button class="button primary" disabled=${!tag}>${t('bulk.add')}</button></form>
    ${known.length > 0 && html`<p class="soft bulk-known">${t('bulk.removeTag')}</p><div class="tags">${known.map((one) => html`<button key=${one} class="button" onClick=${() => change(one, false)} aria-label=${t('tags.remove', { tag: one })}>${one} ${icons.close()}</button>`)}</div>`}
  </${Dialog}>`;
}
