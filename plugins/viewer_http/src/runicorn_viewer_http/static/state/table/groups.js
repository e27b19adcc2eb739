/** Groups of runs with the spread of every number, as the server counts them. */
import { get } from '../../api.js';
import { paramsOf } from './source.js';

/** @typedef {import('./source.js').Query} Query */
/** @typedef {{mean: number, std: number | null, min: number, max: number, n: number}} Spread */
/** @typedef {{key: string, values: [string, unknown][], n: number, spreads: Record<string, Spread>, texts: Record<string, Record<string, number>>, q: string}} Group `q` finds exactly its runs */

/** The most that are listed; the table says so where there are more. */
export const MOST_GROUPS = 5000;

/** @param {Query} query @param {string} by fields with commas @param {AbortSignal} signal @returns {Promise<{groups: Group[], runs: number, total: number, partial: boolean}>} */
export async function readGroups(query, by, signal) {
  const answer = await get('v2/runs', { ...paramsOf({ ...query, columns: query.shown }), group_by: by, per_page: MOST_GROUPS }, { signal });
  /** @type {Group[]} */
  const groups = answer.groups.map((/** @type {any} */ row) => groupOf(row, query.q));
  return { groups, runs: groups.reduce((sum, group) => sum + group.n, 0), total: answer.total, partial: answer.partial };
}

/** Columns of one request: they travel in its address. */
const COLUMNS = 100;

/** Which of these fields have a value in any of the runs that the query finds. @param {Query} query @param {string[]} fields @param {AbortSignal} signal @returns {Promise<Set<string>>} */
export async function readFilled(query, fields, signal) {
  const portions = Array.from({ length: Math.ceil(fields.length / COLUMNS) }, (_, i) => fields.slice(i * COLUMNS, (i + 1) * COLUMNS));
  const answers = await Promise.all(portions.map((columns) => get('v2/runs', { ...paramsOf({ ...query, columns }), order_by: '', group_by: 'project', per_page: 1 }, { signal, quiet: true })));
  return new Set(answers.flatMap(({ groups }) => (groups[0] ? [...Object.keys(groups[0].numbers), ...Object.entries(groups[0].texts).filter(([, texts]) => Object.keys(/** @type {object} */ (texts)).length > 0).map(([field]) => field)] : [])));
}

/** @param {{group: Record<string, unknown>, runs: number, numbers: Record<string, Spread>, texts: Record<string, Record<string, number>>}} row @param {string} q @returns {Group} */
function groupOf({ group, runs, numbers, texts }, q) {
  const values = Object.entries(group);
  const conditions = values.map(([field, value]) => condition(field, value));
  return { key: JSON.stringify(values), values, n: runs, spreads: numbers, texts, q: [...(q ? [`(${q})`] : []), ...conditions].join(' and ') };
}

/** @param {string} field @param {unknown} value */
function condition(field, value) {
  if (value === null) return `${field} is null`;
  if (Array.isArray(value)) return value.length === 0 ? `${field} is null` : value.map((one) => `${field} has ${JSON.stringify(one)}`).join(' and ');
  return `${field} = ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
}
