/** Names, tags and notes are changed where they stand. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { seg, send } from '../../api.js';
import { attempt } from '../feedback.js';

/** @typedef {import('../../state/table/source.js').RunRow} RunRow */
/** Which cell is being changed. @type {import('@preact/signals').Signal<{path: string, id: string} | null>} */
export const editing = signal(null);
/** Called when a change has been saved. @type {Set<() => void>} */
export const onEdited = new Set();

const EDITED = ['run', 'tags', 'note'];

/** @param {RunRow} row @param {string} id @returns {boolean} whether it can be changed */
export function edit(row, id) {
  if (!EDITED.includes(id)) return false;
  editing.value = { path: row.path, id };
  return true;
}

/** @param {{row: RunRow, id: string}} props */
export function CellEditor({ row, id }) {
  const before = id === 'run' ? row.display_name ?? '' : id === 'tags' ? row.tags.join(', ') : row.note;
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const over = useRef(false);
  useLayoutEffect(() => { box.current?.focus(); box.current?.select(); }, []);
  /** @param {boolean} save */
  const end = async (save) => {
    if (over.current) return;
    over.current = true;
    const cell = /** @type {HTMLElement | null | undefined} */ (box.current?.closest('[data-col]'));
    const draft = box.current?.value ?? before;
    editing.value = null;
    cell?.focus({ preventScroll: true });
    if (!save || draft === before) return;
    const change = id === 'run' ? { name: draft.trim() } : id === 'tags' ? { tags: [...new Set(draft.split(/[,，]/).map((tag) => tag.trim()).filter(Boolean))] } : { note: draft };
    await attempt(() => send(`runs/${seg(row.run)}?${new URLSearchParams({ path: row.path })}`, change, 'PATCH'));
    onEdited.forEach((fn) => fn());
  };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') { event.preventDefault(); end(true); }
    if (event.key === 'Escape') end(false);
  };
  return html`<input class="grid-edit" ref=${box} defaultValue=${before} placeholder=${id === 'run' ? row.run : ''} aria-label=${t(`table.edit.${id}`)} onKeyDown=${keys} onBlur=${() => end(true)} />`;
}
