/** Which runs of a project a filter means, as the server understands it: one language on every page. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, get, isAbort } from '../api.js';
import { readFields } from './table/source.js';

const MOST = 10_000;
/** Runs change while they go on: a filter is asked again, but not for every notice. */
const AGAIN_MS = 2000;

/** @typedef {{detail: string, position: number | null, suggestion: string}} Problem where a filter cannot be understood, and what was probably meant */

/** What an error of the server says of a filter; null: it is about something else. @param {unknown} error @returns {Problem | null} */
export function problemOf(error) {
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  const { position, suggestion } = error.body;
  return { detail: error.message, position: typeof position === 'number' ? position : null, suggestion: typeof suggestion === 'string' ? suggestion : '' };
}

/**
 * @param {string} project @param {string} q @param {unknown} rows asked again when they are others
 * @returns {{test: (row: {path: string}) => boolean, ready: boolean, problem: Problem | null}} a wrong filter leaves the last right one
 */
export function useMatching(project, q, rows) {
  const [paths, setPaths] = useState(/** @type {Set<string> | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [answered, setAnswered] = useState('');
  const last = useRef({ q: '', at: 0 });
  useEffect(() => {
    if (!q) { setPaths(null); setProblem(null); setAnswered(''); last.current = { q: '', at: 0 }; return undefined; }
    const abort = new AbortController();
    const wait = last.current.q === q ? Math.max(0, last.current.at + AGAIN_MS - Date.now()) : 0;
    const timer = setTimeout(async () => {
      last.current = { q, at: Date.now() };
      try {
        const found = new Set();
        for (let page = 1; ; page += 1) {
          const answer = await get('v2/runs', { project, q, columns: 'status', page, per_page: MOST }, { signal: abort.signal, quiet: true });
          for (const row of answer.rows) found.add(row.path);
          if (!answer.has_next) break;
        }
        setPaths(found);
        setProblem(null);
        setAnswered(q);
      } catch (error) {
        if (isAbort(error)) return;
        const wrong = problemOf(error);
        setProblem(wrong);
        if (wrong) setAnswered(q);
      }
    }, wait);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [project, q, rows]);
  const test = useMemo(() => (/** @type {{path: string}} */ row) => paths === null || paths.has(row.path), [paths]);
  return { test, ready: !q || paths !== null || answered !== '', problem };
}

/** What a filter of a project may name. @param {string} project */
export function useFields(project) {
  const [fields, setFields] = useState(/** @type {import('./table/source.js').FieldInfo[]} */ ([]));
  useEffect(() => {
    const abort = new AbortController();
    if (project) readFields(project, abort.signal).then(setFields, () => {});
    return () => abort.abort();
  }, [project]);
  return fields;
}
