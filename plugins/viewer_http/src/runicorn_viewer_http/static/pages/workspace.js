/** The workspace: runs on the left, one chart for each metric on the right. */
import { useEffect, useMemo } from 'preact/hooks';
import { isFarAway } from '../api.js';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { navigate, setQuery, workspaceHref } from '../router.js';
import { board, setBaseline, watchBoard } from '../state/board.js';
import { experiments, experimentsError, hrefOf, refreshExperiments, watchExperiments } from '../state/experiments.js';
import { watchRuns } from '../state/live.js';
import { expectRuns, noticeRow } from '../state/runs.js';
import { useMatching } from '../state/matching.js';
import { orderRuns } from '../state/order.js';
import * as ws from '../state/workspace.js';
import { Empty, ErrorCard } from '../components/feedback.js';
import { chartKeys } from '../components/chart-keys.js';
import { focusOn, useKeys } from '../components/keyboard.js';
import { Page } from '../components/page.js';
import { ProjectTabs } from '../components/project-tabs.js';
import { RunList, scrollToRun } from '../components/run-list.js';
import { togglePin } from '../components/run-row.js';
import { ChartBoard } from '../components/chart-board.js';
import { Slot } from '../extend/slot.js';
import { highlighted } from '../charts/panel.js';

/** Runs drawn at once; more are named under the toolbar and can be asked for. */
const MOST_DRAWN = 200;

export function Workspace() {
  const project = ws.project.value;
  const names = ws.names.value;
  useEffect(() => { if (isFarAway()) expectRuns(project); watchExperiments(project); watchBoard(project); }, [project]);
  const all = experiments.value;
  const named = useMemo(() => all?.filter((row) => names.length === 0 || names.includes(row.name)) ?? null, [all, names.join('\n')]);
  const text = ws.runFilter.value;
  // who filters by it wants to see them
  const archivedToo = ws.archivedToo.value || /\barchived\b/.test(text);
  const rows = useMemo(() => (archivedToo ? named : named?.filter((row) => !row.archived) ?? null), [named, archivedToo]);
  const archived = named?.filter((row) => row.archived).length ?? 0;
  const filter = useMatching(project, text, named);
  // nothing is drawn before it is known what is meant
  const matching = useMemo(() => (filter.ready ? rows?.filter(filter.test) ?? [] : []), [rows, filter.test, filter.ready]);
  const ordered = useMemo(() => orderRuns(matching, ws.sort.value, ws.ascending.value), [matching, ws.sort.value, ws.ascending.value]);
  const shown = ordered.filter((row) => ws.isShown(row));
  const drawn = ws.drawAll.value ? shown : shown.slice(0, MOST_DRAWN);
  const drawnPaths = useMemo(() => new Set(drawn.map((row) => row.path)), [drawn.map((row) => row.path).join('\n')]);

  const liveIds = drawn.filter((row) => row.status === 'running').map((row) => row.id);
  useEffect(() => watchRuns(liveIds), [liveIds.join('\n')]);
  useEffect(() => () => watchRuns([]), []);
  useEffect(() => { for (const row of rows ?? []) noticeRow(row); }, [rows]);
  useWorkspaceKeys(ordered);

  const crumbs = html`<a class="cut" href=${workspaceHref(project)}>${project}</a>${names.length > 0 && html`<span class="muted">/</span><span class="cut" aria-current="page">${names.join(', ')}</span>`}`;
  const title = [project, ...names].join(' / ');
  if (!rows || !named) {
    const error = experimentsError.value;
    return html`<${Page} title=${title} crumbs=${crumbs}>${error && html`<div class="page"><${ErrorCard} error=${error} what=${t('error.runs')} retry=${refreshExperiments} /></div>`}</${Page}>`;
  }
  if (named.length === 0) {
    return html`<${Page} title=${title} crumbs=${crumbs}><${Empty} title=${t('workspace.empty', { name: title })}><p>${t('workspace.emptyText')} <a href="/">${t('nav.projects')}</a></p></${Empty}></${Page}>`;
  }
  const closed = ws.sideClosed.value;
  // the list beside the charts says itself that the filter finds nothing
  const nothing = !filter.ready || (!closed && matching.length === 0) ? '' : t(matching.length === 0 ? 'runs.noMatch' : 'workspace.noneShown', { text });
  return html`<${Page} title=${title} crumbs=${crumbs} tabs=${html`<${ProjectTabs} />`}>
    <h1 class="sr">${title}</h1>
    <div class=${closed ? 'workspace closed' : 'workspace'}>
      ${!closed && html`<${RunList} rows=${ordered} total=${rows.length} archived=${archived} filter=${text} problem=${filter.problem} project=${project} drawn=${drawnPaths} />`}
      <${ChartBoard} runs=${drawn} shown=${shown.length} nothing=${nothing}><${Slot} name="workspace" project=${project} runs=${ordered} visible=${drawn} /></${ChartBoard}>
    </div></${Page}>`;
}

/** @param {import('../types').ExperimentRow[]} rows */
function useWorkspaceKeys(rows) {
  const active = () => rows.find((row) => row.path === highlighted.peek());
  /** @param {number} by */
  const move = (by) => {
    const at = rows.findIndex((row) => row.path === highlighted.peek());
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))];
    if (!next) return;
    highlighted.value = next.path;
    scrollToRun(rows, next);
  };
  useKeys({
    '/': () => focusOn('#run-filter'),
    m: () => focusOn('#metric-filter'),
    j: () => move(1),
    k: () => move(-1),
    x: (event) => { const row = active(); if (row) (event.altKey ? ws.soloRun : ws.toggleRun)(row); },
    p: () => { const row = active(); if (row) togglePin(row); },
    d: () => { const row = active(); if (row) setBaseline(board.peek().baseline === row.path ? null : row.path); },
    Enter: () => { const row = active(); if (row) navigate(hrefOf(row)); return row !== undefined; },
    b: () => setQuery({ side: ws.sideClosed.peek() ? null : '0' }),
    ...chartKeys,
  });
}
