/** All charts of some runs: the toolbar and one section for each prefix. */
import { useCallback, useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { setQuery } from '../router.js';
import { alertsFor, alertsOf } from '../charts/alerts.js';
import { Panel } from '../charts/panel.js';
import { lookAt } from '../charts/palette.js';
import { board, changeBoard, changeOptions, moved, redo, removePanel, undo } from '../state/board.js';
import { dark } from '../state/prefs.js';
import { refreshRun } from '../state/runs.js';
import { notices } from '../state/live.js';
import { axisOf, extentsOf, pattern, sectionsOf } from '../state/sections.js';
import * as ws from '../state/workspace.js';
import { groupNamer, useBoardData } from './board-data.js';
import { FullScreen } from './dialog.js';
import { ErrorCard, takeOffer, toast } from './feedback.js';
import { dragOf } from './panel-drag.js';
import { PanelEditor } from './panel-editor.js';
import { Section } from './section.js';
import { Toolbar } from './toolbar.js';
import { Unreadable } from './unreadable.js';
import { useUndoKeys } from './undo-keys.js';

/** @typedef {import('../types').ExperimentRow} Row @typedef {import('../types').RunDetail} RunDetail @typedef {import('../types').PanelSpec} PanelSpec */

/** @param {{runs: (Row | RunDetail)[], shown: number, nothing?: any, single?: boolean, children?: any}} props `nothing`: why no run is here */
export function ChartBoard({ runs: rows, shown, nothing = '', single = false, children }) {
  const { details, having, runs, base, failed, waiting, primary } = useBoardData(rows, single);
  const [editing, setEditing] = useState(/** @type {PanelSpec | null} */ (null));
  useUndoKeys(() => takeOffer() || undo(), redo);
  const regex = useMemo(() => pattern(ws.metricFilter.value), [ws.metricFilter.value]);
  const keys = useMemo(() => [...having.keys()], [having]);
  const { sections, matching, metrics } = useMemo(() => sectionsOf(keys, regex.test, board.value), [keys, regex, board.value]);
  const [x, logX, column, isDark] = [ws.xAxis.value, ws.logX.value, single ? '' : ws.groupBy.value, dark.value];
  const look = useCallback((/** @type {number} */ i) => lookAt(i, isDark), [isDark]);
  const now = notices.value;
  const reach = useMemo(() => extentsOf(details, x, now, logX), [details, x, now, logX]);
  const alerts = useMemo(() => alertsOf(details, runs, x), [details, x, runs.map((run) => `${run.name} ${run.color}`).join('\n')]);
  const marked = (/** @type {PanelSpec} */ spec) => alertsFor(alerts, spec.expressions, keys);
  const all = [...sections.values()].flat();
  const order = all.map((spec) => spec.id);
  // an address may name a metric that no visible run has
  const focus = all.find((spec) => spec.id === ws.focusPanel.value);

  /** @param {PanelSpec} spec @param {PanelSpec[]} siblings @param {import('../types').Range} shared @param {boolean} full */
  const panel = (spec, siblings, shared, full) => html`<${Panel} key=${spec.id} spec=${spec} runs=${runs} having=${having} ready=${!waiting} extent=${axisOf(reach(keysOf([spec], having)), shared, logX)}
    zoom=${ws.zoomOf(spec.section, spec.id)} settings=${settingsOf(spec, primary)} base=${base} band=${column ? ws.groupBand.value : null} groupName=${groupNamer(column, runs)} look=${look} alerts=${marked(spec)} asleep=${focus !== undefined && !full}
    onZoom=${(/** @type {any} */ range, /** @type {boolean} */ alone) => ws.setZoom(spec.section, spec.id, range, alone)} drag=${full ? null : dragOf(spec, siblings)} full=${full} onFull=${() => (full ? ws.closePanel() : ws.openPanel(spec.id))}
    onOptions=${(/** @type {any} */ changes) => changeOptions(spec.id, changes)} actions=${actionsOf(spec, siblings, setEditing)} />`;

  return html`<div class="board">
    <${Toolbar} regexError=${regex.error} matching=${matching} metrics=${metrics} keys=${keys} details=${details} base=${base} single=${single} onAdd=${() => setEditing(newPanel())} />
    ${shown > rows.length && html`<p class="partial soft">${t('workspace.partial', { n: rows.length, shown })} <button class="ghost accent" onClick=${() => setQuery({ all: '1' })}>${t('workspace.drawAll')}</button></p>`}
    ${!single && html`<${Unreadable} runs=${details} />`}
    ${failed.length > 0 && html`<${ErrorCard} error=${failed[0].error} what=${t('error.details', { n: failed.length })} retry=${() => failed.forEach(({ row }) => refreshRun(row.id, row.path))} />`}
    ${rows.length === 0 && html`<p class="muted board-empty">${nothing}</p>`}
    ${rows.length > 0 && !waiting && metrics === 0 && html`<p class="muted board-empty">${t('workspace.noMetrics')}</p>`}
    ${metrics > 0 && matching === 0 && html`<p class="muted board-empty">${t('workspace.noMetricMatch', { text: ws.metricFilter.value })}
      <button class="ghost" onClick=${() => setQuery({ m: null })}>${t('action.clearFilter')}</button></p>`}
    ${rowsOf(sections).map((row) => html`<div class=${row.length > 1 ? 'panels section-row' : ''} key=${row[0][0]}>${row.map(([section, specs]) => {
      const shared = reach(keysOf(specs, having));
      return html`<${Section} key=${section} section=${section} n=${specs.length} all=${[...sections.keys()]}>${specs.map((spec) => panel(spec, specs, shared, false))}</${Section}>`;
    })}</div>`)}
    ${children}
    ${focus && metrics > 0 && html`<${FullScreen} title=${focus.title} onClose=${ws.closePanel} onStep=${(/** @type {number} */ by) => ws.turnPanel(order[(order.indexOf(focus.id) + by + order.length) % order.length])}>
      ${panel(focus, sections.get(focus.section) ?? [focus], reach(keysOf(sections.get(focus.section) ?? [focus], having)), true)}</${FullScreen}>`}
    ${editing && html`<${PanelEditor} spec=${editing} keys=${keys} sections=${[...sections.keys()]} onClose=${() => setEditing(null)} />`}
  </div>`;
}

/** @param {PanelSpec} spec @param {Map<string, 'min' | 'max'>} primary @returns {import('../charts/panel.js').Settings} */
function settingsOf(spec, primary) {
  const own = board.value.options[spec.id] ?? {};
  const marked = own.best === undefined ? primary.get(spec.expressions[0]) ?? null : own.best === 'off' ? null : own.best;
  return {
    x: ws.xAxis.value, logX: ws.logX.value, log: own.log ?? ws.logY.value, smoothing: own.smoothing ?? ws.smoothing.value, outliers: own.outliers ?? ws.outliers.value,
    delta: own.delta ?? ws.delta.value, best: marked, shade: own.shade ?? false, low: own.low ?? null, high: own.high ?? null,
  };
}

/** @param {PanelSpec} spec @param {PanelSpec[]} siblings @param {(spec: PanelSpec) => void} edit @returns {import('../charts/panel-menu.js').Actions} */
function actionsOf(spec, siblings, edit) {
  const ids = siblings.map((one) => one.id);
  const move = (/** @type {number} */ by) => changeBoard({ order: { ...board.peek().order, [spec.section]: moved(ids, spec.id, by) } });
  return {
    earlier: ids[0] === spec.id ? null : () => move(-1), later: ids.at(-1) === spec.id ? null : () => move(1),
    copy: () => edit({ ...newPanel(), title: '', section: spec.section, expressions: spec.expressions }),
    edit: spec.custom ? () => edit(spec) : null, remove: spec.custom ? () => { removePanel(spec.id); toast(t('panel.removed', { name: spec.title }), { offer: { label: t('action.undo'), run: undo } }); } : null,
  };
}

/** @returns {PanelSpec} */
const newPanel = () => ({ id: `panel-${Date.now().toString(36)}`, title: '', section: '', expressions: [], custom: true });

/** Metrics that decide how far x reaches in panels. @param {PanelSpec[]} specs @param {ReadonlyMap<string, unknown>} having */
function keysOf(specs, having) {
  return [...new Set(specs.flatMap((spec) => (spec.custom ? [...having.keys()].filter((key) => spec.expressions.some((text) => text.includes(key))) : [spec.id])))];
}

/** Sections of one panel share rows, others have theirs alone. @param {Map<string, PanelSpec[]>} sections */
function rowsOf(sections) {
  /** @type {[string, PanelSpec[]][][]} */
  const rows = [];
  for (const entry of sections) {
    const last = rows.at(-1);
    if (last && entry[1].length === 1 && last[0][1].length === 1) last.push(entry);
    else rows.push([entry]);
  }
  return rows;
}
