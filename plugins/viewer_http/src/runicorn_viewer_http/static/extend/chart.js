/** Charts for plugins: lines on the host's own chart, with its palette, cursor and zoom; and matrices. */
import { effect } from '@preact/signals';
import { createChart } from '../charts/line.js';
import { PALETTE } from '../charts/palette.js';
import { formatValue } from '../charts/format.js';
import { showTooltip } from '../charts/tooltip.js';
import { dark } from '../state/prefs.js';

/** @param {HTMLElement} el @param {import('runicorn').ChartOptions} [options] */
export function makeChart(el, options = {}) {
  return options.kind === 'heatmap' ? makeHeatmap(el) : makeLines(el, options);
}

/** @param {HTMLElement} el @param {import('runicorn').ChartOptions} options */
function makeLines(el, { x = 'step', log = false, sync = '', low = null, high = null, format }) {
  const plot = document.createElement('div');
  plot.className = 'plot plugin-plot';
  el.append(plot);
  /** @type {import('runicorn').ChartLine[]} */
  let data = [];
  /** @type {import('../types').Range | null} */
  let zoom = null;
  /** @type {ReturnType<typeof createChart> | null} */
  let chart = null;
  const draw = () => {
    const colors = PALETTE[dark.peek() ? 'dark' : 'light'];
    const lines = data.map((line, i) => lineOf(line, colors[i % colors.length]));
    const ends = lines.filter((line) => line.series.x.length > 0).flatMap((line) => [line.series.x[0], /** @type {number} */ (line.series.x.at(-1))]);
    const extent = ends.length > 0 ? { from: Math.min(...ends), to: Math.max(...ends) } : { from: 0, to: 1 };
    chart?.set({ lines, range: zoom ?? extent, low, high });
    plot.dataset.runs = String(lines.length);
  };
  // colours are part of the picture: another theme is another chart
  const stop = effect(() => {
    void dark.value;
    chart?.destroy();
    chart = createChart(plot, {
      x, log, sync, format,
      onZoom: (from, to) => { zoom = { from, to }; draw(); },
      onReset: () => { zoom = null; draw(); },
      onHover: (hover) => showTooltip(hover, x, format),
    });
    draw();
  });
  return {
    /** @param {any} lines */
    setData(lines) {
      data = lines;
      draw();
    },
    destroy() {
      stop();
      showTooltip(null, x);
      chart?.destroy();
      chart = null;
      plot.remove();
    },
  };
}

/** @param {import('runicorn').ChartLine} line @param {string} color @returns {import('../types').Line} */
function lineOf(line, color) {
  const keep = [...line.y.keys()].filter((i) => Number.isFinite(line.y[i]) && Number.isFinite(line.x[i]));
  const [xs, ys] = broken(keep.map((i) => line.x[i]), keep.map((i) => line.y[i]), line.gap ?? Infinity);
  const x = Float64Array.from(xs);
  const y = Float64Array.from(ys);
  const bad = [...line.y.keys()].filter((i) => !Number.isFinite(line.y[i]) && Number.isFinite(line.x[i]));
  return {
    id: line.id ?? line.name, key: line.id ?? line.name, name: line.name, color: line.color ?? color, dash: line.dash ?? [], smooth: null,
    series: { x, at: x, bucket: x, first: y, min: y, max: y, last: y, mean: y, raw: true, bad: bad.map((i) => ({ x: line.x[i], kind: Number.isNaN(line.y[i]) ? 'nan' : 'inf' })) },
  };
}

/** Where two points are further apart than `gap`, nothing is known between them, and nothing is drawn. @param {number[]} x @param {number[]} y @param {number} gap */
function broken(x, y, gap) {
  /** @type {[number[], number[]]} */
  const made = [[], []];
  x.forEach((at, i) => {
    if (i > 0 && at - x[i - 1] > gap) { made[0].push((at + x[i - 1]) / 2); made[1].push(NaN); }
    made[0].push(at);
    made[1].push(y[i]);
  });
  return made;
}

/** A matrix as a table: every value can be read, by machines too. @param {HTMLElement} el */
function makeHeatmap(el) {
  const table = document.createElement('table');
  table.className = 'heatmap';
  el.append(table);
  return {
    /** @param {any} matrix */
    setData({ rows, columns, values }) {
      const all = values.flat().filter(Number.isFinite);
      const low = Math.min(0, ...all);
      const span = Math.max(...all, low) - low || 1;
      const head = line([null, ...columns], 'th');
      table.replaceChildren(head, ...values.map((/** @type {number[]} */ row, /** @type {number} */ i) => {
        const made = line([rows[i]], 'th');
        for (const value of row) {
          const cell = document.createElement('td');
          const share = (value - low) / span;
          cell.textContent = formatValue(value);
          if (Number.isFinite(share)) cell.style.background = `color-mix(in oklab, var(--accent) ${Math.round(share * 100)}%, var(--surface))`;
          if (share > 0.5) cell.style.color = 'var(--on-accent)';
          made.append(cell);
        }
        return made;
      }));
    },
    destroy: () => table.remove(),
  };
}

/** @param {(string | null)[]} texts @param {'th' | 'td'} tag */
function line(texts, tag) {
  const row = document.createElement('tr');
  for (const text of texts) {
    const cell = document.createElement(text === null ? 'td' : tag);
    cell.textContent = text ?? '';
    row.append(cell);
  }
  return row;
}
