/** A run at a glance: how it stands, what it reached, what it was given. */
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { formatCount, formatDuration, formatExact, formatTime, formatValue } from '../../charts/format.js';
import { setQuery } from '../../router.js';
import { copyText } from '../../components/feedback.js';
import { changeRun } from '../../components/run-name.js';
import { icons } from '../../components/icons.js';
import { Tags } from '../../components/tags.js';
import { AlertList, useAlerts } from './alerts.js';
import { flatten } from '../../state/flatten.js';

/** @typedef {import('../../types').RunDetail} RunDetail */

/** The others are one click away. */
const SHOWN_ALERTS = 3;

/** @param {{run: RunDetail}} props */
export function Overview({ run }) {
  const params = flatten(run.params);
  const summary = flatten(run.summary).filter(([key]) => key !== 'best' && !key.startsWith('best/'));
  const texts = Object.entries(run.texts ?? {});
  return html`<div class="overview">
    ${run.exit && (run.exit.type || run.exit.message || run.exit.kind) && run.status !== 'finished' && html`<${Exit} run=${run} />`}
    ${run.status === 'crashed' && html`<div class="notice bad" role="note"><strong>${t('run.crashed')}</strong> <span class="soft">${t('run.crashedText', { time: formatTime(run.heartbeat_at) || '–' })}</span></div>`}
    ${run.trouble?.length > 0 && html`<${TroubleCard} trouble=${run.trouble} />`}
    <${LastAlerts} run=${run} />
    <div class="overview-grid">
      <section class="card block"><h2>${t('overview.results')}</h2>
        ${run.best_metric && html`<div class="best"><span class="soft">${t(run.best_metric.mode === 'min' ? 'overview.lowest' : 'overview.highest', { metric: run.best_metric.name })}</span>
          <b>${formatValue(run.best_metric.value)}</b><span class="muted">${run.best_metric.step === null ? '' : t('overview.atStep', { n: run.best_metric.step })}</span></div>`}
        ${summary.length > 0 ? html`<${Pairs} rows=${summary} format=${formatSummary} />` : !run.best_metric && html`<p class="muted">${t('overview.noSummary')}</p>`}
      </section>
      <section class="card block"><h2>${t('overview.facts')}</h2><dl class="facts">
        <dt>${t('overview.id')}</dt><dd><code>${run.id}</code></dd>
        <dt>${t('overview.experiment')}</dt><dd>${run.project} / ${run.name}</dd>
        <dt>${t('overview.started')}</dt><dd>${formatTime(run.started_at ?? run.created_at) || '–'}</dd>
        <dt>${t('overview.ended')}</dt><dd>${run.ended_at ? formatTime(run.ended_at) : run.status === 'running' ? t('overview.stillRunning') : '–'}</dd>
        <dt>${t('overview.duration')}</dt><dd>${formatDuration(run.duration_s)}</dd>
        ${fact('overview.host', run.meta?.hostname)}${fact('overview.command', run.meta?.command)}${fact('overview.python', run.meta?.python)}${fact('overview.group', run.meta?.group)}${fact('overview.jobType', run.meta?.job_type)}
        <dt>${t('overview.folder')}</dt><dd><code class="break">${run.path}</code></dd>
      </dl></section>
      <section class="card block"><h2>${t('overview.about')}</h2><${Tags} run=${run} /><${Note} key=${run.note} run=${run} /></section>
      <section class="card block"><h2>${t('tab.params')} <span class="muted">${params.length}</span><span class="sp"></span>
        ${params.length > 12 && html`<button class="ghost" onClick=${() => setQuery({ tab: 'params' }, { push: true })}>${t('overview.all')}</button>`}</h2>
        ${params.length > 0 ? html`<${Pairs} rows=${params.slice(0, 12)} />` : html`<p class="muted">${t('params.none')}</p>`}</section>
    </div>
    <div class="overview-wide">
      <section class="card block"><h2>${t('overview.metrics')} <span class="muted">${run.metrics.length}</span></h2>
        ${run.metrics.length > 0 ? html`<${MetricTable} metrics=${run.metrics} />` : html`<p class="muted">${t('overview.noMetrics')}</p>`}</section>
      ${texts.length > 0 && html`<section class="card block"><h2>${t('overview.texts')}</h2><${Pairs} rows=${texts} /></section>`}
    </div></div>`;
}

