// @ts-check
/** The marks of one pair of axes as SVG, in pixels. What can be pointed at is collected in `spots`. */
import { formatValue, html } from 'runicorn';
import { said } from './plotly-axes.js';
import { isUpright, quartiles } from './plotly-bars.js';
import { blend, errorsOf, limits, list, paint, plain, scaleOf } from './plotly-data.js';
import { boxesOf, cellsOf, halfGap } from './plotly-plan.js';

const MOST_SPOTS = 20_000, MOST_CIRCLES = 2_000, MOST_TEXTS = 400, SHADES = 64;
const DASHES = /** @type {Record<string, string>} */ ({ dash: '6 4', dot: '2 3', dashdot: '6 3 2 3', longdash: '10 5' });

/** @typedef {{x: number, y: number, text: string}} Spot */
/** @typedef {{left: number, top: number, width: number, height: number}} Box */

/** @param {import('./plotly-plan.js').Pair} pair @param {Box} box @param {Spot[]} spots @returns {any[]} */
export function marksOf(pair, box, spots) {
  const px = (/** @type {number} */ value) => box.left + pair.x.at(value) * box.width;
  const py = (/** @type {number} */ value) => box.top + (1 - pair.y.at(value)) * box.height;
  const place = { pair, px, py, spots };
  /** @type {[number, number][]} */ let below = [];
  return layered(pair.traces).map((trace) => {
    if (trace.type === 'heatmap') return heatmap(trace, place);
    if (trace.type === 'bar') return bars(trace, place, box);
    if (trace.type === 'box') return boxes(trace, place, box);
    const [drawn, points] = scatter(trace, place, below);
    below = points;
    return drawn;
  });
}

const LAYERS = /** @type {Record<string, number>} */ ({ heatmap: 0, bar: 1, box: 2 });
/** Lines and points stand before everything else, in whatever order they were given. @param {any[]} traces */
const layered = (traces) => traces.toSorted((a, b) => (LAYERS[a.type] ?? 3) - (LAYERS[b.type] ?? 3));

/** @param {any} place @param {number} x @param {number} y @param {string} text */
function point(place, x, y, text) {
  if (place.spots.length < MOST_SPOTS) place.spots.push({ x, y, text });
}

/** @param {any} trace @param {any} place @param {[number, number][]} below @returns {[any, [number, number][]]} */
function scatter(trace, place, below) {
  const { pair, px, py } = place;
  const ys = list(trace.y), xs = list(trace.x).length > 0 ? list(trace.x) : ys.map((_, i) => i);
  const up = ys.length > 0 ? ys : xs.map((_, i) => i);
  const points = xs.slice(0, up.length).map((x, i) => /** @type {[number, number]} */ ([px(pair.x.number(x)), py(pair.y.number(up[i]))]));
  const good = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const mode = String(trace.mode ?? (points.length < 20 ? 'lines+markers' : 'lines'));
  const color = paint(trace.line?.color, paint(trace.marker?.color, trace.color));
  points.forEach(([x, y], i) => {
    if (mode === 'none' || !Number.isFinite(x + y)) return;
    const label = plain(Array.isArray(trace.text) ? trace.text[i] : trace.hovertext?.[i] ?? '');
    point(place, x, y, `${trace.name}: ${said(pair.x, xs[i])}, ${said(pair.y, up[i])}${label ? ` · ${label}` : ''}`);
  });
  const area = trace.fill && trace.fill !== 'none' && good.length > 1 && html`<path class="mp-area" style=${{ fill: paint(trace.fillcolor, color) }} d=${`${path(good, '')}${
    trace.fill === 'tonexty' && below.length > 0 ? path([...below].reverse(), '').replace('M', 'L') : trace.fill === 'toself' ? '' : `L${good[good.length - 1][0]},${py(0)}L${good[0][0]},${py(0)}`}Z`} />`;
  return [html`<g key=${trace.nth}>${area}
    ${whiskers(trace, 'y', pair.y, points, up.map(Number), place, color)}${whiskers(trace, 'x', pair.x, points, xs.map(Number), place, color)}
    ${mode.includes('lines') && html`<path class="mp-line" style=${{ stroke: color, strokeWidth: Math.min(8, Number(trace.line?.width ?? 2)) }} stroke-dasharray=${DASHES[trace.line?.dash] ?? 'none'} d=${path(points, trace.line?.shape, trace.connectgaps)} />`}
    ${mode.includes('markers') && dots(trace, points, color)}
    ${mode.includes('text') && points.slice(0, MOST_TEXTS).map(([x, y], i) => Number.isFinite(x + y) && html`<text class="mp-in" x=${x} y=${y - 6}>${plain(Array.isArray(trace.text) ? trace.text[i] : trace.text)}</text>`)}</g>`, good];
}

