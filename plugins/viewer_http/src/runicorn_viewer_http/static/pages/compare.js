/** Several runs side by side: what differs, what came out, curves, relations, code. */
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { setQuery, workspaceHref } from '../router.js';
import { board, setBaseline, watchBoard } from '../state/board.js';
import * as compare from '../state/compare.js';
import { experiments, experimentsError, handleOf, refreshExperiments, titleOf, watchExperiments } from '../state/experiments.js';
import { useMatching } from '../state/matching.js';
import { watchRuns } from '../state/live.js';
import { orderRuns } from '../state/order.js';
import { detailsVersion, runDetail } from '../state/runs.js';
import * as ws from '../state/workspace.js';
import { ChartBoard } from '../components/chart-board.js';
import { chartKeys } from '../components/chart-keys.js';
import { Empty, ErrorCard } from '../components/feedback.js';
import { icons } from '../components/icons.js';
import { useKeys } from '../components/keyboard.js';
import { Page } from '../components/page.js';
import { ProjectTabs } from '../components/project-tabs.js';
import { Code } from './compare/code.js';
import { Explore } from './compare/explore.js';
import { Tables } from './compare/tables.js';

/** @typedef {import('../types').ExperimentRow} Row */

/** Columns of a table that people can read; relations take as many as there are. */
const MOST_COLUMNS = 20;
const MOST_RUNS = 500;

export function Compare() {
  const project = ws.project.value;
  useEffect(() => { watchExperiments(project); watchBoard(project); }, [project]);
  void detailsVersion.value;
  const all = experiments.value;
  const rows = useRuns(all);
  const wide = compare.view.value === 'explore' || ws.drawAll.value;
  const kept = rows.slice(0, wide ? MOST_RUNS : MOST_COLUMNS);
  const liveIds = kept.filter((row) => row.status === 'running').map((row) => row.id);
  useEffect(() => watchRuns(liveIds), [liveIds.join('\n')]);
  useEffect(() => () => watchRuns([]), []);
  useKeys(compare.view.value === 'charts' ? chartKeys : {});

  const crumbs = html`<a class="cut" href=${workspaceHref(project)}>${project}</a>`;
  const title = `${t('compare.title')} · ${project}`;
  if (!all) {
    const error = experimentsError.value;
    return html`<${Page} title=${title} crumbs=${crumbs} tabs=${html`<${ProjectTabs} />`}>${error && html`<div class="page"><${ErrorCard} error=${error} what=${t('error.runs')} retry=${refreshExperiments} /></div>`}</${Page}>`;
  }
  if (rows.length === 0) {
    return html`<${Page} title=${title} crumbs=${crumbs} tabs=${html`<${ProjectTabs} />`}><${Empty} title=${t('compare.none')}><p>${t('compare.noneText')} <a href=${workspaceHref(project)}>${t('compare.toWorkspace')}</a></p></${Empty}></${Page}>`;
  }
  const wanted = compare.base.value || board.value.baseline || '';
  const base = kept.find((row) => row.id === wanted || row.path === wanted) ?? kept[0];
  const ordered = [base, ...kept.filter((row) => row !== base)];
  const loaded = ordered.map((row) => runDetail(row.id, row.path).value);
  const details = loaded.flatMap((one) => (one.data ? [one.data] : []));
  const failed = loaded.find((one) => one.error && !one.data)?.error;
  const view = compare.view.value;
  return html`<${Page} title=${title} crumbs=${crumbs} tabs=${html`<${ProjectTabs} />`}>
    <div class="compare-head">
      <h1>${t('compare.heading', { n: rows.length })}</h1>
      <label class="chip">${t('compare.baseline')} <select value=${base.path} onChange=${(/** @type {any} */ e) => { setBaseline(e.target.value); setQuery({ base: null }); }}>${kept.map((row) => html`<option key=${row.path} value=${row.path}>${titleOf(row)}</option>`)}</select></label>
      <${AddRun} all=${all} rows=${rows} />
      ${rows.length > kept.length && html`<span class="soft">${t('workspace.partial', { n: kept.length, shown: rows.length })} ${!wide && html`<button class="ghost accent" onClick=${() => setQuery({ all: '1' })}>${t('workspace.drawAll')}</button>`}</span>`}
    </div>
    <div class="tabs" role="tablist" aria-label=${t('compare.views')}>${compare.VIEWS.map((name) => html`<button key=${name} role="tab" id=${`tab-${name}`} aria-selected=${name === view} aria-controls="tab-panel" tabindex=${name === view ? 0 : -1}
      class=${name === view ? 'tab on' : 'tab'} onClick=${() => setQuery({ view: name === 'tables' ? null : name }, { push: true })} onKeyDown=${(/** @type {KeyboardEvent} */ e) => moveTab(e, view)}>${t(`compare.${name}`)}</button>`)}</div>
    <div class=${`tab-panel compare-${view}`} role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${view}`}>
      ${failed && html`<${ErrorCard} error=${failed} what=${t('error.details', { n: 1 })} retry=${refreshExperiments} />`}
      ${view === 'charts' ? html`<${ChartBoard} runs=${ordered} shown=${rows.length} />`
        : view === 'explore' ? html`<${Explore} runs=${details} waiting=${details.length < ordered.length && !failed} />`
        : view === 'code' ? html`<${Code} runs=${details} />`
        : html`<${Tables} runs=${details} remove=${rows.length > 1 ? (/** @type {string} */ path) => keepOnly(rows.filter((row) => row.path !== path)) : null} />`}
    </div></${Page}>`;
}

/** The runs named in the address, or those that the workspace shows. @param {Row[] | null} all @returns {Row[]} */
function useRuns(all) {
  const names = compare.chosen.value;
  const text = ws.runFilter.value;
  const filter = useMatching(ws.project.value, names.length > 0 ? '' : text, all);
  if (names.length > 0) return names.flatMap((name) => all?.find((row) => row.id === name || row.path === name) ?? []);
  const experiment = ws.names.value;
  const matching = (all ?? []).filter((row) => (experiment.length === 0 || experiment.includes(row.name)) && !row.archived && filter.ready && filter.test(row) && ws.isShown(row));
  return orderRuns(matching, ws.sort.value, ws.ascending.value);
}

/** @param {Row[]} rows */
const keepOnly = (rows) => setQuery({ run: rows.map(handleOf) });

/** @param {{all: Row[], rows: Row[]}} props */
function AddRun({ all, rows }) {
  const others = all.filter((row) => !row.archived && !rows.includes(row)).slice(0, 500);
  if (others.length === 0) return null;
  return html`<label class="chip">${icons.plus()} <select value="" aria-label=${t('compare.add')} onChange=${(/** @type {any} */ e) => { const row = others.find((one) => one.path === e.target.value); if (row) keepOnly([...rows, row]); }}>
    <option value="">${t('compare.add')}</option>${others.map((row) => html`<option key=${row.path} value=${row.path}>${titleOf(row)}</option>`)}</select></label>`;
}

/** @param {KeyboardEvent} event @param {string} view */
function moveTab(event, view) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = compare.VIEWS[(compare.VIEWS.indexOf(view) + by + compare.VIEWS.length) % compare.VIEWS.length];
  setQuery({ view: next === 'tables' ? null : next }, { push: true });
  requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
}