/** @param {{run: RunDetail}} props */
function LastAlerts({ run }) {
  const { alerts } = useAlerts(run);
  if (!alerts || alerts.length === 0) return null;
  return html`<section class="overview-alerts"><h2>${t('tab.alerts')} <span class="muted">${alerts.length}</span>${alerts.length > SHOWN_ALERTS && html` <button class="ghost" onClick=${() => setQuery({ tab: 'alerts' }, { push: true })}>${t('overview.all')}</button>`}</h2>
    <${AlertList} alerts=${alerts.slice(0, SHOWN_ALERTS)} /></section>`;
}

/** Results are rounded for reading; hovering shows them whole. @param {unknown} value */
const formatSummary = (value) => (typeof value === 'number' ? formatValue(value) : formatExact(value));

/** @param {string} key @param {unknown} value */
const fact = (key, value) => (value ? html`<dt>${t(key)}</dt><dd class="break">${Array.isArray(value) ? value.join(' ') : String(value)}</dd>` : '');

/** @param {{rows: [string, unknown][], format?: (value: unknown) => string}} props */
const Pairs = ({ rows, format = formatExact }) => html`<dl class="pairs">${rows.map(([key, value]) => html`<div key=${key}><dt class="cut" title=${key}>${key}</dt><dd class="cut" title=${formatExact(value)}>${format(value)}</dd></div>`)}</dl>`;

/** @param {{run: RunDetail}} props */
function Exit({ run }) {
  const exit = run.exit ?? {};
  const what = [exit.type, exit.message].filter(Boolean).join(': ') || exit.kind || '';
  return html`<div class="notice bad exit" role="note"><div class="row"><strong class="break">${what}</strong><span class="sp"></span>
    ${exit.traceback && html`<button class="button" onClick=${() => copyText(exit.traceback ?? '')}>${icons.copy()} ${t('action.copy')}</button>`}</div>
    ${exit.traceback && html`<pre class="traceback" tabindex="0">${exit.traceback.trimEnd()}</pre>`}</div>`;
}

/** @param {{trouble: import('../../types').Trouble[]}} props */
const TroubleCard = ({ trouble }) => html`<div class="notice trouble" role="note"><strong>▲ ${t('run.trouble')}</strong>
  <ul>${trouble.map((one) => html`<li><span class="tag">${one.plugin ?? 'runicorn'}</span> ${one.what ?? ''} ${(one.count ?? 1) > 1 ? html`<span class="muted">× ${one.count}</span> ` : ''}
    <span class="muted">${formatTime(one.when)}</span></li>`)}</ul></div>`;

/** @param {{metrics: import('../../types').MetricInfo[]}} props */
const MetricTable = ({ metrics }) => html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('overview.metrics')}><table class="table"><thead><tr><th scope="col">${t('metric.key')}</th>
  ${['last', 'min', 'max', 'mean', 'n'].map((column) => html`<th scope="col" class="num">${t(`metric.${column}`)}</th>`)}<th scope="col" class="num">${t('metric.bad')}</th></tr></thead>
  <tbody>${metrics.map((m) => html`<tr key=${m.key}><th scope="row">${m.key}</th><td class="num">${formatValue(m.last)}</td>
    <td class="num" title=${t('overview.atStep', { n: m.min_step ?? '–' })}>${formatValue(m.min)}</td><td class="num" title=${t('overview.atStep', { n: m.max_step ?? '–' })}>${formatValue(m.max)}</td>
    <td class="num">${formatValue(m.mean)}</td><td class="num">${formatCount(m.n)}</td><td class=${`num ${m.n_nan + m.n_posinf + m.n_neginf ? 'err' : 'muted'}`}>${formatCount(m.n_nan + m.n_posinf + m.n_neginf)}</td></tr>`)}</tbody></table></div>`;

/** @param {{run: RunDetail}} props */
function Note({ run }) {
  const [draft, setDraft] = useState(run.note);
  return html`<label class="note"><span class="caps">${t('overview.note')}</span><textarea class="input" value=${draft} placeholder=${t('overview.notePlaceholder')}
    onInput=${(/** @type {any} */ e) => setDraft(e.target.value)} onBlur=${() => { if (draft !== run.note) changeRun(run, { note: draft }); }}></textarea></label>`;
}
