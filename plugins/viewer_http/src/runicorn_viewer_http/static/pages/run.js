/** One run: its head line and a tab. */
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { query, setQuery, workspaceHref } from '../router.js';
import { colorOf } from '../charts/palette.js';
import { formatDuration, formatTime } from '../charts/format.js';
import { watchBoard } from '../state/board.js';
import { experiments, titleOf, watchExperiments } from '../state/experiments.js';
import { noticeRow, refreshRun, runDetail } from '../state/runs.js';
import { notices, watchRuns } from '../state/live.js';
import { dark } from '../state/prefs.js';
import { Empty, ErrorCard } from '../components/feedback.js';
import { Page } from '../components/page.js';
import { Status } from '../components/status.js';
import { Swatch } from '../components/swatch.js';
import { RunName } from '../components/run-name.js';
import { Deleted, RunActions } from '../components/run-actions.js';
import { Unreadable } from '../components/unreadable.js';
import { ChartBoard } from '../components/chart-board.js';
import { chartKeys } from '../components/chart-keys.js';
import { focusOn, useKeys } from '../components/keyboard.js';
import { Overview } from './run/overview.js';
import { Params } from './run/params.js';
import { Logs } from './run/logs.js';
import { Media } from './run/media.js';
import { Environment } from './run/environment.js';
import { Alerts } from './run/alerts.js';
import { System } from './run/system.js';
import { panelsOf, titleOfPart } from '../extend/registry.js';
import { Alone } from '../extend/slot.js';

const TABS = ['overview', 'charts', 'params', 'logs', 'media', 'system', 'alerts', 'environment'];

/** @param {{id: string}} props */
export function Run({ id }) {
  const path = query.value.get('path') ?? undefined;
  const { data: run, error } = runDetail(id, path).value;
  const project = run?.project;
  // without its project all runs are asked for, so that a viewer that comes back is noticed
  useEffect(() => {
    if (project ?? error) watchExperiments(project ?? '');
    if (project) watchBoard(project);
  }, [project, !error]);
  useEffect(() => { for (const row of experiments.value ?? []) if (row.id === id) noticeRow(row); }, [experiments.value]);
  const live = run?.status === 'running';
  useEffect(() => { watchRuns(live ? [id] : []); return () => watchRuns([]); }, [id, live]);

  const asked = query.value.get('tab') ?? (location.hash.startsWith('#L') ? 'logs' : 'overview');
  const more = panelsOf('run');
  const tabs = [...TABS, ...more.map(({ part }) => part.id)];
  const tab = tabs.includes(asked) ? asked : 'overview';
  const labelOf = (/** @type {string} */ name) => { const added = more.find(({ part }) => part.id === name); return added ? titleOfPart(added.part) : t(`tab.${name}`); };
  const go = (/** @type {number} */ by) => setQuery({ tab: tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length] }, { push: true });
  useKeys({
    ...(tab === 'charts' ? chartKeys : {}),
    j: () => go(1), k: () => go(-1),
    '/': () => focusOn('main input[type=search]'),
  });

  if (!run) {
    if (!error) return html`<${Page} title=${id} />`;
    if (error.status === 404) return html`<${NoRun} id=${id} />`;
    return html`<${Page} title=${id}><div class="page"><${ErrorCard} error=${error} what=${t('error.run')} retry=${() => refreshRun(id, path)} /></div></${Page}>`;
  }
  const crumbs = html`<a class="cut" href=${workspaceHref(run.project)}>${run.project}</a><span class="muted">/</span><a class="cut" href=${workspaceHref(run.project, run.name)}>${run.name}</a>`;
  const step = notices.value.get(id)?.last_step ?? Math.max(0, ...run.metrics.map((metric) => metric.last_step ?? 0));
  const host = run.meta?.hostname;
  return html`<${Page} title=${titleOf(run)} crumbs=${crumbs}>
    <div class="run-head">
      <${Swatch} ...${colorOf(run, dark.value)} />
      <${RunName} run=${run} />
      <${Status} status=${run.status} />
      ${run.archived && html`<span class="tag">${t('run.archived')}</span>`}
      ${step > 0 && html`<span class="soft nowrap">${t('chart.step', { n: step })}</span>`}
      <span class="soft nowrap" title=${formatTime(run.started_at ?? run.created_at)}>${formatDuration(run.duration_s)}</span>
      ${host ? html`<span class="soft nowrap">${t('run.host', { host: String(host) })}</span>` : ''}
      <span class="sp"></span>
      ${!run.deleted_at && html`<${RunActions} run=${run} />`}
    </div>
    ${run.deleted_at && html`<${Deleted} run=${run} />`}
    <${Unreadable} runs=${[run]} />
    <div class="tabs" role="tablist" aria-label=${t('run.tabs')}>${tabs.map((name) => html`<button key=${name} role="tab" id=${`tab-${name}`} aria-selected=${name === tab} aria-controls="tab-panel"
      tabindex=${name === tab ? 0 : -1} class=${name === tab ? 'tab on' : 'tab'} onClick=${() => setQuery({ tab: name === 'overview' ? null : name }, { push: true })}
      onKeyDown=${(/** @type {KeyboardEvent} */ e) => moveTab(e, go)}>${labelOf(name)}${count(run, name)}</button>`)}</div>
    <div class=${`tab-panel tab-${tab}`} role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${tab}`}>${body(tab, run)}</div>
  </${Page}>`;
}

/** @param {{id: string}} props */
export const NoRun = ({ id }) => html`<${Page} title=${id}><${Empty} title=${t('run.none', { id })}><p>${t('run.noneText')} <a href="/">${t('nav.projects')}</a></p></${Empty}></${Page}>`;

/** @param {KeyboardEvent} event @param {(by: number) => void} go */
function moveTab(event, go) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  go(by);
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector('.tab.on'))?.focus());
}

/** @param {import('../types').RunDetail} run @param {string} tab */
function count(run, tab) {
  const n = { charts: run.metrics.length, media: run.media.length }[tab];
  return n ? html` <span class="muted">${n}</span>` : '';
}

/** @param {string} tab @param {import('../types').RunDetail} run */
function body(tab, run) {
  if (tab === 'charts') return html`<${ChartBoard} runs=${[run]} shown=${1} single=${true} />`;
  if (tab === 'params') return html`<${Params} run=${run} />`;
  if (tab === 'logs') return html`<${Logs} key=${run.path} run=${run} />`;
  if (tab === 'media') return html`<${Media} run=${run} />`;
  if (tab === 'system') return html`<${System} run=${run} />`;
  if (tab === 'alerts') return html`<${Alerts} run=${run} />`;
  if (tab === 'environment') return html`<${Environment} run=${run} />`;
  const added = panelsOf('run').find(({ part }) => part.id === tab);
  if (added) return html`<${Alone} key=${tab} ...${added} project=${run.project} runs=${[run]} />`;
  return html`<${Overview} run=${run} />`;
}
