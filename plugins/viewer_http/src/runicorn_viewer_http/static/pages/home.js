/** Projects: what is there, what runs now, what happened last. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get } from '../api.js';
import { formatAgo, formatTime, formatValue } from '../charts/format.js';
import { workspaceHref } from '../router.js';
import { experiments, experimentsError, refreshExperiments, running, hrefOf, titleOf, watchExperiments } from '../state/experiments.js';
import { watchRuns } from '../state/live.js';
import { useTotals } from '../state/progress.js';
import { summariseProjects } from '../state/projects.js';
import { Empty, ErrorCard, copyText } from '../components/feedback.js';
import { Page } from '../components/page.js';
import { RunLine } from '../components/run-line.js';
import { StorageLine } from '../components/storage-line.js';
import { Sparkline } from '../components/sparkline.js';
import { icons } from '../components/icons.js';
import { useKeys } from '../components/keyboard.js';

const SNIPPET = `import runicorn as rn

with rn.init(project="demo") as run:
    for step in range(100):
        run.log({"loss": 1 / (step + 1)})`;

export function Home() {
  useEffect(() => watchExperimentsEffect(), []);
  const [filter, setFilter] = useState('');
  const rows = experiments.value;
  const live = running.value;
  const totals = useTotals(live);
  useEffect(() => { watchRuns(live.map((row) => row.id)); return () => watchRuns([]); }, [live.map((row) => row.id).join()]);
  useKeys({ '/': () => /** @type {HTMLInputElement | null} */ (document.querySelector('#project-filter'))?.focus() });

  if (!rows) {
    const error = experimentsError.value;
    return html`<${Page}><div class="page">${error && html`<${ErrorCard} error=${error} what=${t('error.runs')} retry=${refreshExperiments} />`}</div></${Page}>`;
  }
  if (rows.length === 0) return html`<${Page}><${NoRuns} /></${Page}>`;
  const projects = summariseProjects(rows);
  const shown = projects.filter((project) => project.name.toLowerCase().includes(filter.toLowerCase()));
  const recent = rows.filter((row) => row.status !== 'running').sort((a, b) => (b.ended_at ?? b.created_at ?? 0) - (a.ended_at ?? a.created_at ?? 0)).slice(0, 8);
  return html`<${Page}>
    <div class="page home">
      <div class="page-head"><h1>${t('home.title')}</h1><span class="muted">${t('home.count', { n: projects.length, runs: t('runs.count', { n: rows.length }) })}</span><span class="sp"></span>
        <input id="project-filter" class="input" type="search" placeholder=${t('home.filter')} aria-label=${t('home.filter')} value=${filter}
          onInput=${(/** @type {any} */ e) => setFilter(e.target.value)} /></div>
      ${shown.length === 0 && html`<p class="muted">${t('home.noMatch', { text: filter })} <button class="ghost" onClick=${() => setFilter('')}>${t('action.clearFilter')}</button></p>`}
      <ul class="cards">${shown.map((project, i) => html`<${ProjectCard} key=${project.name} project=${project} sparkline=${i < 24} />`)}</ul>
      ${live.length > 0 && html`<h2 class="home-section">${t('home.running')}</h2>
        <ul class="card lines">${live.map((row) => html`<${RunLine} key=${row.path} row=${row} total=${totals.get(row.path)} />`)}</ul>`}
      ${recent.length > 0 && html`<h2 class="home-section">${t('home.recent')}</h2>
        <ul class="card lines">${recent.map((row) => html`<${RunLine} key=${row.path} row=${row} />`)}</ul>`}
      <${StorageLine} />
    </div></${Page}>`;
}

function watchExperimentsEffect() {
  watchExperiments('');
}

/** @param {{project: import('../state/projects.js').ProjectSummary, sparkline: boolean}} props */
function ProjectCard({ project, sparkline }) {
  const { name, runs, running: live, broken, best, bestRun, lastActivity, names } = project;
  return html`<li class="card project" data-project=${name}>
    <div class="project-head"><a class="project-name cut" href=${workspaceHref(name)} title=${name}>${name}</a>
      <span class="muted nowrap" title=${formatTime(lastActivity)}>${formatAgo(lastActivity)}</span></div>
    <div class="project-counts"><span>${t('runs.count', { n: runs })}</span>
      ${live > 0 && html`<span class="ok">● ${t('home.nRunning', { n: live })}</span>`}
      ${broken > 0 && html`<span class="err">✕ ${t('home.nBroken', { n: broken })}</span>`}</div>
    <div class="project-best">${best && bestRun ? html`<span class="soft cut" title=${`${best.name} · ${titleOf(bestRun)}`}>${t('home.best', { metric: best.name })}</span>
      <b class="nowrap">${formatValue(best.value)}</b><span class="sp"></span>${sparkline && html`<${Sparkline} run=${bestRun} metric=${best.name} />`}` : html`<span class="muted">${t('home.noBest')}</span>`}</div>
    <div class="project-names">${names.slice(0, 3).map((one) => html`<a class="tag cut" href=${workspaceHref(name, one)}>${one}</a>`)}
      ${names.length > 3 && html`<span class="muted">+${names.length - 3}</span>`}</div>
  </li>`;
}

function NoRuns() {
  const [root, setRoot] = useState('');
  useEffect(() => { get('health', {}, { quiet: true }).then((health) => setRoot(health.storage?.root ?? ''), () => setRoot('')); }, []);
  return html`<${Empty} title=${root ? t('empty.titleRoot', { root }) : t('empty.title')}>
    <p>${t('empty.text')}</p>
    <div class="snippet"><pre tabindex="0">${SNIPPET}</pre>
      <button class="button" onClick=${() => copyText(SNIPPET)}>${icons.copy()} ${t('action.copy')}</button></div>
    <p class="muted">${t('empty.hint')}</p></${Empty}>`;
}
