/** The compare page's state, all of it in the address, and the rows of its tables. */
import { computed } from '@preact/signals';
import { param, query, setQuery } from '../router.js';
import { formatExact } from '../charts/format.js';

/** @typedef {{key: string, cells: unknown[], differs: boolean}} Row */

export const VIEWS = ['tables', 'charts', 'explore', 'code'];
/** Runs named in the address, by id or folder; none: those that the workspace shows. */
export const chosen = computed(() => query.value.getAll('run'));
export const view = computed(() => { const asked = query.value.get('view') ?? ''; return VIEWS.includes(asked) ? asked : 'tables'; });
export const everything = computed(() => query.value.get('same') === '1');
export const flipped = computed(() => query.value.get('flip') === '1');
/** @type {import('@preact/signals').ReadonlySignal<'last' | 'min' | 'max' | 'mean'>} */
export const figure = computed(() => { const asked = query.value.get('figure'); return asked === 'min' || asked === 'max' || asked === 'mean' ? asked : 'last'; });
export const target = param('target');
export const axes = computed(() => query.value.getAll('axis'));
export const across = param('x-axis');
export const up = param('y-axis');
export const base = param('base');

/** Brushes of parallel coordinates: column to a range of values; of places between 0 and 1 where it has categories. */
export const brushes = computed(() => new Map([...query.value].filter(([key]) => key.startsWith('brush.')).flatMap(([key, text]) => {
  const [from, to] = text.split('..').map(Number);
  return from < to ? [[key.slice(6), /** @type {[number, number]} */ ([from, to])]] : [];
})));

/** @param {string} column @param {[number, number] | null} range */
export const setBrush = (column, range) => setQuery({ [`brush.${column}`]: range ? range.map((one) => String(Number(one.toPrecision(12)))).join('..') : null });

export const clearBrushes = () => setQuery(Object.fromEntries([...brushes.peek().keys()].map((column) => [`brush.${column}`, null])));

/** One row for each key, with the value of each run and whether they differ. @param {ReadonlyMap<string, unknown>[]} runs @returns {Row[]} */
export function rowsOf(runs) {
  const keys = [...new Set(runs.flatMap((values) => [...values.keys()]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return keys.map((key) => {
    const cells = runs.map((values) => values.get(key));
    return { key, cells, differs: new Set(cells.map((cell) => (cell === undefined ? '' : formatExact(cell)))).size > 1 };
  });
}

/** Where a number stands among the numbers of its row, between 0 and 1; null where that says nothing. @param {unknown} cell @param {unknown[]} cells */
export function shadeOf(cell, cells) {
  const numbers = /** @type {number[]} */ (cells.filter((one) => typeof one === 'number' && Number.isFinite(one)));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return typeof cell === 'number' && Number.isFinite(cell) && low < high ? (cell - low) / (high - low) : null;
}
