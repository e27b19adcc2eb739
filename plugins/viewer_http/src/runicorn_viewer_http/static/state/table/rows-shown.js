/** The lines of the table for what the address asks: kept until those of a new question are here, renewed while runs go on. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, isAbort } from '../../api.js';
import { readGroups } from './groups.js';
import { flatModel, groupedModel } from './model.js';
import { pagedRows } from './source.js';

/** @typedef {import('./source.js').Query} Query @typedef {import('./source.js').PagedRows} PagedRows @typedef {import('./model.js').Model} Model */
/** @typedef {{model: Model, runs: number, partial: boolean, query: Query, flat: PagedRows | null, groups: number, allGroups: number}} Shown `groups` of `allGroups` are listed */

/**
 * @param {Query | null} query null while it is not known yet @param {string} group @param {number} begin the row that is looked at first
 * @returns {{shown: Shown | null, error: ApiError | null, retry: () => void, refresh: () => void, look: (from: number, to: number) => void, toggle: (key: string) => void, openAll: (on: boolean) => void}}
 */
export function useRows(query, group, begin) {
  const key = query && JSON.stringify([query, group]);
  const [answer, setAnswer] = useState(/** @type {{query: Query, flat: PagedRows | null, groups: import('./groups.js').Group[] | null, runs: number, partial: boolean, total?: number} | null} */ (null));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const [tries, again] = useState(0);
  const [open, setOpen] = useState(/** @type {ReadonlyMap<string, PagedRows>} */ (new Map()));
  const sight = useRef({ from: begin, to: begin });
  const busy = useRef(false);
  const answered = useRef(false);

  useEffect(() => {
    if (!query) return undefined;
    const over = new AbortController();
    busy.current = true;
    /** @param {Query} wanted */
    const load = async (wanted) => {
      if (group) {
        const found = await readGroups(wanted, group, over.signal);
        if (over.signal.aborted) return;
        setOpen((old) => new Map(found.groups.filter((one) => old.has(one.key)).map((one) => [one.key, rowsFor({ ...wanted, q: one.q }, old.get(one.key))])));
        setAnswer({ query: wanted, flat: null, groups: found.groups, runs: found.runs, partial: found.partial, total: found.total });
      } else {
        const flat = pagedRows(wanted, sight.current.from);
        await flat.first;
        if (over.signal.aborted) { flat.close(); return; }
        if (flat.error.peek()) throw flat.error.peek();
        setAnswer((old) => { old?.flat?.close(); return { query: wanted, flat, groups: null, runs: flat.total.peek() ?? 0, partial: flat.partial.peek() }; });
      }
      answered.current = true;
    };
    load(query).then(() => { if (!over.signal.aborted) setError(null); }).catch((failed) => {
      if (isAbort(failed) || over.signal.aborted) return undefined;
      const problem = failed instanceof ApiError ? failed : new ApiError(0, 'error', String(failed));
      setError(problem);
      // a filter that cannot be read leaves what was there before; where there was nothing, all runs
      return problem.status === 400 && query.q && !answered.current ? load({ ...query, q: '' }) : undefined;
    }).catch(() => {}).finally(() => { if (!over.signal.aborted) busy.current = false; });
    return () => over.abort();
  }, [key, tries]);
  const held = useRef(answer);
  held.current = answer;
  useEffect(() => () => { held.current?.flat?.close(); }, []);

  // every page that comes is another picture
  void answer?.flat?.version.value;
  const versions = [...open.values()].map((rows) => rows.version.value).join();
  const total = answer?.flat?.total.value;
  const model = useMemo(() => (!answer ? null : answer.flat ? flatModel(answer.flat) : groupedModel(answer.groups ?? [], open)), [answer, open, versions, total]);

  const refresh = () => { if (!document.hidden) model?.refresh(sight.current.from, sight.current.to); };
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const listen = () => { if (!document.hidden) latest.current(); };
    document.addEventListener('visibilitychange', listen);
    return () => document.removeEventListener('visibilitychange', listen);
  }, []);

  // while files are still being read, the answer is asked for again until it is whole
  const partial = answer?.flat ? answer.flat.partial.value : answer?.partial ?? false;
  useEffect(() => {
    if (!partial) return undefined;
    const timer = setInterval(() => { if (answer?.flat) latest.current(); else if (!busy.current) again((n) => n + 1); }, 1500);
    return () => clearInterval(timer);
  }, [partial, answer]);

  const start = (/** @type {import('./groups.js').Group} */ one) => pagedRows({ .../** @type {Query} */ (answer?.query), q: one.q });
  return {
    shown: answer && model && { model, runs: answer.flat ? total ?? 0 : answer.runs, partial, query: answer.query, flat: answer.flat, groups: answer.groups?.length ?? 0, allGroups: answer.total ?? 0 },
    error: error ?? answer?.flat?.error.value ?? null,
    retry: () => again((n) => n + 1),
    refresh: () => { if (!answer?.flat && !busy.current && !document.hidden) again((n) => n + 1); refresh(); },
    look: (from, to) => { sight.current = { from, to }; },
    toggle: (which) => setOpen((old) => {
      const next = new Map(old);
      const found = answer?.groups?.find((one) => one.key === which);
      if (next.has(which)) { next.get(which)?.close(); next.delete(which); } else if (found) next.set(which, start(found));
      return next;
    }),
    openAll: (on) => setOpen((old) => {
      old.forEach((rows) => rows.close());
      return new Map(on ? (answer?.groups ?? []).map((one) => [one.key, start(one)]) : []);
    }),
  };
}

/** Rows of a query: those that are there already, where the question is the same. @param {Query} query @param {PagedRows | undefined} old */
function rowsFor(query, old) {
  if (old && JSON.stringify(old.query) === JSON.stringify(query)) return old;
  old?.close();
  return pagedRows(query);
}
