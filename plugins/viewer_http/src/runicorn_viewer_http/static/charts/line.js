/** One line chart: uPlot gives scales, axes, cursor and selection; the lines are painted by draw.js. */
import uPlot from 'uplot';
import { cssColor } from '../state/prefs.js';
import { drawLines, scaleIn } from './draw.js';
import { yExtent } from './extent.js';
import { clockTicks, compact, durationTicks, formatTicks, logLabels, logTicks } from './format.js';
import { pressed } from './gestures.js';
import { nearest } from './grid.js';
import { drawAlerts } from './marks.js';

/** @typedef {import('../types').Line} Line @typedef {import('../types').Range} Range @typedef {import('./marks.js').AlertMark} AlertMark */
/** @typedef {{x: number, rows: {line: Line, index: number, value: number}[], nearest: string | null, left: number, top: number, alerts: AlertMark[]}} Hover */
/**
 * @typedef {object} Options
 * @property {import('../types').XAxis} x
 * @property {boolean} log
 * @property {boolean} [logX]
 * @property {(value: number) => string} [format] of the y axis, where values have a unit
 * @property {string} sync charts with one key share their cursor
 * @property {(from: number, to: number, alone: boolean) => void} onZoom
 * @property {(alone: boolean) => void} onReset
 * @property {(range: Range, alone: boolean) => void} [onPan] while it is dragged; onZoom follows
 * @property {(hover: Hover | null) => void} onHover only on the chart under the pointer
 */
/**
 * @typedef {object} Picture
 * @property {Line[]} lines
 * @property {Range} range
 * @property {boolean} outliers
 * @property {boolean} shade
 * @property {'min' | 'max' | null} best
 * @property {number[]} rules
 * @property {AlertMark[]} alerts
 * @property {number | null} low
 * @property {number | null} high
 */

const FONT = '10px ui-sans-serif, system-ui, sans-serif';

/** With more lines than these the raw values behind smoothed curves are left out while the range moves: they are half of the work. */
const CALM = 8;

/** @type {Picture} */
const EMPTY = { lines: [], range: { from: 0, to: 1 }, outliers: true, shade: false, best: null, rules: [], alerts: [], low: null, high: null };

