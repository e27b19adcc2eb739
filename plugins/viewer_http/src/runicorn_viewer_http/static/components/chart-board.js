/** All charts of some runs: the toolbar and one section for each prefix. */
import { useMemo } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { setQuery } from '../router.js';
import { Panel } from '../charts/panel.js';
import { colorOf } from '../charts/palette.js';
import { dark } from '../state/prefs.js';
import { titleOf } from '../state/experiments.js';
import { detailsVersion, refreshRun, runDetail } from '../state/runs.js';
import { notices } from '../state/live.js';
import { extentOf, sectionsOf } from '../state/sections.js';
import * as ws from '../state/workspace.js';
import { FullScreen } from './dialog.js';
import { ErrorCard } from './feedback.js';
import { icons } from './icons.js';
import { Toolbar } from './toolbar.js';

/** @typedef {import('../types').ExperimentRow} Row @typedef {import('../types').RunDetail} RunDetail */

/** @param {{runs: (Row | RunDetail)[], shown: number, total: number, single?: boolean, children?: any}} props */
export function ChartBoard({ runs, shown, total, single = false, children }) {
  void detailsVersion.value;
  const loaded = runs.map((row) => ({ row, ...runDetail(row.id, row.path).value }));
  const details = /** @type {RunDetail[]} */ (loaded.map((one) => one.data).filter(Boolean));
  const failed = loaded.filter((one) => one.error && !one.data);
  const regex = useMemo(() => pattern(ws.metricFilter.value), [ws.metricFilter.value]);
  const { sections, matching, metrics } = sectionsOf(details, regex.test);
  const x = ws.xAxis.value;
  const now = notices.value;
  const isDark = dark.value;
  const panelRuns = runs.map((row) => ({ id: row.id, path: row.path, name: titleOf(row), origin: row.started_at ?? row.created_at ?? 0, ...colorOf(row, isDark) }));
  // an address may name a metric that no visible run has
  const focus = details.some((run) => run.metrics.some((one) => one.key === ws.focusPanel.value)) ? ws.focusPanel.value : '';
  const waiting = details.length + failed.length < runs.length;

  /** @param {string} section @param {string} metric @param {boolean} full */
  const panel = (section, metric, full) => {
    const having = new Set(details.filter((run) => run.metrics.some((m) => m.key === metric)).map((run) => run.id));
    return html`<${Panel} key=${metric} metric=${metric} section=${section} ready=${!waiting} runs=${panelRuns.filter((run) => having.has(run.id))} extent=${extentOf(details, sections.get(section) ?? [metric], x, now)}
      zoom=${ws.zoomOf(section)} x=${x} smoothing=${ws.smoothing.value} log=${ws.logY.value} outliers=${ws.outliers.value} onZoom=${(/** @type {any} */ range) => ws.setZoom(section, range)}
      full=${full} onFull=${() => (full ? ws.closePanel() : ws.openPanel(metric))} />`;
  };

  return html`<div class="board">
    <${Toolbar} regexError=${regex.error} matching=${matching} metrics=${metrics} single=${single} />
    ${shown > runs.length && html`<p class="partial soft">${t('workspace.partial', { n: runs.length, shown })}</p>`}
    ${failed.length > 0 && html`<${ErrorCard} error=${failed[0].error} what=${t('error.details', { n: failed.length })} retry=${() => failed.forEach(({ row }) => refreshRun(row.id, row.path))} />`}
    ${runs.length === 0 && html`<p class="muted board-empty">${t(total > 0 ? 'workspace.noneShown' : 'workspace.empty', { name: '' })}</p>`}
    ${runs.length > 0 && !waiting && metrics === 0 && html`<p class="muted board-empty">${t('workspace.noMetrics')}</p>`}
    ${metrics > 0 && matching === 0 && html`<p class="muted board-empty">${t('workspace.noMetricMatch', { text: ws.metricFilter.value })}
      <button class="ghost" onClick=${() => setQuery({ m: null })}>${t('action.clearFilter')}</button></p>`}
    ${rowsOf(sections).map((row) => html`<div class=${row.length > 1 ? 'panels section-row' : ''} key=${row[0][0]}>${row.map(([section, keys]) => html`<${Section} key=${section} section=${section} n=${keys.length}>${keys.map((key) => panel(section, key, false))}</${Section}>`)}</div>`)}
    ${children}
    ${focus && metrics > 0 && html`<${FullScreen} title=${focus} onClose=${ws.closePanel}>${panel(sectionOf(sections, focus), focus, true)}</${FullScreen}>`}
  </div>`;
}

/** @param {{section: string, n: number, children: any}} props */
function Section({ section, n, children }) {
  const open = ws.isOpen(section);
  return html`<section class="section" data-section=${section}>
    <h2><button class="section-head" aria-expanded=${open} onClick=${() => ws.toggleSection(section)}>
      ${open ? icons.down() : icons.right()}<span>${section || t('section.other')}</span><span class="muted">${t('section.panels', { n })}</span></button></h2>
    ${open && html`<div class="panels">${children}</div>`}
  </section>`;
}

/** Sections of one panel share rows, others have theirs alone. @param {Map<string, string[]>} sections */
function rowsOf(sections) {
  /** @type {[string, string[]][][]} */
  const rows = [];
  for (const entry of sections) {
    const last = rows.at(-1);
    if (last && entry[1].length === 1 && last[0][1].length === 1) last.push(entry);
    else rows.push([entry]);
  }
  return rows;
}

/** @param {Map<string, string[]>} sections @param {string} metric */
function sectionOf(sections, metric) {
  for (const [section, keys] of sections) if (keys.includes(metric)) return section;
  return '';
}

/** @param {string} text @returns {{test: (key: string) => boolean, error: string}} */
function pattern(text) {
  if (!text) return { test: () => true, error: '' };
  try {
    const regex = new RegExp(text, 'i');
    return { test: (key) => regex.test(key), error: '' };
  } catch (error) {
    return { test: () => true, error: error instanceof Error ? error.message : String(error) };
  }
}
