/**
 * What readers arrange in a project's workspace: panels of their own, settings of single panels, order, colours,
 * the baseline. Kept beside the runs (GET/PUT /api/ui-preferences), so that everybody who opens the root sees it.
 */
import { computed, signal } from '@preact/signals';
import { apiUrl, isAbort, request } from '../api.js';
import { overrideColors } from '../charts/palette.js';
import { attempt } from '../components/feedback.js';

/** @typedef {import('../types').PanelOptions} PanelOptions @typedef {import('../types').PanelSpec} PanelSpec */
/**
 * @typedef {object} Board
 * @property {PanelSpec[]} panels that readers made
 * @property {Record<string, PanelOptions>} options by panel id
 * @property {Record<string, string[]>} order ids of a section's panels, where it was changed
 * @property {string[]} sections in this order, where it was changed
 * @property {Record<string, number>} colors folder of a run to a place in the palette
 * @property {string | null} baseline folder of a run
 */

/** @type {Board} */
const EMPTY = { panels: [], options: {}, order: {}, sections: [], colors: {}, baseline: null };
const SAVE_AFTER = 400;

/** @type {import('@preact/signals').Signal<Board>} */
const kept = signal(EMPTY);
export const board = computed(() => kept.value);
/** The project whose board this is; null while it is on its way. @type {string | null} */
let loaded = null;
let wanted = '';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** How many times it is being saved at this moment. */
let saving = 0;
/** Whether what is here could not be saved: nothing is taken over it. */
let unsaved = false;

const url = () => apiUrl('ui-preferences', { view: `workspace:${wanted}` });

/** Load the board of a project. @param {string} project */
export async function watchBoard(project) {
  if (!project || wanted === project) return;
  await flush();
  wanted = project;
  loaded = null;
  unsaved = false;
  steps.value = { back: [], forth: [] };
  take(EMPTY);
  try {
    const found = await request(url(), { quiet: true });
    if (wanted !== project) return;
    loaded = project;
    take(tidy(found));
  } catch (error) {
    // without it the workspace stands as it is made; nothing is saved over what could not be read
    if (!isAbort(error)) wanted = wanted === project ? '' : wanted;
  }
}

/** What somebody else has arranged meanwhile is here before the next change is made and saved over it. */
async function renew() {
  const project = wanted;
  if (document.hidden || !project || loaded !== project || timer !== undefined || saving > 0) return;
  if (unsaved) { put(kept.peek()); return; }
  const before = kept.peek();
  const found = await request(url(), { quiet: true }).then(tidy).catch(() => null);
  if (!found || loaded !== project || wanted !== project || kept.peek() !== before || JSON.stringify(found) === JSON.stringify(before)) return;
  steps.value = { back: [], forth: [] };
  take(found);
}
addEventListener('focus', renew);
document.addEventListener('visibilitychange', renew);

/** @param {Board} next */
function take(next) {
  kept.value = next;
  overrideColors(next.colors);
}

/** Another hand may have written the document: what is not of the right kind is left out. @param {any} found @returns {Board} */
function tidy(found) {
  const object = (/** @type {any} */ value) => (value && typeof value === 'object' && !Array.isArray(value) ? value : {});
  const strings = (/** @type {any} */ value) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
  const panels = (Array.isArray(found?.panels) ? found.panels : []).filter((/** @type {any} */ one) => typeof one?.id === 'string' && typeof one.title === 'string' && Array.isArray(one.expressions));
  return {
    panels: panels.map((/** @type {any} */ one) => ({ id: one.id, title: one.title, section: String(one.section ?? ''), expressions: strings(one.expressions), custom: true })),
    options: object(found?.options), order: Object.fromEntries(Object.entries(object(found?.order)).map(([name, ids]) => [name, strings(ids)])),
    sections: strings(found?.sections), colors: object(found?.colors), baseline: typeof found?.baseline === 'string' ? found.baseline : null,
  };
}

