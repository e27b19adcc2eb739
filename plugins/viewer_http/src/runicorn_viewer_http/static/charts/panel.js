/** One panel: fetches while it is on screen, draws, and keeps zoom and hover in step. */
import { effect, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { failureFor, retrySeries, seriesFor, want } from '../state/series.js';
import { dark } from '../state/prefs.js';
import { icons } from '../components/icons.js';
import { createChart } from './line.js';
import { formulaOf, FormulaError } from './expression.js';
import { formatValue, formatX } from './format.js';
import { linesOf, smoothLines } from './lines.js';
import { PanelMenu } from './panel-menu.js';
import { showTooltip } from './tooltip.js';
import { bucketsFor, moving, shownRange, viewOf } from './zoom.js';

/** @typedef {import('../types').Line} Line @typedef {import('../types').Range} Range @typedef {import('../types').Series} Series */
/** @typedef {import('./lines.js').PanelRun} PanelRun */
/**
 * @typedef {object} Settings
 * @property {import('../types').XAxis} x
 * @property {boolean} logX
 * @property {boolean} log
 * @property {number} smoothing
 * @property {boolean} outliers
 * @property {boolean} delta
 * @property {'min' | 'max' | null} best
 * @property {boolean} shade
 * @property {number | null} low
 * @property {number | null} high
 */
/**
 * @typedef {object} PanelProps
 * @property {import('../types').PanelSpec} spec
 * @property {PanelRun[]} runs visible ones
 * @property {ReadonlyMap<string, ReadonlySet<string>>} having metric to the folders of the runs that have it
 * @property {boolean} ready all runs are known, so the extent will not jump
 * @property {Range} extent the full x range of all runs
 * @property {Range | null} zoom
 * @property {Settings} settings
 * @property {PanelRun | null} base
 * @property {'std' | 'minmax' | null} band
 * @property {(group: string, n: number) => string} groupName
 * @property {(i: number) => {color: string, dash: number[]}} look
 * @property {import('./marks.js').AlertMark[]} alerts
 * @property {(range: Range | null, alone: boolean) => void} onZoom
 * @property {boolean} [full]
 * @property {boolean} [asleep] another panel covers it: it draws nothing
 * @property {() => void} onFull
 * @property {import('../components/panel-drag.js').Drag | null} drag
 * @property {(changes: import('../types').PanelOptions) => void} onOptions
 * @property {import('./panel-menu.js').Actions} actions
 */

/** The run (its folder) or group under the pointer, in a chart or in the list: drawn thick everywhere. @type {import('@preact/signals').Signal<string | null>} */
export const highlighted = signal(null);
/** The id of the panel under the pointer, for the keyboard. @type {import('@preact/signals').Signal<string | null>} */
export const hovered = signal(null);

/** @param {PanelProps} props */
export function Panel(props) {
  const { spec, having, ready, extent, zoom, settings, base, band, groupName, look, alerts, drag, full = false, asleep = false } = props;
  const { x, logX, log, smoothing, outliers, delta, best, shade, low, high } = settings;
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {HTMLElement | null} */ (null));
  const chart = useRef(/** @type {ReturnType<typeof createChart> | null} */ (null));
  const latest = useRef(props);
  latest.current = props;
  const [near, setNear] = useState(full);
  const [, redraw] = useState(0);
  const [said, say] = useState('');
  const cursor = useRef(0.5);

  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => setNear(entries.some((entry) => entry.isIntersecting)), { rootMargin: '400px' });
    if (root.current) watcher.observe(root.current);
    return () => watcher.disconnect();
  }, []);

  const { expressions, problem } = useMemo(() => readAll(spec, having), [spec.expressions.join('\n'), having]);
  const keys = useMemo(() => [...new Set(expressions.flatMap(({ formula }) => formula.keys))], [expressions]);
  const runs = props.runs.filter((run) => expressions.some(({ formula }) => formula.keys.every((key) => having.get(key)?.has(run.path))));
  const floor = delta ? base : null;
  const asked = floor && !runs.some((run) => run.path === floor.path) ? [...runs, floor] : runs;
  const view = viewOf(x, zoom, extent, bucketsFor(plot.current, runs.length), logX);
  const viewText = JSON.stringify(view);
  const paths = asked.map((run) => run.path).join('\n');
  const last = useRef(/** @type {Map<string, Series>} */ (new Map()));

  useEffect(() => {
    if (!near || !ready) return undefined;
    const stops = keys.map((key) => want({ key, sources: asked.filter((run) => having.get(key)?.has(run.path)), view, update: () => redraw((n) => n + 1) }, zoom ? 120 : 8));
    return () => stops.forEach((stop) => stop());
  }, [near, ready, keys, viewText, paths]);

  const isDark = dark.value;
  useEffect(() => {
    if (!near || asleep || !plot.current) return undefined;
    const made = createChart(plot.current, {
      x, log, logX, sync: spec.section,
      onZoom: (from, to, alone) => {
        moving.value = null;
        latest.current.onZoom(x === 'step' ? { from: Math.floor(from), to: Math.ceil(to) } : { from, to }, alone);
      },
      onReset: (alone) => latest.current.onZoom(null, alone),
      onPan: (range, alone) => { moving.value = { section: spec.section, panel: alone ? spec.id : null, range }; },
      onHover: (hover) => {
        showTooltip(hover, x);
        hovered.value = hover ? spec.id : null;
        highlighted.value = hover?.nearest ?? null;
      },
    });
    chart.current = made;
    made.highlight(highlighted.peek());
    return () => {
      showTooltip(null, x);
      chart.current = null;
      made.destroy();
    };
  }, [near, asleep, x, log, logX, spec.section, isDark]);

  const { lines, missing } = linesOf({
    runs, expressions, base: floor, band, groupName, look,
    series: (run, key) => {
      if (!having.get(key)?.has(run.path)) return null;
      // until the zoomed answer is here the coarser one is drawn: redraw at once, refine when it comes
      const fresh = seriesFor(run.path, key, view);
      const place = `${x}\n${run.path}\n${key}`;
      if (fresh) last.current.set(place, fresh);
      return fresh ?? last.current.get(place) ?? null;
    },
  });
  smoothLines(lines, smoothing, logX ? Math.log10(Math.max(extent.to, 1e-300) / Math.max(extent.from, 1e-300)) : extent.to - extent.from, logX);
  const range = shownRange(zoom ?? extent, logX);

  useEffect(() => { chart.current?.set({ lines, range, outliers, shade, best, rules: floor ? [0] : [], alerts, low, high }); });
  // not a render: a pan or a new highlight repaints canvases and leaves the document alone
  useEffect(() => effect(() => {
    const move = moving.value;
    if (move && (move.panel === spec.id || (move.panel === null && move.section === spec.section))) chart.current?.move(shownRange(move.range, logX));
  }), [spec.id, spec.section, logX]);
  useEffect(() => effect(() => {
    const lit = highlighted.value;
    if (hovered.peek() === spec.id) { chart.current?.highlight(lit); return undefined; }
    // the other charts follow when the pointer rests: repainting all of them for every run it crosses is felt
    const timer = setTimeout(() => chart.current?.highlight(lit), 60);
    return () => clearTimeout(timer);
  }), [spec.id]);

  const shown = lines.filter((line) => !line.faint);
  const summary = useMemo(() => summarise(spec.title, shown), [shown.length, spec.title, shown[0]?.series]);
  const nothingPositive = log && lines.length > 0 && lines.every((line) => !line.series.max.some((value) => value > 0));
  const troubles = asked.flatMap((run) => { const error = failureFor(run.path, view); return error ? [{ run, error }] : []; });
  const trouble = troubles[0]?.error;
  const empty = !ready ? 'panel.loading' : problem ? problem.code : runs.length === 0 ? 'panel.noRuns' : trouble ? 'panel.failed' : missing > 0 ? 'panel.loading' : 'panel.noValues';
  const badRuns = new Set(lines.filter((line) => line.series.bad.length > 0).map((line) => line.id)).size;

  /** @param {KeyboardEvent} event */
  const arrows = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // in full screen plain arrows turn pages; with Shift they move the cursor
    if (!step || !chart.current || event.target !== plot.current || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    cursor.current = Math.min(1, Math.max(0, cursor.current + step * (event.shiftKey ? 0.1 : 0.01)));
    const at = range.from + cursor.current * (range.to - range.from);
    const hover = chart.current.point(at);
    say([formatX(at, x), ...(hover?.rows.slice(0, 5).map((row) => `${row.line.name} ${formatValue(row.value)}`) ?? [])].join(', '));
  };

  return html`<div class=${full ? 'panel full' : 'panel'} ref=${root} data-metric=${spec.id} role="group" aria-label=${spec.title} onDragOver=${drag?.over} onDragLeave=${drag?.leave} onDrop=${drag?.drop}>
    <header class=${drag ? 'panel-head movable' : 'panel-head'} draggable=${drag !== null} onDragStart=${drag?.start} onDragEnd=${drag?.end}>
      <h3 class="cut" title=${spec.expressions.join('\n')}>${spec.title}</h3>
      ${floor && html`<span class="tag" title=${t('panel.deltaTitle', { name: floor.name })}>Δ ${floor.name}</span>`}
      <span class="sp"></span>
      ${badRuns > 0 && html`<span class="panel-bad err nowrap" title=${t('panel.badTitle')}>✕ ${t('panel.bad', { n: badRuns })}</span>`}
      ${trouble && lines.length > 0 && html`<span class="panel-bad err nowrap" title=${troubles.map(({ run, error }) => `${run.name}: ${error.message}`).join('\n')}>${t('panel.leftOut', { n: troubles.length })}</span>`}
      ${trouble && html`<button class="ghost err panel-retry" title=${trouble.message} onClick=${retrySeries}>${t('action.retry')}</button>`}
      ${zoom && html`<button class="ghost panel-reset" onClick=${() => props.onZoom(null, false)}>${t('panel.resetZoom')}</button>`}
      <${PanelMenu} spec=${spec} settings=${settings} base=${base} lines=${lines} runs=${runs} keys=${keys} snapshot=${() => chart.current?.snapshot() ?? null} onOptions=${props.onOptions} actions=${props.actions} />
      <button class="ghost" autofocus=${full} onClick=${props.onFull} aria-label=${t(full ? 'panel.leaveFull' : 'panel.full', { metric: spec.title })} title=${t(full ? 'action.close' : 'panel.fullTitle')}>
        ${full ? icons.close() : icons.expand()}</button>
    </header>
    <div class="plot" ref=${plot} role="img" aria-label=${summary} tabindex="0" onKeyDown=${arrows}
      data-points=${lines.reduce((n, line) => n + line.series.x.length, 0)} data-last=${lines.reduce((n, line) => Math.max(n, line.series.at.at(-1) ?? 0), 0)}
      data-runs=${shown.length} data-faint=${lines.length - shown.length} data-alerts=${alerts.length} data-from=${Math.round(range.from)} data-to=${Math.round(range.to)}></div>
    <span class="sr" aria-live="polite">${said}</span>
    ${near && (lines.length === 0 || nothingPositive) && html`<div class="plot-empty muted">${t(nothingPositive ? 'panel.noPositive' : empty, { term: problem?.term ?? '' })}</div>`}
  </div>`;
}

/** @param {import('../types').PanelSpec} spec @param {ReadonlyMap<string, unknown>} having */
function readAll(spec, having) {
  const known = new Set(having.keys());
  /** @type {import('./lines.js').Expression[]} */
  const expressions = [];
  /** @type {FormulaError | null} */
  let problem = null;
  for (const text of spec.expressions) {
    try {
      expressions.push({ text, formula: formulaOf(text, known) });
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      problem = error;
    }
  }
  return { expressions, problem };
}

/** @param {string} metric @param {Line[]} lines */
function summarise(metric, lines) {
  const last = lines.map((line) => /** @type {Float64Array} */ (line.series.last).findLast((v) => !Number.isNaN(v))).filter((v) => v !== undefined);
  if (last.length === 0) return t('panel.summaryEmpty', { metric });
  return t('panel.summary', { metric, n: lines.length, low: formatValue(Math.min(...last)), high: formatValue(Math.max(...last)) });
}
