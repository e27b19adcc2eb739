/** How far running runs are, where a parameter says how many steps there will be. */
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';

/** Parameters that people and libraries name it by; the first that a run has counts. */
const TOTALS = ['total_steps', 'max_steps', 'num_steps', 'num_training_steps', 'n_steps', 'steps'];

/** @typedef {{share: number, total: number, left_s: number | null}} Progress `left_s`: seconds, when it goes on as fast as until now */

/** Steps that each of these runs will take, by folder. @param {{path: string}[]} runs @returns {Map<string, number>} */
export function useTotals(runs) {
  const [totals, setTotals] = useState(/** @type {Map<string, number>} */ (new Map()));
  const asked = runs.map((run) => run.path).sort().join('\n');
  useEffect(() => {
    if (!asked) return undefined;
    const abort = new AbortController();
    const columns = TOTALS.map((name) => `params.${name}`);
    get('v2/runs', { q: 'status = running', columns: columns.join(','), per_page: 1000 }, { signal: abort.signal, quiet: true }).then((/** @type {{rows: Record<string, unknown>[]}} */ answer) => {
      setTotals(new Map(answer.rows.flatMap((row) => {
        const total = columns.map((column) => row[column]).find((value) => typeof value === 'number' && value > 0);
        return typeof total === 'number' ? [[String(row.path), total]] : [];
      })));
    }, () => {});
    return () => abort.abort();
  }, [asked]);
  return totals;
}

/** @param {number | undefined} step @param {number | undefined} total @param {number | null} startedAt Unix seconds @returns {Progress | null} */
export function progressOf(step, total, startedAt) {
  if (!step || !total) return null;
  const share = Math.min(1, step / total);
  const gone = startedAt ? Date.now() / 1000 - startedAt : 0;
  return { share, total, left_s: gone > 0 && share < 1 ? (gone * (1 - share)) / share : null };
}
