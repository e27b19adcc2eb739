/** Which alerts of the runs are marked in a panel, and where. */

/** @typedef {import('./marks.js').AlertMark} AlertMark @typedef {import('../types').RunDetail} RunDetail */

const MOST = 100;

/**
 * Alerts of all runs on an axis, in its order; none where x is a metric.
 * @param {RunDetail[]} details @param {{path: string, name: string, color: string, origin: number}[]} runs @param {import('../types').XAxis} x @returns {AlertMark[]}
 */
export function alertsOf(details, runs, x) {
  const by = new Map(runs.map((run) => [run.path, run]));
  const found = details.flatMap((detail) => detail.alerts.flatMap((alert) => {
    const run = by.get(detail.path);
    const at = x === 'step' ? alert.step : alert.time === 0 ? null : x === 'wall' ? alert.time : x === 'relative' && run ? alert.time - run.origin : null;
    return run && at !== null ? [{ x: at, color: run.color, name: run.name, level: alert.level, title: alert.title, text: alert.text }] : [];
  }));
  return found.sort((a, b) => a.x - b.x);
}

/** Those that speak of a panel's metrics, and those that speak of none at all. @param {AlertMark[]} alerts @param {string[]} own @param {string[]} all metrics */
export function alertsFor(alerts, own, all) {
  if (alerts.length === 0) return alerts;
  return alerts.filter(({ title }) => own.some((key) => title.includes(key)) || !all.some((key) => title.includes(key))).slice(0, MOST);
}
