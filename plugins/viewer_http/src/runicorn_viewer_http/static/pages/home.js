/** Projects: what is there, what runs now, what happened last. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { param, setQuery } from '../router.js';
import { experiments, experimentsError, refreshExperiments, running, watchExperiments } from '../state/experiments.js';
import { loadStars, starred } from '../state/home.js';
import { useLastWords } from '../state/last-words.js';
import { watchRuns } from '../state/live.js';
import { useTotals } from '../state/progress.js';
import { summariseProjects } from '../state/projects.js';
import { ErrorCard } from '../components/feedback.js';
import { GpuLine } from '../components/gpu-line.js';
import { useKeys } from '../components/keyboard.js';
import { Page } from '../components/page.js';
import { RunLine } from '../components/run-line.js';
import { StorageLine } from '../components/storage-line.js';
import { FirstRun } from './home/first-run.js';
import { ProjectCard } from './home/project-card.js';

/** @typedef {import('../state/projects.js').ProjectSummary} Summary */

const LINES = 8;
/** How projects are ordered; those with a star come first. @type {Record<string, (a: Summary, b: Summary) => number>} */
const ORDERS = { activity: (a, b) => b.lastActivity - a.lastActivity, name: (a, b) => a.name.localeCompare(b.name), runs: (a, b) => b.runs - a.runs };
const order = param('sort', 'activity');

export function Home() {
  useEffect(() => { watchExperiments(''); loadStars(); }, []);
  const [filter, setFilter] = useState('');
  const rows = experiments.value;
  const live = running.value;
  const totals = useTotals(live);
  useEffect(() => { watchRuns(live.map((row) => row.id)); return () => watchRuns([]); }, [live.map((row) => row.id).join()]);
  useKeys({ '/': () => /** @type {HTMLInputElement | null} */ (document.querySelector('#project-filter'))?.focus() });

  const recent = useMemo(() => (rows ?? []).filter((row) => row.status !== 'running').sort((a, b) => (b.ended_at ?? b.created_at ?? 0) - (a.ended_at ?? a.created_at ?? 0)).slice(0, LINES), [rows]);
  const words = useLastWords(recent);

  if (!rows) {
    const error = experimentsError.value;
    return html`<${Page}><div class="page">${error && html`<${ErrorCard} error=${error} what=${t('error.runs')} retry=${refreshExperiments} />`}</div></${Page}>`;
  }
  if (rows.length === 0) return html`<${Page}><${FirstRun} /></${Page}>`;
  const projects = summariseProjects(rows);
  const stars = starred.value;
  const by = ORDERS[order.value] ?? ORDERS.activity;
  const shown = projects.filter((project) => project.name.toLowerCase().includes(filter.toLowerCase()))
    .sort((a, b) => Number(stars?.has(b.name) ?? false) - Number(stars?.has(a.name) ?? false) || by(a, b));
  return html`<${Page}>
    <div class="page home">
      <div class="page-head"><h1>${t('home.title')}</h1><span class="muted">${t('home.count', { n: projects.length, runs: t('runs.count', { n: rows.length }) })}</span><span class="sp"></span>
        <label class="chip">${t('home.sort')} <select value=${order.value} onChange=${(/** @type {any} */ e) => setQuery({ sort: e.target.value === 'activity' ? null : e.target.value })}>
          ${Object.keys(ORDERS).map((one) => html`<option key=${one} value=${one}>${t(`home.sort.${one}`)}</option>`)}</select></label>
        <input id="project-filter" class="input" type="search" placeholder=${t('home.filter')} aria-label=${t('home.filter')} value=${filter}
          onInput=${(/** @type {any} */ e) => setFilter(e.target.value)} /></div>
      ${shown.length === 0 && html`<p class="muted">${t('home.noMatch', { text: filter })} <button class="ghost" onClick=${() => setFilter('')}>${t('action.clearFilter')}</button></p>`}
      <ul class="cards">${shown.map((project, i) => html`<${ProjectCard} key=${project.name} project=${project} sparkline=${i < 24} />`)}</ul>
      ${live.length > 0 && html`<h2 class="home-section">${t('home.running')} <${GpuLine} /></h2>
        <ul class="card lines">${live.map((row) => html`<${RunLine} key=${row.path} row=${row} total=${totals.get(row.path)} />`)}</ul>`}
      ${recent.length > 0 && html`<h2 class="home-section">${t('home.recent')}</h2>
        <ul class="card lines">${recent.map((row) => html`<${RunLine} key=${row.path} row=${row} words=${words.get(row.path)} />`)}</ul>`}
      <${StorageLine} />
    </div></${Page}>`;
}
