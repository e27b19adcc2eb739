/** What the runs table shows: the address says which runs and in which order, the project remembers the columns. */
import { computed, signal } from '@preact/signals';
import { param, query, setQuery } from '../../router.js';
import { FIRST, usualColumns } from './columns.js';
import { readDocument, writeDocument } from './views.js';

/** @typedef {import('./columns.js').Column} Column @typedef {import('./source.js').FieldInfo} FieldInfo */
/** @typedef {{id: string, down: boolean}} Sort */

export const project = param('project');
export const experiment = param('name');
export const filter = param('q');
export const groupBy = param('group');
export const archivedToo = computed(() => query.value.get('archived') === '1');
/** `order=-metrics.acc.max,created_at`, as the server takes it. @type {import('@preact/signals').ReadonlySignal<Sort[]>} */
export const order = computed(() => splitList(query.value.get('order') ?? '').map((word) => ({ id: word.replace(/^-/, ''), down: word.startsWith('-') })));

/** Parts between commas outside quotes. @param {string} text */
export const splitList = (text) => (text.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? []).map((part) => part.trim()).filter(Boolean);

/** Fields that runs of the project have. @type {import('@preact/signals').Signal<FieldInfo[]>} */
export const fields = signal([]);
/** Whether the values of a parameter are numbers, as far as is known. @param {string} id */
export const isNumeric = (id) => {
  const examples = fields.value.find((field) => field.name === id)?.examples ?? [];
  return examples.length > 0 && examples.every((value) => typeof value === 'number');
};
/** What somebody has chosen; null: nobody has. @type {import('@preact/signals').Signal<Column[] | null>} */
const remembered = signal(null);
/** Nothing is drawn before it is known what was chosen. */
export const columnsKnown = signal(false);

/** `cols` in the address is somebody's link: it wins until a column is changed. @type {import('@preact/signals').ReadonlySignal<Column[]>} */
export const columns = computed(() => {
  const linked = splitList(query.value.get('cols') ?? '');
  if (linked.length > 0) return withFirst(linked.map((id) => remembered.value?.find((column) => column.id === id) ?? { id }));
  return remembered.value ?? usualColumns(fields.value);
});

/** The run's name is always there, left. @param {Column[]} list @returns {Column[]} */
const withFirst = (list) => (list.some((column) => column.id === FIRST) ? list : [{ id: FIRST, pinned: true }, ...list]);

let of = '';
/** Whether what was remembered could be read; else nothing is saved over it. */
let read = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saving;

/** @param {string} name the project */
export async function loadColumns(name) {
  if (of === name && columnsKnown.peek() && read) return;
  of = name;
  read = false;
  columnsKnown.value = false;
  remembered.value = null;
  const found = await readDocument(`table:${name}`).catch(() => null);
  if (of !== name) return;
  read = found !== null;
  if (Array.isArray(found?.columns) && found.columns.length > 0) remembered.value = withFirst(found.columns.filter((/** @type {any} */ one) => typeof one?.id === 'string'));
  columnsKnown.value = true;
}

/** @param {Column[] | null} next null: as nobody had chosen */
export function setColumns(next) {
  remembered.value = next && withFirst(next);
  if (query.peek().has('cols')) setQuery({ cols: null });
  const name = of;
  clearTimeout(saving);
  if (!read) return;
  saving = setTimeout(() => { writeDocument(`table:${name}`, next ? { columns: next } : {}).catch(() => { /* it holds for this page */ }); }, 500);
}

/** @param {string} id @param {Partial<Column>} change */
export const changeColumn = (id, change) => setColumns(columns.peek().map((column) => (column.id === id ? { ...column, ...change } : column)));

/** Sort by a column: up, down, not at all; `more` keeps the other columns that are sorted by. @param {string} id @param {boolean} more @param {boolean} [down] the direction, where it is said */
export function sortBy(id, more, down) {
  const now = order.peek();
  const old = now.find((sort) => sort.id === id);
  const firstDown = id.startsWith('metrics.') || id.endsWith('_at') || id === 'best';
  const next = down !== undefined ? { id, down } : !old ? { id, down: firstDown } : old.down === firstDown ? { id, down: !firstDown } : null;
  const others = more ? now.filter((sort) => sort.id !== id) : [];
  const at = more && old ? now.indexOf(old) : others.length;
  const list = next ? [...others.slice(0, at), next, ...others.slice(at)] : others;
  setQuery({ order: list.map((sort) => `${sort.down ? '-' : ''}${sort.id}`).join(',') }, { push: true });
}
