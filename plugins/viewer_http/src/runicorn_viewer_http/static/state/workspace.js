/** The workspace's state, all of it in the address: runs shown, filter, x, smoothing, zoom, sections. */
import { computed } from '@preact/signals';
import { param, query, setQuery } from '../router.js';

export const project = param('project');
export const names = computed(() => query.value.getAll('name'));
export const runFilter = param('q');
export const metricFilter = param('m');
/** @type {import('@preact/signals').ReadonlySignal<import('../types').XAxis>} */
export const xAxis = computed(() => {
  const x = query.value.get('x');
  return x === 'relative' || x === 'wall' ? x : 'step';
});
/** 0 (off) to 0.99. */
export const smoothing = computed(() => {
  const value = Number(query.value.get('s') ?? 0.3);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 0.99) : 0;
});
export const logY = computed(() => query.value.get('log') === '1');
export const outliers = computed(() => query.value.get('outliers') !== 'ignore');
export const sort = param('sort', 'created');
/** Full screen panel: its metric, or ''. */
export const focusPanel = param('panel');
/** Whether archived runs are listed. */
export const archivedToo = computed(() => query.value.get('archived') === '1');
export const sideClosed = computed(() => query.value.get('side') === '0');

/** Show one panel in full screen. @param {string} metric */
export const openPanel = (metric) => setQuery({ panel: metric }, { push: true, state: { opened: metric } });

/** Leave the full screen: by the way it was entered, where nothing has changed since. @returns {boolean} whether there was one */
export function closePanel() {
  const metric = focusPanel.peek();
  if (!metric) return false;
  if (history.state?.opened === metric) goBack();
  else setQuery({ panel: null });
  return true;
}

let goingBack = false;
/** One step, however often it is asked for before the browser has taken it. */
function goBack() {
  if (goingBack) return;
  goingBack = true;
  addEventListener('popstate', () => { goingBack = false; }, { once: true });
  history.back();
}

/** @param {number} value */
export const setSmoothing = (value) => setQuery({ s: String(Math.round(Math.min(Math.max(value, 0), 0.99) * 100) / 100) });

// --- Which runs are drawn: either all but `hide`, or only `show` (after a solo) ------------------------------

const hide = computed(() => new Set(query.value.getAll('hide')));
/** null: no choice. `show=-` is the choice of none. */
const show = computed(() => (query.value.has('show') ? new Set(query.value.getAll('show').filter((one) => one !== '-')) : null));

/** @param {string} id */
export const isShown = (id) => show.value?.has(id) ?? !hide.value.has(id);

/** @param {string} id */
export function toggleRun(id) {
  const chosen = show.peek();
  const set = new Set(chosen ?? hide.peek());
  if (!set.delete(id)) set.add(id);
  if (chosen) setQuery({ show: set.size > 0 ? [...set] : '-' });
  else setQuery({ hide: [...set] });
}

/** Show this run alone, or all again when it already is alone. @param {string} id */
export function soloRun(id) {
  const alone = show.peek()?.size === 1 && isShown(id);
  setQuery({ show: alone ? null : [id], hide: null });
}

export const showAllRuns = () => setQuery({ show: null, hide: null });

// --- Sections ------------------------------------------------------------------------------------------------

/** `closed=a` closes a section; sections of the machine start closed and `open=a` opens them. @param {string} section */
export function isOpen(section) {
  if (query.value.getAll('closed').includes(section)) return false;
  return !/^(system|gpu)(\/|$)/.test(section) || query.value.getAll('open').includes(section);
}

/** @param {string} section */
export function toggleSection(section) {
  const without = (/** @type {string} */ key) => query.peek().getAll(key).filter((name) => name !== section);
  if (isOpen(section)) setQuery({ closed: [...without('closed'), section], open: without('open') });
  else setQuery({ closed: without('closed'), open: [...without('open'), section] });
}

/** The zoomed range of a section, or null. @param {string} section @returns {import('../types').Range | null} */
export function zoomOf(section) {
  const text = query.value.get(`zoom.${section}`);
  const [from, to] = (text ?? '').split('..').map(Number);
  return text && Number.isFinite(from) && Number.isFinite(to) && from < to ? { from, to } : null;
}

/** @param {string} section @param {import('../types').Range | null} range */
export function setZoom(section, range) {
  const text = range ? `${trim(range.from)}..${trim(range.to)}` : null;
  setQuery({ [`zoom.${section}`]: text }, { push: true });
}

/** A zoom belongs to its x axis, so changing the axis drops it. @param {string} x */
export function setXAxis(x) {
  const zooms = [...query.peek().keys()].filter((key) => key.startsWith('zoom.'));
  setQuery({ x: x === 'step' ? null : x, ...Object.fromEntries(zooms.map((key) => [key, null])) });
}

/** @param {number} value */
const trim = (value) => String(Number(value.toPrecision(12)));