/** Bars of uncertainty. @param {any} trace @param {string} letter @param {any} axis @param {[number, number][]} points @param {number[]} values @param {any} place @param {string} color */
function whiskers(trace, letter, axis, points, values, place, color) {
  const errors = errorsOf(trace[`error_${letter}`], values);
  if (errors === null) return null;
  const at = (/** @type {number} */ value) => (letter === 'y' ? place.py : place.px)(axis.kind === 'log' ? Math.log10(value) : value);
  const d = points.map(([x, y], i) => {
    const [from, to] = [at(values[i] - errors[i][0]), at(values[i] + errors[i][1])];
    if (![x, y, from, to].every(Number.isFinite)) return '';
    return letter === 'y' ? `M${x},${from}V${to}M${x - 3},${from}h6M${x - 3},${to}h6` : `M${from},${y}H${to}M${from},${y - 3}v6M${to},${y - 3}v6`;
  }).join('');
  return html`<path class="mp-line mp-error" style=${{ stroke: color, strokeWidth: 1.5 }} d=${d} />`;
}

/** A line through points, broken where one is missing. @param {[number, number][]} points @param {any} shape @param {any} [joined] */
function path(points, shape, joined = false) {
  let d = '', pen = 'M';
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) { if (!joined) pen = d ? 'M' : pen; continue; }
    if (pen === 'L' && shape === 'hv') d += `H${x.toFixed(1)}`;
    if (pen === 'L' && shape === 'vh') d += `V${y.toFixed(1)}H${x.toFixed(1)}`;
    else d += `${pen}${x.toFixed(1)},${y.toFixed(1)}`;
    pen = 'L';
  }
  return d;
}

/** @param {any} trace @param {[number, number][]} points @param {string} color */
function dots(trace, points, color) {
  const { marker = {} } = trace;
  const sizes = list(marker.size), values = list(marker.color);
  const [least, most] = limits(values.map(Number));
  const low = Number(marker.cmin ?? least), high = Number(marker.cmax ?? most);
  const scale = scaleOf(marker.colorscale) ?? scaleOf(trace.colorscale);
  const shade = (/** @type {number} */ i) => (values.length === 0 ? paint(marker.color, color) : typeof values[i] === 'number' ? blend(scale, Math.round(((values[i] - low) / (high - low || 1)) * 16) / 16) : paint(values[i], color));
  const biggest = Math.max(1, ...sizes.filter(Number.isFinite));
  const radius = (/** @type {number} */ i) => (sizes.length > 0 ? Math.max(1.5, marker.sizemode === 'area' ? Math.sqrt(sizes[i] / (marker.sizeref || (2 * biggest) / 1600)) / 2 : Math.min(40, sizes[i] / (marker.sizeref || 1)) / 2) : Math.min(20, Number(marker.size ?? 6)) / 2);
  const opacity = Number(marker.opacity ?? trace.opacity ?? (sizes.length > 0 ? 0.7 : 1));
  if (points.length <= MOST_CIRCLES) {
    return points.map(([x, y], i) => Number.isFinite(x + y) && html`<circle cx=${x.toFixed(1)} cy=${y.toFixed(1)} r=${radius(i)} style=${{ fill: shade(i) }} opacity=${opacity} />`);
  }
  /** @type {Map<string, string[]>} */ const byColor = new Map();
  points.forEach(([x, y], i) => {
    if (!Number.isFinite(x + y)) return;
    const own = shade(i);
    if (!byColor.has(own)) byColor.set(own, []);
    byColor.get(own)?.push(`M${x.toFixed(1)},${y.toFixed(1)}h0`);
  });
  return [...byColor].map(([own, moves]) => html`<path class="mp-dots" style=${{ stroke: own, strokeWidth: Math.max(2, radius(0) * 2) }} opacity=${opacity} d=${moves.join('')} />`);
}

