/** The workspace's state, all of it in the address: runs shown, filter, x, smoothing, zoom, sections. */
import { computed } from '@preact/signals';
import { param, query, setQuery } from '../router.js';
import { handleOf } from './experiments.js';

export const project = param('project');
export const names = computed(() => query.value.getAll('name'));
export const runFilter = param('q');
export const metricFilter = param('m');
/** 'step', 'relative', 'wall' or a metric. @type {import('@preact/signals').ReadonlySignal<import('../types').XAxis>} */
export const xAxis = param('x', 'step');
export const logX = computed(() => query.value.get('logx') === '1');
/** 0 (off) to 0.99. */
export const smoothing = computed(() => {
  const value = Number(query.value.get('s') ?? 0.3);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 0.99) : 0;
});
export const logY = computed(() => query.value.get('log') === '1');
export const outliers = computed(() => query.value.get('outliers') !== 'ignore');
/** The column whose values make groups, e.g. `params.lr`; '' for none. */
export const groupBy = param('group');
/** What is drawn around a group's mean. @type {import('@preact/signals').ReadonlySignal<'std' | 'minmax'>} */
export const groupBand = computed(() => (query.value.get('band') === 'minmax' ? 'minmax' : 'std'));
/** Whether all panels show the difference to the baseline. */
export const delta = computed(() => query.value.get('delta') === '1');
/** Whether all visible runs are drawn, however many. */
export const drawAll = computed(() => query.value.get('all') === '1');
export const sort = param('sort', 'created');
export const ascending = computed(() => query.value.get('way') === 'up');
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

/** The next panel in full screen; leaving it leads back to where the first was opened. @param {string} metric */
export const turnPanel = (metric) => setQuery({ panel: metric }, { state: history.state?.opened ? { opened: metric } : null });

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

/** @typedef {{id: string, path: string}} One */

/** A run may be named by its id or, where two folders carry it, by its folder. @param {One} run @param {Set<string>} among */
const named = (run, among) => among.has(run.path) || among.has(run.id);

/** @param {One} run */
export const isShown = (run) => (show.value ? named(run, show.value) : !named(run, hide.value));

/** @param {One} run */
export function toggleRun(run) {
  const chosen = show.peek();
  const set = new Set(chosen ?? hide.peek());
  if (named(run, set)) { set.delete(run.id); set.delete(run.path); } else set.add(handleOf(run));
  if (chosen) setQuery({ show: set.size > 0 ? [...set] : '-' });
  else setQuery({ hide: [...set] });
}

/** Show or hide several at once. @param {One[]} runs @param {boolean} shown */
export function showRuns(runs, shown) {
  const chosen = show.peek();
  const set = new Set(chosen ?? hide.peek());
  for (const run of runs) {
    set.delete(run.id);
    set.delete(run.path);
    if (shown === (chosen !== null)) set.add(handleOf(run));
  }
  if (chosen) setQuery({ show: set.size > 0 ? [...set] : '-' });
  else setQuery({ hide: [...set] });
}

/** Show this run alone, or all again when it already is alone. @param {One} run */
export function soloRun(run) {
  const alone = show.peek()?.size === 1 && isShown(run);
  setQuery({ show: alone ? null : [handleOf(run)], hide: null });
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

/** The zoomed range of a panel: its own, or that of its section; null for everything. @param {string} section @param {string} panel @returns {import('../types').Range | null} */
export const zoomOf = (section, panel) => rangeOf(`zoom.=${panel}`) ?? rangeOf(`zoom.${section}`);

/** @param {string} key @returns {import('../types').Range | null} */
function rangeOf(key) {
  const text = query.value.get(key);
  const [from, to] = (text ?? '').split('..').map(Number);
  return text && Number.isFinite(from) && Number.isFinite(to) && from < to ? { from, to } : null;
}

/** Zoom a section, or with `alone` one panel of it. @param {string} section @param {string} panel @param {import('../types').Range | null} range @param {boolean} alone */
export function setZoom(section, panel, range, alone) {
  const text = range ? `${trim(range.from)}..${trim(range.to)}` : null;
  if (alone) setQuery({ [`zoom.=${panel}`]: text }, { push: true });
  else setQuery({ [`zoom.${section}`]: text, [`zoom.=${panel}`]: null }, { push: true });
}

/** A zoom belongs to its x axis, so changing the axis drops it. @param {string} x */
export function setXAxis(x) {
  const zooms = [...query.peek().keys()].filter((key) => key.startsWith('zoom.'));
  setQuery({ x: x === 'step' ? null : x, ...Object.fromEntries(zooms.map((key) => [key, null])) });
}

/** @param {number} value */
const trim = (value) => String(Number(value.toPrecision(12)));
