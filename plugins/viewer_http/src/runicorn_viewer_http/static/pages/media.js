/** What all runs of a project logged beside numbers: every picture of one key side by side, at one step. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { setQuery, workspaceHref } from '../router.js';
import { watchBoard } from '../state/board.js';
import { experiments, experimentsError, refreshExperiments, watchExperiments } from '../state/experiments.js';
import { watchRuns } from '../state/live.js';
import { useMatching } from '../state/matching.js';
import { useMedia } from '../state/media.js';
import { orderRuns } from '../state/order.js';
import { detailsVersion, noticeRow, runDetail } from '../state/runs.js';
import { pattern } from '../state/sections.js';
import * as ws from '../state/workspace.js';
import { Empty, ErrorCard } from '../components/feedback.js';
import { FilterBox } from '../components/filter-box.js';
import { focusOn, useKeys } from '../components/keyboard.js';
import { MediaBoard } from '../components/media-board.js';
import { Page } from '../components/page.js';
import { ProjectTabs } from '../components/project-tabs.js';
import { useFields } from '../state/matching.js';

/** Runs whose pictures stand side by side; more are counted and can be asked for. */
const MOST_RUNS = 12;
/** Runs that are looked through for media at a time. */
const LOOKED = 500;

export function MediaPage() {
  const project = ws.project.value;
  const names = ws.names.value;
  useEffect(() => { watchExperiments(project); watchBoard(project); }, [project]);
  void detailsVersion.value;
  const all = experiments.value;
  const text = ws.runFilter.value;
  const filter = useMatching(project, text, all);
  const fields = useFields(project);
  useEffect(() => { for (const row of all ?? []) noticeRow(row); }, [all]);
  useKeys({ '/': () => focusOn('#media-filter'), m: () => focusOn('#media-keys') });
  const rows = useMemo(() => orderRuns((all ?? []).filter((row) => (names.length === 0 || names.includes(row.name)) && !row.archived && filter.ready && filter.test(row) && ws.isShown(row)), ws.sort.value, ws.ascending.value),
    [all, filter.test, filter.ready, names.join('\n'), ws.sort.value, ws.ascending.value, location.search]);
  const [upTo, lookOn] = useState(LOOKED);
  const looked = rows.slice(0, upTo).map((row) => runDetail(row.id, row.path).value);
  const waiting = !all || !filter.ready || looked.some((one) => !one.data && !one.error);
  const having = looked.flatMap(({ data }) => (data && data.media.length > 0 ? [data] : []));
  const runs = ws.drawAll.value ? having : having.slice(0, MOST_RUNS);
  const { lists, error, retry } = useMedia(runs);
  const live = runs.filter((run) => run.status === 'running').map((run) => run.id);
  useEffect(() => watchRuns(live), [live.join('\n')]);
  useEffect(() => () => watchRuns([]), []);
  const regex = useMemo(() => pattern(ws.metricFilter.value), [ws.metricFilter.value]);

  const failed = experimentsError.value;
  return html`<${Page} title=${`${project} · ${t('project.media')}`} crumbs=${html`<a class="cut" href=${workspaceHref(project)}>${project}</a>`} tabs=${html`<${ProjectTabs} />`}>
    <h1 class="sr">${t('media.title', { project })}</h1>
    <div class="media-page">
      <div class="table-bar"><${FilterBox} id="media-filter" value=${text} problem=${filter.problem} fields=${fields} onFilter=${(/** @type {string} */ q) => setQuery({ q })} />
        <input id="media-keys" class=${regex.error ? 'input bad' : 'input'} type="search" placeholder=${t('media.keys')} aria-label=${t('media.keys')} value=${ws.metricFilter.value} onInput=${(/** @type {any} */ e) => setQuery({ m: e.target.value })} />
        <span class="muted nowrap" aria-live="polite">${!waiting && t('media.having', { n: having.length, total: looked.length })}</span></div>
      ${having.length > runs.length && html`<p class="partial soft">${t('workspace.partial', { n: runs.length, shown: having.length })} <button class="ghost accent" onClick=${() => setQuery({ all: '1' })}>${t('workspace.drawAll')}</button></p>`}
      ${!waiting && rows.length > looked.length && html`<p class="partial soft">${t('media.looked', { n: looked.length, total: rows.length })} <button class="ghost accent" onClick=${() => lookOn(upTo + LOOKED)}>${t('media.lookOn')}</button></p>`}
      ${!all && failed && html`<${ErrorCard} error=${failed} what=${t('error.runs')} retry=${refreshExperiments} />`}
      ${error && html`<${ErrorCard} error=${error} what=${t('error.media')} retry=${retry} />`}
      ${!waiting && having.length === 0 ? html`<${Empty} title=${t(rows.length > 0 || !text ? 'media.noRun' : 'runs.noMatch', { text })}><p>${t('media.noRunText')}</p></${Empty}>`
        : html`<${MediaBoard} runs=${runs} lists=${lists} test=${regex.test} single=${false} folded=${true} />`}
    </div></${Page}>`;
}
