/** Projects as the home page shows them, counted from the rows of their runs. */

/** @typedef {import('../types').ExperimentRow} Row */
/**
 * @typedef {object} ProjectSummary
 * @property {string} name
 * @property {number} runs
 * @property {number} running
 * @property {number} broken failed or crashed
 * @property {number} lastActivity Unix seconds
 * @property {import('../types').Best | null} best of the metric that most runs name as their primary one
 * @property {Row | null} bestRun
 * @property {string[]} names experiments, the last active one first
 */

/** Last active project first. @param {Row[]} rows @returns {ProjectSummary[]} */
export function summariseProjects(rows) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) groups.set(row.project, [...(groups.get(row.project) ?? []), row]);
  return [...groups].map(([name, runs]) => summarise(name, runs)).sort((a, b) => b.lastActivity - a.lastActivity);
}

/** @param {Row} row */
const activity = (row) => (row.status === 'running' ? row.heartbeat_at : null) ?? row.ended_at ?? row.created_at ?? 0;

/** @param {string} name @param {Row[]} runs @returns {ProjectSummary} */
function summarise(name, runs) {
  const bestRun = leader(runs);
  const byActivity = [...runs].sort((a, b) => activity(b) - activity(a));
  return {
    name, runs: runs.length, bestRun, best: bestRun?.best_metric ?? null,
    running: runs.filter((row) => row.status === 'running').length,
    broken: runs.filter((row) => row.status === 'failed' || row.status === 'crashed').length,
    lastActivity: activity(byActivity[0]), names: [...new Set(byActivity.map((row) => row.name))],
  };
}

/** The run with the best value of the most common primary metric. @param {Row[]} runs @returns {Row | null} */
function leader(runs) {
  /** @type {Map<string, Row[]>} */
  const byMetric = new Map();
  for (const row of runs) {
    const best = row.best_metric;
    if (best && typeof best.value === 'number') byMetric.set(best.name, [...(byMetric.get(best.name) ?? []), row]);
  }
  const [most] = [...byMetric.values()].sort((a, b) => b.length - a.length);
  if (!most) return null;
  const sign = most[0].best_metric?.mode === 'min' ? -1 : 1;
  const value = (/** @type {Row} */ row) => sign * Number(row.best_metric?.value);
  return most.reduce((a, b) => (value(b) > value(a) ? b : a));
}
