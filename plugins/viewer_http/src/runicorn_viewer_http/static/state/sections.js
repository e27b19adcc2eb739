/** Which panels there are, in sections by prefix and in the order that readers gave them, and how far x reaches. */

/** @typedef {import('../types').RunDetail} RunDetail @typedef {import('../types').PanelSpec} PanelSpec @typedef {import('./board.js').Board} Board */

/**
 * One panel for each metric, in sections by what stands before the last '/', and the panels that readers made.
 * Training comes first, the machine last, else by name; what was moved by hand stays where it was put.
 * @param {string[]} keys all metrics @param {(text: string) => boolean} test @param {Pick<Board, 'panels' | 'order' | 'sections'>} board
 * @returns {{sections: Map<string, PanelSpec[]>, matching: number, metrics: number}}
 */
export function sectionsOf(keys, test, board) {
  /** @type {PanelSpec[]} */
  const own = board.panels;
  const specs = [...own, ...[...keys].sort(compare).map(specOf)];
  const matching = specs.filter((spec) => test(spec.title) || spec.expressions.some(test));
  /** @type {Map<string, PanelSpec[]>} */
  const groups = new Map();
  for (const spec of matching) {
    const list = groups.get(spec.section);
    if (list) list.push(spec);
    else groups.set(spec.section, [spec]);
  }
  const place = (/** @type {string} */ name) => { const at = board.sections.indexOf(name); return at < 0 ? board.sections.length : at; };
  const ordered = [...groups].sort(([a], [b]) => place(a) - place(b) || weight(a) - weight(b) || compare(a, b));
  for (const [section, list] of ordered) arrange(list, board.order[section]);
  return { sections: new Map(ordered), matching: matching.length, metrics: specs.length };
}

/** The panel of one metric. @param {string} key @returns {PanelSpec} */
export const specOf = (key) => ({ id: key, title: key, section: key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '', expressions: [key], custom: false });

/** What was put into an order comes in it; what came later follows as it would. @param {PanelSpec[]} list @param {string[] | undefined} order */
function arrange(list, order) {
  if (!order) return;
  const place = new Map(order.map((id, i) => [id, i]));
  list.sort((a, b) => (place.get(a.id) ?? order.length) - (place.get(b.id) ?? order.length));
}

/** @param {string} a @param {string} b */
const compare = (a, b) => a.localeCompare(b, 'en', { numeric: true });

/** @param {string} section */
function weight(section) {
  if (/^train(ing)?(\/|$)/.test(section)) return 0;
  if (/^(val|valid|validation|eval|test)(\/|$)/.test(section)) return 1;
  if (/^(system|gpu)(\/|$)/.test(section)) return 4;
  return section === '' ? 3 : 2;
}

/** A panel whose curves end before this share of its section has an axis of its own. */
const OWN_BELOW = 0.5;

/**
 * How far x reaches: asked with metrics, it answers the range that holds every value of them, live values included.
 * @param {RunDetail[]} runs @param {import('../types').XAxis} x
 * @param {ReadonlyMap<string, {last_step: number}>} notices @param {boolean} logX only what such an axis can show
 * @returns {(keys: string[]) => import('../types').Range}
 */
export function extentsOf(runs, x, notices, logX) {
  /** @type {Map<string, {from: number, to: number}>} */
  const reach = new Map();
  const take = (/** @type {string} */ key, /** @type {number | null} */ low, /** @type {number | null} */ high) => {
    const range = reach.get(key) ?? { from: Infinity, to: -Infinity };
    if (typeof low === 'number' && low < range.from && (!logX || low > 0)) range.from = low;
    if (typeof high === 'number' && high > range.to && (!logX || high > 0)) range.to = high;
    reach.set(key, range);
  };
  for (const run of runs) {
    const live = run.status === 'running' ? notices.get(run.id) : undefined;
    const start = run.started_at ?? run.created_at ?? 0;
    const axis = x === 'step' || x === 'relative' || x === 'wall' ? undefined : run.metrics.find((metric) => metric.key === x);
    for (const metric of run.metrics) {
      if (x === 'step') {
        // steps may go backward: the last one in time need not be the greatest
        const steps = [metric.first_step, metric.last_step, metric.min_step, metric.max_step, live?.last_step].filter((step) => typeof step === 'number');
        take(metric.key, logX ? Math.max(Math.min(...steps), 1) : Math.min(...steps), Math.max(...steps));
      }
      if (axis) take(metric.key, /** @type {number} */ (axis.min), /** @type {number} */ (axis.max));
      if (x === 'relative' || x === 'wall') {
        const end = live ? Math.max(metric.last_ts, Date.now() / 1000) : metric.last_ts;
        take(metric.key, x === 'wall' ? start : logX ? Math.min(1, (end - start) / 1000) : 0, x === 'wall' ? end : end - start);
      }
    }
  }
  return (keys) => {
    const ranges = keys.map((key) => reach.get(key)).filter((range) => range !== undefined);
    const from = Math.min(...ranges.map((range) => range.from));
    const to = Math.max(...ranges.map((range) => range.to));
    if (!(from <= to)) return logX ? { from: 1, to: 10 } : { from: 0, to: 1 };
    if (from < to) return { from, to };
    return logX ? { from: from / 2, to: to * 2 } : { from: from - 0.5, to: to + 0.5 };
  };
}

/**
 * Panels of a section share their axis, so that they are read together and asked for together; but one whose curves fill
 * only a small part of it has its own: one long run must not flatten what it has no part in.
 * @param {import('../types').Range} own @param {import('../types').Range} shared @param {boolean} logX
 */
export function axisOf(own, shared, logX) {
  const span = (/** @type {import('../types').Range} */ { from, to }) => (logX ? Math.log(to / from) : to - from);
  return span(own) < OWN_BELOW * span(shared) ? own : shared;
}

/** A regular expression as it is typed; one that is not finished lets everything through. @param {string} text @returns {{test: (key: string) => boolean, error: string}} */
export function pattern(text) {
  if (!text) return { test: () => true, error: '' };
  try {
    const regex = new RegExp(text, 'i');
    return { test: (key) => regex.test(key), error: '' };
  } catch (error) {
    return { test: () => true, error: error instanceof Error ? error.message : String(error) };
  }
}
