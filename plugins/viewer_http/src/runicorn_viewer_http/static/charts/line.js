/** One line chart: uPlot gives scales, axes, cursor and selection; the lines are painted by draw.js. */
import uPlot from 'uplot';
import { cssColor } from '../state/prefs.js';
import { drawLines, scaleOf } from './draw.js';
import { yExtent } from './extent.js';
import { clockTicks, compact, durationTicks, formatTicks, logTicks } from './format.js';
import { nearest } from './grid.js';

/** @typedef {import('../types').Line} Line */
/** @typedef {{x: number, rows: {line: Line, index: number, value: number}[], nearest: string | null, left: number, top: number}} Hover */
/**
 * @typedef {object} Options
 * @property {import('../types').XAxis} x
 * @property {boolean} log
 * @property {string} sync charts with one key share their cursor
 * @property {(from: number, to: number) => void} onZoom
 * @property {() => void} onReset
 * @property {(hover: Hover | null) => void} onHover only on the chart under the pointer
 */

const FONT = '10px ui-sans-serif, system-ui, sans-serif';

/** @param {HTMLElement} el @param {Options} options */
export function createChart(el, options) {
  /** @type {{lines: Line[], range: import('../types').Range, outliers: boolean, highlight: string | null}} */
  const state = { lines: [], range: { from: 0, to: 1 }, outliers: true, highlight: null };
  let inside = false;
  let frame = 0;
  const axis = { stroke: cssColor('--fg-3'), font: FONT, ticks: { show: false } };
  const line = cssColor('--line');

  const u = new uPlot({
    width: Math.max(el.clientWidth, 50), height: Math.max(el.clientHeight, 50),
    legend: { show: false },
    padding: [6, 28, 0, 0],
    scales: {
      x: { time: false, range: () => [state.range.from, state.range.to] },
      y: {
        distr: options.log ? 3 : 1,
        range: () => yExtent(state.lines, state.range.from, state.range.to, { log: options.log, outliers: state.outliers }),
      },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [
      { ...axis, size: 22, gap: 4, space: 56, grid: { show: false }, values: (_, ticks) => xLabels(ticks, options.x) },
      {
        ...axis, size: widthOf, gap: 6, space: 34, grid: { stroke: line, width: 1 },
        ...(options.log ? { splits: (_, __, low, high) => logTicks(low, high), filter: (_, ticks) => ticks } : {}),
        values: (_, ticks) => (options.log ? ticks.map(compact) : formatTicks(ticks)),
      },
    ],
    cursor: {
      y: false, points: { show: false }, sync: { key: options.sync, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { options.onReset(); return null; } },
    },
    hooks: {
      draw: [(chart) => drawLines(chart, state.lines, { highlight: state.highlight, log: options.log })],
      setSelect: [(chart) => {
        if (chart.select.width > 3 && inside) {
          options.onZoom(chart.posToVal(chart.select.left, 'x'), chart.posToVal(chart.select.left + chart.select.width, 'x'));
        }
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      setCursor: [(chart) => { if (inside) options.onHover(hoverOf(chart, state.lines, options.log)); }],
    },
  }, [[0, 1], [0, 1]], el);

  u.over.addEventListener('pointerenter', () => { inside = true; });
  u.over.addEventListener('pointerleave', () => { inside = false; options.onHover(null); });
  const watcher = new ResizeObserver(() => {
    if (el.clientWidth > 0 && el.clientHeight > 0) u.setSize({ width: el.clientWidth, height: el.clientHeight });
  });
  watcher.observe(el);

  return {
    /** @param {Line[]} lines @param {import('../types').Range} range @param {boolean} outliers */
    set(lines, range, outliers) {
      Object.assign(state, { lines, range, outliers });
      u.setData([[range.from, range.to], [0, 1]]);
    },
    /** @param {string | null} id */
    highlight(id) {
      if (id === state.highlight) return;
      state.highlight = id;
      // a pointer may cross several runs between two frames
      frame ||= requestAnimationFrame(() => { frame = 0; u.redraw(false, false); });
    },
    /** Move the cursor to a value of x, as the arrow keys do. @param {number} x */
    point(x) {
      u.setCursor({ left: u.valToPos(x, 'x'), top: u.bbox.height / devicePixelRatio / 2 });
      return hoverOf(u, state.lines, options.log);
    },
    destroy() {
      watcher.disconnect();
      cancelAnimationFrame(frame);
      u.destroy();
    },
  };
}

/** @param {number[]} ticks @param {import('../types').XAxis} x */
function xLabels(ticks, x) {
  if (x === 'relative') return durationTicks(ticks);
  if (x === 'wall') return clockTicks(ticks);
  const gap = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  return ticks.map((tick) => (Number.isInteger(tick) ? compact(tick, gap) : ''));
}

/** Room for the widest label of the y axis. @param {uPlot} u @param {string[] | null} labels */
function widthOf(u, labels) {
  u.ctx.save();
  u.ctx.font = FONT;
  const widest = Math.max(0, ...(labels ?? []).map((label) => u.ctx.measureText(label).width));
  u.ctx.restore();
  return Math.max(42, Math.ceil(widest) + 12);
}

/** The value of every run at the cursor, largest first. @param {uPlot} u @param {Line[]} lines @param {boolean} log @returns {Hover | null} */
function hoverOf(u, lines, log) {
  const { left, top } = u.cursor;
  if (left === undefined || top === undefined || left < 0) return null;
  const x = u.posToVal(left, 'x');
  const scale = scaleOf(u, log);
  const rows = [];
  let closest = null;
  let distance = Infinity;
  for (const line of lines) {
    const index = nearest(line.series, x);
    if (index < 0) continue;
    // a run that ended long before the cursor has nothing to say there
    if (Math.abs(u.valToPos(line.series.x[index], 'x') - left) > 40) continue;
    const value = line.smooth ? line.smooth[index] : line.series.last[index];
    rows.push({ line, index, value });
    const away = Math.abs(scale.y(value) / devicePixelRatio - u.bbox.top / devicePixelRatio - top);
    if (away < distance) [closest, distance] = [line.id, away];
  }
  rows.sort((a, b) => b.value - a.value);
  const box = u.over.getBoundingClientRect();
  return { x, rows, nearest: closest, left: box.left + left, top: box.top + top };
}
