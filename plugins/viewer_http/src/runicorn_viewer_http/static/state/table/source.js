/** Rows of the runs table as the server has them: pages of a query, groups with their spreads, and which fields there are. */
import { signal } from '@preact/signals';
import { ApiError, get, isAbort } from '../../api.js';

/** @typedef {{run: string, path: string, project: string, name: string, display_name: string | null, status: string, created_at: number, tags: string[], note: string, pinned: boolean, archived: boolean, unreadable?: string} & Record<string, any>} RunRow `unreadable`: why figures of it are missing */
/** @typedef {{project: string, name: string, q: string, order: string, columns: string[], shown: string[], archived: boolean}} Query `shown`: the columns that are looked at */
/** @typedef {{name: string, kind: string, key: string, runs: number, differing: boolean, examples: unknown[]}} FieldInfo `examples`: some values */

/** Rows of one request. */
export const PAGE = 500;

/** @param {Query} query */
export const paramsOf = ({ project, name, q, order, columns, archived }) => ({ project, name, q, order_by: order, columns: columns.join(','), archived: archived ? 'also' : 'no' });

/**
 * The rows of one query, read in pages when they come into sight. What was read stays until something newer is here.
 * @param {Query} query @param {number} [from] the row that is looked at first
 */
export function pagedRows(query, from = 0) {
  /** Changes when there is something new to draw. */
  const version = signal(0);
  /** @type {import('@preact/signals').Signal<number | null>} */
  const total = signal(null);
  const partial = signal(false);
  /** @type {import('@preact/signals').Signal<ApiError | null>} */
  const error = signal(null);
  /** @type {Map<number, RunRow[]>} */
  const pages = new Map();
  /** @type {Set<number>} */
  const asked = new Set();
  const closing = new AbortController();

  /** @param {number} page from 0 @param {boolean} quiet */
  async function read(page, quiet) {
    if (asked.has(page) || closing.signal.aborted) return;
    asked.add(page);
    try {
      const answer = await get('v2/runs', { ...paramsOf(query), page: page + 1, per_page: PAGE }, { signal: closing.signal, quiet });
      pages.set(page, kept(pages.get(page), answer.rows.map((/** @type {RunRow} */ row) => (answer.unreadable[row.path] ? { ...row, unreadable: answer.unreadable[row.path] } : row))));
      total.value = answer.total;
      partial.value = answer.partial;
      error.value = null;
      version.value += 1;
    } catch (failed) {
      if (!isAbort(failed) && failed instanceof ApiError) error.value = failed;
    } finally {
      asked.delete(page);
    }
  }

  const first = read(Math.floor(from / PAGE), false);
  return {
    query, version, total, partial, error, first,
    close: () => closing.abort(),
    /** @param {number} index @returns {RunRow | undefined} */
    at: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    /** Make sure that rows from..to are here or on their way, and what comes next soon. @param {number} from @param {number} to */
    need(from, to) {
      if (total.peek() === null) return;
      const last = Math.floor(Math.max(0, (total.peek() ?? 0) - 1) / PAGE);
      for (let page = Math.floor(from / PAGE); page <= Math.min(last, Math.floor((to + PAGE / 2) / PAGE)); page += 1) if (!pages.has(page)) read(page, true);
    },
    /** Ask again for the pages of rows from..to. @param {number} from @param {number} to */
    refresh: (from, to) => Promise.all(range(Math.floor(from / PAGE), Math.floor(to / PAGE)).map((page) => read(page, true))),
    /** All rows that have been read. @returns {RunRow[]} */
    loaded: () => [...pages.keys()].sort((a, b) => a - b).flatMap((page) => pages.get(page) ?? []),
  };
}

/** @typedef {ReturnType<typeof pagedRows>} PagedRows */

/** Rows that say the same as before stay the same objects, so that nothing is drawn for them. @param {RunRow[] | undefined} old @param {RunRow[]} rows */
function kept(old, rows) {
  if (!old) return rows;
  const before = new Map(old.map((row) => [row.path, row]));
  return rows.map((row) => {
    const same = before.get(row.path);
    return same && JSON.stringify(same) === JSON.stringify(row) ? same : row;
  });
}

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Every row of a query, for what is done with all of them. @param {Query} query @param {(done: number, total: number) => void} [progress] @returns {Promise<RunRow[]>} */
export async function allRows(query, progress = () => {}) {
  /** @type {RunRow[]} */
  const rows = [];
  for (let page = 1; ; page += 1) {
    const answer = await get('v2/runs', { ...paramsOf(query), page, per_page: 5000 });
    rows.push(...answer.rows);
    progress(rows.length, answer.total);
    if (!answer.has_next) return rows;
  }
}

/** What runs of a project have, for columns and completion. @param {string} project @param {AbortSignal} [signal] @returns {Promise<FieldInfo[]>} */
export async function readFields(project, signal) {
  const answer = await get('v2/fields', { project, limit: 5000 }, { quiet: true, signal });
  return answer.fields.map((/** @type {any} */ one) => ({ name: one.field, kind: one.kind, key: one.key, runs: one.runs ?? 0, differing: one.kind === 'run' || one.kind === 'metrics' || one.examples.length > 1, examples: one.examples }));
}