/** Changes that can be taken back. */
const MOST_STEPS = 50;
/** Changes of one thing within this time (ms), as by a slider, are one step. */
const ONE_STEP = 1000;
/** @type {import('@preact/signals').Signal<{back: readonly Board[], forth: readonly Board[]}>} */
const steps = signal({ back: [], forth: [] });
export const canUndo = computed(() => steps.value.back.length > 0);
export const canRedo = computed(() => steps.value.forth.length > 0);
let last = { what: '', at: 0 };

/** @param {Partial<Board>} changes @param {string} [what] names the thing that changes, where it does so many times in a row */
export function changeBoard(changes, what = '') {
  const before = kept.peek();
  const now = Date.now();
  const goesOn = what !== '' && what === last.what && now - last.at < ONE_STEP;
  last = { what, at: now };
  if (!goesOn) steps.value = { back: [...steps.peek().back, before].slice(-MOST_STEPS), forth: [] };
  put({ ...before, ...changes });
}

/** @param {Board} next */
function put(next) {
  take(next);
  clearTimeout(timer);
  timer = setTimeout(flush, SAVE_AFTER);
}

/** Take back the last change of the workspace. @returns {boolean} whether there was one */
export function undo() {
  const { back, forth } = steps.peek();
  const before = back[back.length - 1];
  if (!before) return false;
  last = { what: '', at: 0 };
  steps.value = { back: back.slice(0, -1), forth: [...forth, kept.peek()] };
  put(before);
  return true;
}

/** Do again what was taken back. @returns {boolean} whether there was something */
export function redo() {
  const { back, forth } = steps.peek();
  const next = forth[forth.length - 1];
  if (!next) return false;
  steps.value = { back: [...back, kept.peek()], forth: forth.slice(0, -1) };
  put(next);
  return true;
}

/** Save now what waits to be saved. */
async function flush() {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  if (loaded !== wanted) return;
  const project = wanted;
  saving += 1;
  const done = await attempt(() => request(url(), { method: 'PUT', body: kept.peek(), quiet: true }));
  saving -= 1;
  if (wanted === project) unsaved = !done;
}

addEventListener('pagehide', () => {
  if (timer === undefined || loaded !== wanted) return;
  // the page goes: fetch would be cut off
  void fetch(url(), { method: 'PUT', keepalive: true, headers: { 'content-type': 'application/json' }, body: JSON.stringify(kept.peek()) });
});

/** An option that is undefined follows the toolbar again. @param {string} panel @param {PanelOptions} changes */
export function changeOptions(panel, changes) {
  const now = Object.fromEntries(Object.entries({ ...kept.peek().options[panel], ...changes }).filter(([, value]) => value !== undefined));
  const { [panel]: _, ...others } = kept.peek().options;
  changeBoard({ options: Object.keys(now).length > 0 ? { ...others, [panel]: now } : others }, `${panel} ${Object.keys(changes).join(' ')}`);
}

/** @param {PanelSpec} spec a new one, or one that is there already */
export function savePanel(spec) {
  const panels = kept.peek().panels;
  changeBoard({ panels: panels.some((one) => one.id === spec.id) ? panels.map((one) => (one.id === spec.id ? spec : one)) : [...panels, spec] });
}

/** @param {string} id */
export const removePanel = (id) => changeBoard({ panels: kept.peek().panels.filter((one) => one.id !== id) });

/** @param {string} path folder of a run @param {number | null} slot null: its own colour again */
export function changeColor(path, slot) {
  const { [path]: _, ...others } = kept.peek().colors;
  changeBoard({ colors: slot === null ? others : { ...others, [path]: slot } });
}

/** @param {string | null} path */
export const setBaseline = (path) => changeBoard({ baseline: path });

/** Put one name a place earlier or later in an order. @param {string[]} order as it is shown @param {string} name @param {number} by */
export function moved(order, name, by) {
  const at = order.indexOf(name);
  const to = Math.min(order.length - 1, Math.max(0, at + by));
  const next = order.filter((one) => one !== name);
  next.splice(to, 0, name);
  return next;
}
