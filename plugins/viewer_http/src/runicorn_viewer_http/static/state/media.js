/** What runs have logged beside numbers: lists that are asked for again while a run goes on. */
import { useEffect, useState } from 'preact/hooks';
import { apiUrl, get, isAbort, seg } from '../api.js';
import { notices } from './live.js';

/** @typedef {import('../types').MediaItem} MediaItem @typedef {{id: string, path: string, status: string}} Run */

/**
 * The lists of several runs by folder; null for one that has not come yet.
 * @param {Run[]} runs @returns {{lists: Map<string, MediaItem[]>, error: any, retry: () => void}}
 */
export function useMedia(runs) {
  const [lists, setLists] = useState(/** @type {Map<string, MediaItem[]>} */ (new Map()));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [tries, again] = useState(0);
  // a running run is asked again as it moves on, but not for every step
  const beat = runs.map((run) => (run.status === 'running' ? Math.floor((notices.value.get(run.id)?.last_step ?? 0) / 10) : 0)).join();
  const asked = runs.map((run) => `${run.path} ${run.status}`).join('\n');
  useEffect(() => {
    const abort = new AbortController();
    const load = (/** @type {Run} */ run) => get(`runs/${seg(run.id)}/media`, { path: run.path }, { signal: abort.signal, quiet: lists.has(run.path) })
      .then((found) => { setLists((old) => new Map(old).set(run.path, found)); setError(null); }, (failed) => { if (!isAbort(failed)) setError(failed); });
    const timer = setTimeout(() => runs.forEach(load), runs.every((run) => lists.has(run.path)) ? 1000 : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [asked, beat, tries]);
  return { lists, error, retry: () => again((n) => n + 1) };
}

/** Where a file is. @param {{path: string, id: string}} run @param {MediaItem} item */
export const fileUrl = (run, item) => apiUrl(`runs/${seg(run.id)}/media/${item.path.split('/').map(seg).join('/')}`, { path: run.path });

/** All items of a key at the last step that has one, at or before `step`. @param {MediaItem[]} items @param {string} key @param {number} step */
export function currentOf(items, key, step) {
  const mine = items.filter((item) => item.key === key && (item.step ?? 0) <= step);
  const last = Math.max(...mine.map((item) => item.step ?? 0));
  return mine.filter((item) => (item.step ?? 0) === last);
}
