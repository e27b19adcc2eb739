/** Where runs were made: git, command, packages, machine, against the baseline. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { ApiError, get, isAbort, seg } from '../../api.js';
import { setQuery } from '../../router.js';
import { everything, rowsOf } from '../../state/compare.js';
import { flatten } from '../../state/flatten.js';
import { ErrorCard } from '../../components/feedback.js';
import { Patch, isPatch } from '../../components/patch.js';
import { DiffTable } from './diff-table.js';

/** @typedef {import('../../types').RunDetail} RunDetail */

/** @param {{runs: RunDetail[]}} props */
export function Code({ runs }) {
  const [found, setFound] = useState(/** @type {ReadonlyMap<string, Record<string, unknown>>} */ (new Map()));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const [tries, again] = useState(0);
  const paths = runs.map((run) => run.path).join('\n');
  useEffect(() => {
    const abort = new AbortController();
    setError(null);
    Promise.all(runs.map(async (run) => /** @type {const} */ ([run.path, run.environment ? await get(`runs/${seg(run.id)}/environment`, { path: run.path }, { signal: abort.signal }) : {}])))
      .then((all) => setFound(new Map(/** @type {any} */ (all))), (reason) => { if (!isAbort(reason)) setError(reason); });
    return () => abort.abort();
  }, [paths, tries]);
  if (error) return html`<${ErrorCard} error=${error} what=${t('error.environment')} retry=${() => again((n) => n + 1)} />`;
  if (runs.some((run) => !found.has(run.path))) return null;
  const facts = runs.map((run) => new Map(flatten({ command: run.meta?.command ?? run.meta?.argv, hostname: run.meta?.hostname, ...found.get(run.path) }).filter(([key, value]) => value !== undefined && !isPatch(key, value))));
  const rows = rowsOf(facts);
  const shown = everything.value ? rows : rows.filter((row) => row.differs);
  // runs of one sweep mostly have the same changes: those are read once
  /** @type {Map<string, {names: string[], key: string, text: string}>} */
  const patches = new Map();
  for (const run of runs) {
    for (const [key, value] of flatten(found.get(run.path) ?? {}).filter(([key, value]) => isPatch(key, value))) {
      const same = patches.get(`${key} ${value}`);
      if (same) same.names.push(run.title);
      else patches.set(`${key} ${value}`, { names: [run.title], key, text: String(value) });
    }
  }
  return html`<section class="card block"><h2>${t('compare.code')} <span class="muted">${t('compare.differing', { n: rows.filter((row) => row.differs).length, total: rows.length })}</span><span class="sp"></span>
      <label class="chip"><input type="checkbox" checked=${!everything.value} onChange=${() => setQuery({ same: everything.value ? null : '1' })} /> ${t('compare.onlyDifferent')}</label></h2>
      ${shown.length > 0 ? html`<${DiffTable} title=${t('compare.code')} runs=${runs} rows=${shown} shaded=${false} />` : html`<p class="muted">${t(rows.length > 0 ? 'compare.allSame' : 'environment.none')}</p>`}</section>
    ${[...patches].map(([id, { names, key, text }]) => html`<section class="card block" key=${id} data-patch=${key}><h2>${t('compare.patch', { name: names.join(', ') })} <span class="muted">${key}</span></h2><${Patch} text=${text} /></section>`)}`;
}