/** @param {any} trace @param {any} place @param {Box} box */
function bars(trace, place, box) {
  const { pair, px, py } = place;
  const upright = isUpright(trace);
  const [along, high] = upright ? [pair.x, pair.y] : [pair.y, pair.x];
  const held = pair.bars.get(trace) ?? [];
  const gap = along.kind === 'category' ? 1 : trace.bin > 0 ? trace.bin : 2 * halfGap(held.map((/** @type {any} */ bar) => along.number(bar.along)));
  const full = gap * (trace.bin > 0 ? 1 : 0.8);
  const colors = list(trace.marker?.color), texts = list(trace.text);
  /** @type {[number, number][]} */ const tops = [];
  const shown = (/** @type {number} */ value) => (high.kind === 'log' ? Math.log10(Math.max(value, 1e-300)) : value);
  return html`<g key=${trace.nth} opacity=${Number(trace.opacity ?? trace.marker?.opacity ?? 1)}>${held.map((/** @type {any} */ bar, /** @type {number} */ i) => {
    const middle = along.number(bar.along) + bar.shift * full, half = (bar.width * full) / 2;
    const clamp = (/** @type {number} */ value) => Math.min(1, Math.max(0, high.at(shown(value))));
    const edge = (/** @type {number} */ value) => (upright ? box.top + (1 - clamp(value)) * box.height : box.left + clamp(value) * box.width);
    const [a, b] = [edge(bar.from), edge(bar.to)], [c, d] = upright ? [px(middle - half), px(middle + half)] : [py(middle - half), py(middle + half)];
    if (![a, b, c, d].every(Number.isFinite)) return null;
    const [x, y, w, h] = upright ? [Math.min(c, d), Math.min(a, b), Math.abs(d - c), Math.abs(b - a)] : [Math.min(a, b), Math.min(c, d), Math.abs(b - a), Math.abs(d - c)];
    const span = trace.bin > 0 ? `${formatValue(middle - half)} – ${formatValue(middle + half)}` : plain(bar.along);
    tops[i] = upright ? [x + w / 2, b] : [b, y + h / 2];
    point(place, x + w / 2, upright ? b : y + h / 2, `${trace.name}: ${span}, ${formatValue(bar.to - bar.from)}`);
    return html`<rect x=${x} y=${y} width=${Math.max(0.5, w - (trace.bin > 0 ? 0.5 : 0))} height=${h} style=${{ fill: paint(colors[i], paint(trace.marker?.color, trace.color)) }} />
      ${texts[i] !== undefined && held.length <= MOST_TEXTS && html`<text class="mp-in" x=${x + w / 2} y=${upright ? Math.min(a, b) - 3 : y + h / 2 + 4}>${plain(texts[i])}</text>`}`;
  })}${whiskers(trace, upright ? 'y' : 'x', high, held.map((/** @type {any} */ _, /** @type {number} */ i) => tops[i] ?? [NaN, NaN]), held.map((/** @type {any} */ bar) => bar.to), place, 'var(--fg-2)')}</g>`;
}

