/** One metric, all visible runs: fetches while it is on screen, draws, and keeps zoom and hover in step. */
import { effect, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { failureFor, retrySeries, seriesFor, want } from '../state/series.js';
import { dark } from '../state/prefs.js';
import { icons } from '../components/icons.js';
import { createChart } from './line.js';
import { formatValue, formatX } from './format.js';
import { growingView } from './grid.js';
import { smooth } from './smoothing.js';
import { showTooltip } from './tooltip.js';

/** @typedef {import('../types').Line} Line @typedef {import('../types').Range} Range */
/** @typedef {{id: string, path: string, name: string, color: string, dash: number[], origin: number}} PanelRun */
/**
 * @typedef {object} PanelProps
 * @property {string} metric
 * @property {string} section charts of one section share cursor and zoom
 * @property {PanelRun[]} runs
 * @property {boolean} ready all runs are known, so the extent will not jump
 * @property {Range} extent the full x range of all runs
 * @property {Range | null} zoom
 * @property {import('../types').XAxis} x
 * @property {number} smoothing
 * @property {boolean} log
 * @property {boolean} outliers
 * @property {(range: Range | null) => void} onZoom
 * @property {boolean} [full]
 * @property {() => void} onFull
 */

/** The run under the pointer, in a chart or in the list: drawn thick everywhere. @type {import('@preact/signals').Signal<string | null>} */
export const highlighted = signal(null);
/** The metric of the panel under the pointer, for the keyboard. @type {import('@preact/signals').Signal<string | null>} */
export const hovered = signal(null);

/** As many buckets as the plot has pixels, in powers of two so that a resize seldom asks again. @param {HTMLElement | null} plot */
function bucketsFor(plot) {
  const pixels = (plot?.clientWidth || 300) * devicePixelRatio;
  return Math.min(2048, Math.max(256, 2 ** Math.ceil(Math.log2(pixels))));
}

/** @param {PanelProps} props */
export function Panel(props) {
  const { metric, section, ready, runs, extent, zoom, x, smoothing, log, outliers, onZoom, full = false, onFull } = props;
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {HTMLElement | null} */ (null));
  const chart = useRef(/** @type {ReturnType<typeof createChart> | null} */ (null));
  const zoomer = useRef(onZoom);
  zoomer.current = onZoom;
  const [near, setNear] = useState(full);
  const [, redraw] = useState(0);
  const [said, say] = useState('');

  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => setNear(entries.some((entry) => entry.isIntersecting)), { rootMargin: '400px' });
    if (root.current) watcher.observe(root.current);
    return () => watcher.disconnect();
  }, []);

  const view = growingView(x, zoom ? zoom.from : extent.from, zoom ? zoom.to : extent.to, bucketsFor(plot.current));
  if (zoom) {
    // more than is seen, so that lines of sparse metrics too go on to the edges
    const margin = Math.max((zoom.to - zoom.from) / 8, x === 'step' ? 1 : 0);
    Object.assign(view, { from: zoom.from - margin, to: zoom.to + margin });
  }
  const viewText = JSON.stringify(view);
  const ids = runs.map((run) => run.id).join('\n');
  const last = useRef(/** @type {Map<string, import('../types').Series>} */ (new Map()));

  useEffect(() => {
    if (!near || !ready) return undefined;
    return want({ key: metric, sources: runs, view, update: () => redraw((n) => n + 1) }, zoom ? 120 : 8);
  }, [near, ready, metric, viewText, ids]);

  const isDark = dark.value;
  useEffect(() => {
    if (!near || !plot.current) return undefined;
    const made = createChart(plot.current, {
      x, log, sync: section,
      onZoom: (from, to) => zoomer.current(x === 'step' ? { from: Math.floor(from), to: Math.ceil(to) } : { from, to }),
      onReset: () => zoomer.current(null),
      onHover: (hover) => {
        showTooltip(hover, x);
        hovered.value = hover ? metric : null;
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
  }, [near, x, log, section, isDark]);

  /** @type {Line[]} */
  const lines = [];
  let loaded = 0;
  for (const run of runs) {
    // until the zoomed answer is here the coarser one is drawn: redraw at once, refine when it comes
    const fresh = seriesFor(run.id, metric, view);
    const series = fresh ?? last.current.get(`${x}\n${run.id}`);
    if (!series) continue;
    loaded += 1;
    if (fresh) last.current.set(`${x}\n${run.id}`, fresh);
    if (series.x.length === 0 && series.bad.length === 0) continue;
    lines.push({ id: run.id, name: run.name, color: run.color, dash: run.dash, series, smooth: null });
  }
  const full_range = extent.to - extent.from;
  for (const line of lines) line.smooth = smoothed(line.series, smoothing, full_range);
  const range = zoom ?? extent;

  useEffect(() => { chart.current?.set(lines, range, outliers); });
  // not a render: a new highlight repaints canvases and leaves the document alone
  useEffect(() => effect(() => {
    const lit = highlighted.value;
    if (hovered.peek() === metric) { chart.current?.highlight(lit); return undefined; }
    // the other charts follow when the pointer rests: repainting all of them for every run it crosses is felt
    const timer = setTimeout(() => chart.current?.highlight(lit), 60);
    return () => clearTimeout(timer);
  }), [metric]);

  const summary = useMemo(() => summarise(metric, lines), [lines.length, metric, lines[0]?.series]);
  const nothingPositive = log && lines.length > 0 && lines.every((line) => !line.series.max.some((value) => value > 0));
  const trouble = runs.map((run) => failureFor(run.id, view)).find(Boolean);
  const empty = runs.length === 0 ? 'panel.noRuns' : trouble ? 'panel.failed' : loaded < runs.length ? 'panel.loading' : 'panel.noValues';
  const badRuns = lines.filter((line) => line.series.bad.length > 0).length;

  /** @param {KeyboardEvent} event */
  const arrows = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !chart.current) return;
    event.preventDefault();
    cursor.current = Math.min(1, Math.max(0, cursor.current + step * (event.shiftKey ? 0.1 : 0.01)));
    const at = range.from + cursor.current * (range.to - range.from);
    const hover = chart.current.point(at);
    say([formatX(at, x), ...(hover?.rows.slice(0, 5).map((row) => `${row.line.name} ${formatValue(row.value)}`) ?? [])].join(', '));
  };
  const cursor = useRef(0.5);

  return html`<div class=${full ? 'panel full' : 'panel'} ref=${root} data-metric=${metric} role="group" aria-label=${metric}>
    <header class="panel-head">
      <h3 class="cut" title=${metric}>${metric}</h3>
      <span class="sp"></span>
      ${badRuns > 0 && html`<span class="panel-bad err nowrap" title=${t('panel.badTitle')}>✕ ${t('panel.bad', { n: badRuns })}</span>`}
      ${trouble && html`<button class="ghost err panel-retry" title=${trouble.message} onClick=${retrySeries}>${t('action.retry')}</button>`}
      ${zoom && html`<button class="ghost panel-reset" onClick=${() => onZoom(null)}>${t('panel.resetZoom')}</button>`}
      <button class="ghost" onClick=${onFull} aria-label=${t(full ? 'panel.leaveFull' : 'panel.full', { metric })} title=${t(full ? 'action.close' : 'panel.fullTitle')}>
        ${full ? icons.close() : icons.expand()}</button>
    </header>
    <div class="plot" ref=${plot} role="img" aria-label=${summary} tabindex="0" onKeyDown=${arrows}
      data-points=${lines.reduce((n, line) => n + line.series.x.length, 0)} data-last=${lines.reduce((n, line) => Math.max(n, line.series.at.at(-1) ?? 0), 0)}
      data-runs=${lines.length} data-from=${Math.round(range.from)} data-to=${Math.round(range.to)}></div>
    <span class="sr" aria-live="polite">${said}</span>
    ${near && (lines.length === 0 || nothingPositive) && html`<div class="plot-empty muted">${t(nothingPositive ? 'panel.noPositive' : empty)}</div>`}
  </div>`;
}

/** @type {WeakMap<import('../types').Series, Map<string, Float64Array | null>>} */
const smoothCache = new WeakMap();

/** @param {import('../types').Series} series @param {number} amount @param {number} range */
function smoothed(series, amount, range) {
  const known = smoothCache.get(series) ?? new Map();
  smoothCache.set(series, known);
  const key = `${amount} ${range}`;
  if (!known.has(key)) {
    known.clear();
    known.set(key, smooth(series.x, series.mean, amount, range));
  }
  return known.get(key) ?? null;
}

/** @param {string} metric @param {Line[]} lines */
function summarise(metric, lines) {
  const last = lines.map((line) => line.series.last.findLast((v) => !Number.isNaN(v))).filter((v) => v !== undefined);
  if (last.length === 0) return t('panel.summaryEmpty', { metric });
  return t('panel.summary', { metric, n: lines.length, low: formatValue(Math.min(...last)), high: formatValue(Math.max(...last)) });
}