/** @param {HTMLElement} el @param {Options} options */
export function createChart(el, options) {
  const { log, logX = false, format } = options;
  /** @type {Picture & {highlight: string | null, moving: boolean, hasty: boolean}} */
  const state = { ...EMPTY, highlight: null, moving: false, hasty: false };
  let inside = false;
  let alone = false;
  let frame = 0;
  const axis = { stroke: cssColor('--fg-3'), font: FONT, ticks: { show: false } };
  const line = cssColor('--line');
  const extent = () => yExtent(state.lines, state.range.from, state.range.to, { log, outliers: state.outliers, low: state.low, high: state.high });

  const u = new uPlot({
    width: Math.max(el.clientWidth, 50), height: Math.max(el.clientHeight, 50),
    legend: { show: false },
    padding: [6, 28, 0, 0],
    scales: {
      x: { time: false, distr: logX ? 3 : 1, range: () => [state.range.from, state.range.to] },
      y: { distr: log ? 3 : 1, range: extent },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [
      {
        ...axis, size: 22, gap: 4, space: 56, grid: { show: false },
        ...(options.x === 'relative' || options.x === 'wall' ? { incrs: SECONDS } : {}),
        ...(logX ? { splits: (_, __, low, high) => logTicks(low, high), filter: (_, ticks) => ticks } : {}),
        values: (_, ticks) => (logX ? logLabels(ticks) : xLabels(ticks, options.x)),
      },
      {
        ...axis, size: widthOf, gap: 6, space: 34, grid: { stroke: line, width: 1 },
        // the ticks are ours; where none of its distances (from 5 on, any will do) fits, as beyond 1e32, uPlot would leave them out
        ...(log ? { incrs: (_, __, low, high) => [Math.max(5, high - low)], splits: (_, __, low, high) => logTicks(low, high), filter: (_, ticks) => ticks } : {}),
        values: (_, ticks) => (format ? ticks.map(format) : log ? logLabels(ticks) : formatTicks(ticks)),
      },
    ],
    cursor: {
      y: false, points: { show: false }, sync: { key: options.sync, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      bind: {
        mousedown: (chart, _, select) => pressed(chart, {
          range: () => state.range, logX,
          onPan: (range, only) => options.onPan?.(range, only),
          onZoom: (range, only) => options.onZoom(range.from, range.to, only),
        }, select),
        mouseup: (_, __, select) => (event) => { alone = event.altKey; return select(event); },
        dblclick: () => (event) => { options.onReset(event.altKey); return null; },
      },
    },
    hooks: {
      draw: [(chart) => {
        const scale = scaleOf(chart);
        drawLines(chart.ctx, scale, state.lines, { ...state, ratio: devicePixelRatio });
        if (state.alerts.length > 0) { chart.ctx.save(); drawAlerts(chart.ctx, scale, state.alerts, devicePixelRatio); chart.ctx.restore(); }
      }],
      setSelect: [(chart) => {
        if (chart.select.width > 3 && inside) {
          options.onZoom(chart.posToVal(chart.select.left, 'x'), chart.posToVal(chart.select.left + chart.select.width, 'x'), alone);
        }
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      setCursor: [(chart) => { if (inside && !state.moving) options.onHover(hoverOf(chart, scaleOf(chart), state)); }],
    },
  }, [[0.5, 1], [0.5, 1]], el);

  /** @param {uPlot} chart */
  function scaleOf(chart) {
    const { min: y0 = 0, max: y1 = 1 } = /** @type {{min?: number, max?: number}} */ (chart.scales.y);
    return scaleIn(chart.bbox, [state.range.from, state.range.to], [y0, y1], { log, logX });
  }

  u.over.addEventListener('pointerenter', () => { inside = true; });
  u.over.addEventListener('pointerleave', () => { inside = false; options.onHover(null); });
  const watcher = new ResizeObserver(() => {
    if (el.clientWidth > 0 && el.clientHeight > 0) u.setSize({ width: el.clientWidth, height: el.clientHeight });
  });
  watcher.observe(el);

  return {
    /** @param {Partial<Picture> & {lines: Line[], range: Range}} picture what it does not name is as at first */
    set(picture) {
      Object.assign(state, EMPTY, picture, { moving: false, hasty: false });
      u.setData([[state.range.from, state.range.to], [1, 1]]);
    },
    /** Show another range of what is here, while it moves: `set` follows when it has come to rest. @param {Range} range */
    move(range) {
      // what stands under the pointer changes with every move: looking it up each time is as dear as the drawing
      if (!state.moving && inside) options.onHover(null);
      Object.assign(state, { range, moving: true, hasty: state.lines.length > CALM });
      u.setData([[range.from, range.to], [1, 1]]);
    },
    /** @param {string | null} id */
    highlight(id) {
      if (id === state.highlight) return;
      const before = state.highlight;
      state.highlight = id;
      const has = (/** @type {string | null} */ one) => one !== null && state.lines.some((l) => l.id === one);
      if (!has(id) && !has(before)) return;
      // a pointer may cross several runs between two frames
      frame ||= requestAnimationFrame(() => { frame = 0; u.redraw(false, false); });
    },
    /** Move the cursor to a value of x, as the arrow keys do. @param {number} x */
    point(x) {
      u.setCursor({ left: u.valToPos(x, 'x'), top: u.bbox.height / devicePixelRatio / 2 });
      return hoverOf(u, scaleOf(u), state);
    },
    /** What an export needs: the picture as it stands, and where its axes have ticks. */
    snapshot() {
      const ticks = (/** @type {number} */ i) => {
        const one = /** @type {any} */ (u.axes[i]);
        const labels = /** @type {string[]} */ (one._values ?? []);
        return /** @type {number[]} */ (one._splits ?? []).map((value, k) => ({ value, label: labels[k] ?? '' })).filter(({ value, label }) => value !== null && label !== null);
      };
      return { ...state, y: extent(), log, logX, xTicks: ticks(0), yTicks: ticks(1) };
    },
    destroy() {
      watcher.disconnect();
      cancelAnimationFrame(frame);
      u.destroy();
    },
  };
}

/** How far ticks of time may be apart: what a clock has, not thousands of seconds. */
const SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * 86400),
];

/** @param {number[]} ticks @param {import('../types').XAxis} x */
function xLabels(ticks, x) {
  if (x === 'relative') return durationTicks(ticks);
  if (x === 'wall') return clockTicks(ticks);
  if (x !== 'step') return formatTicks(ticks);
  const gap = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  return ticks.map((tick) => (Number.isInteger(tick) ? compact(tick, gap) : ''));
}

/** Widths of labels: panels share most of theirs, and measuring is dear. @type {Map<string, number>} */
const widths = new Map();

/** Room for the widest label of the y axis. @param {uPlot} u @param {string[] | null} labels */
function widthOf(u, labels) {
  const missing = (labels ?? []).filter((label) => !widths.has(label));
  if (widths.size > 2000) widths.clear();
  if (missing.length > 0) {
    u.ctx.save();
    u.ctx.font = FONT;
    for (const label of missing) widths.set(label, u.ctx.measureText(label).width);
    u.ctx.restore();
  }
  const widest = Math.max(0, ...(labels ?? []).map((label) => widths.get(label) ?? 0));
  return Math.max(42, Math.ceil(widest) + 12);
}

/** The value of every line at the cursor, largest first. @param {uPlot} u @param {import('./draw.js').Scale} scale @param {Picture} state @returns {Hover | null} */
function hoverOf(u, scale, { lines, alerts }) {
  const { left, top } = u.cursor;
  if (left === undefined || top === undefined || left < 0) return null;
  const ratio = devicePixelRatio;
  const x = u.posToVal(left, 'x');
  const here = u.bbox.left + left * ratio;
  const rows = [];
  let closest = null;
  let distance = Infinity;
  for (const line of lines) {
    if (line.faint) continue;
    const index = nearest(line.series, x);
    if (index < 0) continue;
    // a run that ended long before the cursor has nothing to say there
    if (!(Math.abs(scale.x(line.series.x[index]) - here) <= 40 * ratio)) continue;
    const value = line.smooth ? line.smooth[index] : line.series.last[index];
    rows.push({ line, index, value });
    const away = Math.abs((scale.y(value) - u.bbox.top) / ratio - top);
    if (away < distance) [closest, distance] = [line.id, away];
  }
  rows.sort((a, b) => b.value - a.value);
  const box = u.over.getBoundingClientRect();
  const near = alerts.filter((alert) => Math.abs(scale.x(alert.x) - here) < 6 * ratio);
  return { x, rows, nearest: closest, left: box.left + left, top: box.top + top, alerts: near };
}
