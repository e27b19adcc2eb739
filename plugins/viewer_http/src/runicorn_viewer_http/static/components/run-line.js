/** One run in a list of the first page: what it is, how it stands, how far it is. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatAge, formatCount, formatDuration, formatTime, formatValue } from '../charts/format.js';
import { runHref, workspaceHref } from '../router.js';
import { titleOf } from '../state/experiments.js';
import { notices } from '../state/live.js';
import { progressOf } from '../state/progress.js';
import { Meter } from './meter.js';
import { Status } from './status.js';

/** @param {{row: import('../types').ExperimentRow, total?: number, words?: string}} props `total`: steps that it will take, where that is known; `words`: the last ones of a run that broke */
export function RunLine({ row, total, words }) {
  const live = row.status === 'running';
  const step = live ? notices.value.get(row.id)?.last_step : undefined;
  const progress = progressOf(step, total, row.started_at ?? row.created_at);
  const since = row.ended_at ?? row.created_at;
  return html`<li class="line" data-run=${row.id}><a class="cut line-name" href=${runHref(row)}>${titleOf(row)}</a>
    <a class="cut soft line-where" href=${workspaceHref(row.project, row.name)}>${row.project} / ${row.name}</a>
    <span class="line-status"><${Status} status=${row.status} /></span>
    <span class="num soft line-step">${!live ? '' : progress ? html`<span title=${t('home.stepOf', { n: formatCount(step ?? 0), total: formatCount(progress.total) })}>${Math.floor(progress.share * 100)} %${progress.left_s !== null && html` <span class="muted">${t('home.left', { time: formatDuration(progress.left_s) })}</span>`}</span>
      <${Meter} value=${progress.share} max=${1} label=${t('home.progress', { name: titleOf(row) })} />` : step ? t('chart.step', { n: formatCount(step) }) : ''}</span>
    <span class="num line-best cut">${row.best_metric ? html`<span class="muted">${row.best_metric.name}</span> ${formatValue(row.best_metric.value)}` : ''}</span>
    <span class="num muted line-age" title=${formatTime(since)}>${formatAge(since)}</span>
    ${words && html`<a class="line-words mono cut" href=${runHref(row, row.status === 'failed' ? undefined : 'logs')} title=${words}>${words}</a>`}</li>`;
}