/** @param {any} trace @param {any} place */
function heatmap(trace, place) {
  const { pair, px, py } = place;
  const { z, across, down } = cellsOf(trace);
  const [least, most] = limits(z.flat().map((value) => (value === null ? NaN : Number(value))));
  const low = Number(trace.zmin ?? least), high = Number(trace.zmax ?? most);
  let scale = scaleOf(trace.colorscale);
  if (trace.reversescale && scale) scale = scale.map(([at, color]) => /** @type {[number, number[]]} */ ([1 - at, color])).reverse();
  const halfX = pair.x.kind === 'category' ? 0.5 : halfGap(across.map(pair.x.number)), halfY = pair.y.kind === 'category' ? 0.5 : halfGap(down.map(pair.y.number));
  /** @type {string[][]} */ const shades = Array.from({ length: SHADES + 1 }, () => []);
  /** @type {any[]} */ const texts = [];
  const written = Array.isArray(trace.text) || /%\{(z|text)/.test(String(trace.texttemplate ?? ''));
  z.forEach((row, j) => row.forEach((value, i) => {
    if (value === null || !Number.isFinite(Number(value))) return;
    const [x0, x1] = [px(pair.x.number(across[i]) - halfX), px(pair.x.number(across[i]) + halfX)], [y0, y1] = [py(pair.y.number(down[j]) - halfY), py(pair.y.number(down[j]) + halfY)];
    const share = Math.min(1, Math.max(0, (Number(value) - low) / (high - low || 1)));
    shades[Math.round(share * SHADES)].push(`M${x0.toFixed(1)},${y0.toFixed(1)}H${x1.toFixed(1)}V${y1.toFixed(1)}H${x0.toFixed(1)}Z`);
    point(place, (x0 + x1) / 2, (y0 + y1) / 2, `${said(pair.x, across[i])}, ${said(pair.y, down[j])}: ${formatValue(Number(value))}`);
    if (written && z.length * row.length <= MOST_TEXTS) texts.push(html`<text class="mp-in mp-cell" x=${(x0 + x1) / 2} y=${(y0 + y1) / 2 + 4}>${plain(list(list(trace.text)[j])[i] ?? formatValue(Number(value)))}</text>`);
  }));
  return html`<g key=${trace.nth} shape-rendering="crispEdges">${shades.map((cells, i) => cells.length > 0 && html`<path style=${{ fill: blend(scale, i / SHADES) }} d=${cells.join('')} />`)}</g><g>${texts}</g>`;
}

/** @param {any} trace @param {any} place @param {Box} box */
function boxes(trace, place, box) {
  const { pair, px, py } = place;
  const upright = isUpright(trace);
  const along = upright ? pair.x : pair.y;
  const half = ((upright ? box.width : box.height) * Math.abs(along.at(1) - along.at(0))) * 0.3;
  const color = paint(trace.line?.color, paint(trace.marker?.color, trace.color));
  return html`<g key=${trace.nth}>${boxesOf(trace).map(({ name, values }) => {
    const { q1, median, q3, low, high, beyond, n } = quartiles(values);
    if (n === 0) return null;
    const middle = (upright ? px : py)(along.number(name));
    const at = (/** @type {number} */ value) => (upright ? py(value) : px(value));
    const line = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ from, /** @type {number} */ to) => (upright ? `M${a},${from}L${b},${to}` : `M${from},${a}L${to},${b}`);
    point(place, upright ? middle : at(median), upright ? at(median) : middle, `${name}: ${[low, q1, median, q3, high].map(formatValue).join(' · ')}`);
    const rect = upright ? { x: middle - half, y: Math.min(at(q1), at(q3)), width: 2 * half, height: Math.abs(at(q3) - at(q1)) } : { x: Math.min(at(q1), at(q3)), y: middle - half, width: Math.abs(at(q3) - at(q1)), height: 2 * half };
    return html`<rect class="mp-box" ...${rect} style=${{ stroke: color, fill: color }} />
      <path class="mp-line" style=${{ stroke: color, strokeWidth: 2 }} d=${line(middle - half, middle + half, at(median), at(median))} />
      <path class="mp-line" style=${{ stroke: color, strokeWidth: 1 }} d=${`${line(middle, middle, at(q3), at(high))}${line(middle, middle, at(q1), at(low))}${line(middle - half / 2, middle + half / 2, at(high), at(high))}${line(middle - half / 2, middle + half / 2, at(low), at(low))}`} />
      ${beyond.slice(0, MOST_CIRCLES).map((value) => html`<circle cx=${upright ? middle : at(value)} cy=${upright ? at(value) : middle} r="2.5" style=${{ fill: color }} />`)}`;
  })}</g>`;
}
