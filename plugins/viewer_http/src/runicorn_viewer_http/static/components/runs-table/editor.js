/** Names, tags and notes are changed where they stand. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { seg, send } from '../../api.js';
import { titleOf } from '../../state/experiments.js';
import { attempt, toast } from '../feedback.js';

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

/** What it is called where nobody has named it. @param {RunRow} row */
const unnamed = (row) => titleOf({ id: row.run, project: row.project, name: row.name });

/** @param {RunRow} row @param {string} id */
const textOf = (row, id) => (id === 'run' ? row.display_name ?? unnamed(row) : id === 'tags' ? row.tags.join(', ') : row.note ?? '');

/** What brings back what a row says. @param {RunRow} row @param {string} id */
const backTo = (row, id) => (id === 'run' ? { name: row.display_name ?? '' } : id === 'tags' ? { tags: row.tags } : { note: row.note ?? '' });

/** @param {RunRow} row @param {string} id @param {string} text */
function changeOf(row, id, text) {
  if (id === 'run') return { name: text.trim() === unnamed(row) ? '' : text.trim() };
  return id === 'tags' ? { tags: [...new Set(text.split(/[,，]/).map((tag) => tag.trim()).filter(Boolean))] } : { note: text };
}

/** @param {RunRow} row @param {Record<string, unknown>} change */
async function save(row, change) {
  const done = await attempt(() => send(`runs/${seg(row.run)}?${new URLSearchParams({ path: row.path })}`, change, 'PATCH'));
  onEdited.forEach((fn) => fn());
  return done;
}

/** @param {{row: RunRow, id: string}} props */
export function CellEditor({ row, id }) {
  const before = textOf(row, id);
  const box = useRef(/** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (null));
  const over = useRef(false);
  useLayoutEffect(() => { box.current?.focus(); box.current?.select(); }, []);
  /** @param {boolean} keep */
  const end = async (keep) => {
    if (over.current) return;
    over.current = true;
    const cell = /** @type {HTMLElement | null | undefined} */ (box.current?.closest('[data-col]'));
    const draft = box.current?.value ?? before;
    editing.value = null;
    cell?.focus({ preventScroll: true });
    if (!keep || draft === before.replace(/\r\n?/g, '\n')) return; // as a box has its lines
    if (await save(row, changeOf(row, id, draft))) toast(t('table.edited'), { offer: { label: t('action.undo'), run: () => { void save(row, backTo(row, id)); } } });
  };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); end(true); }
    if (event.key === 'Escape') end(false);
  };
  // a note has lines
  return html`<${id === 'note' ? 'textarea' : 'input'} class="grid-edit" ref=${box} defaultValue=${before} placeholder=${id === 'run' ? row.run : ''} aria-label=${t(`table.edit.${id}`)} onKeyDown=${keys} onBlur=${() => end(true)} />`;
}
