/** Which metrics there are, in sections by prefix, and how far x reaches. */

/** @typedef {import('../types').RunDetail} RunDetail */

/**
 * Metrics of some runs by what stands before the last '/'. Order: training first, machine last, else by name.
 * @param {RunDetail[]} runs @param {(key: string) => boolean} test
 * @returns {{sections: Map<string, string[]>, matching: number, metrics: number}}
 */
export function sectionsOf(runs, test) {
  const keys = [...new Set(runs.flatMap((run) => run.metrics.map((metric) => metric.key)))].sort(compare);
  const matching = keys.filter(test);
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const key of matching) {
    const section = key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '';
    groups.set(section, [...(groups.get(section) ?? []), key]);
  }
  const ordered = [...groups].sort(([a], [b]) => weight(a) - weight(b) || compare(a, b));
  return { sections: new Map(ordered), matching: matching.length, metrics: keys.length };
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

/**
 * The x range that holds every value of these metrics, live values included.
 * @param {RunDetail[]} runs @param {string[]} keys @param {import('../types').XAxis} x
 * @param {ReadonlyMap<string, {last_step: number}>} notices
 * @returns {import('../types').Range}
 */
export function extentOf(runs, keys, x, notices) {
  const wanted = new Set(keys);
  let from = Infinity;
  let to = -Infinity;
  for (const run of runs) {
    const live = run.status === 'running' ? notices.get(run.id) : undefined;
    const start = run.started_at ?? run.created_at ?? 0;
    for (const metric of run.metrics) {
      if (!wanted.has(metric.key)) continue;
      if (x === 'step') {
        from = Math.min(from, metric.first_step ?? Infinity);
        to = Math.max(to, metric.last_step ?? -Infinity, live?.last_step ?? -Infinity);
      } else {
        const end = live ? Math.max(metric.last_ts, Date.now() / 1000) : metric.last_ts;
        from = Math.min(from, x === 'wall' ? start : 0);
        to = Math.max(to, x === 'wall' ? end : end - start);
      }
    }
  }
  if (!(from <= to)) return { from: 0, to: 1 };
  return from === to ? { from: from - 0.5, to: to + 0.5 } : { from, to };
}
