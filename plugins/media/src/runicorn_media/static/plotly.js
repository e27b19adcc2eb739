// @ts-check
/** Figures of plotly, drawn as SVG: lines, points, bars, histograms, heatmaps, boxes and pies, on any number of axes. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatValue, html } from 'runicorn';
import { dateOf, list, paint, plain, scaleOf, blend, limits } from './plotly-data.js';
import { marksOf } from './plotly-marks.js';
import { cellsOf, pairsOf, tracesOf } from './plotly-plan.js';

const REACH = 30; // pixels within which something is pointed at

/** @param {{figure: any, name: string, ctx: import('runicorn').Context}} props */
export function Drawing({ figure, name, ctx }) {
  const layout = figure.layout ?? {};
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(480);
  const [off, setOff] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [near, setNear] = useState(/** @type {import('./plotly-marks.js').Spot | null} */ (null));
  useEffect(() => {
    if (!place.current) return undefined;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(200, Math.round(entry.contentRect.width))));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  const all = useMemo(() => tracesOf(figure), [figure]);
  const named = [...new Map(all.filter((trace) => trace.showlegend !== false && trace.type !== 'pie' && trace.type !== 'heatmap').map((trace) => [trace.legendgroup || trace.name, trace])).entries()];
  const legend = named.length > 1 || all.some((trace) => trace.showlegend === true);
  const title = plain(layout.title?.text ?? layout.title);
  const drawn = useMemo(() => attempt(() => {
    const shown = all.filter((trace) => !off.has(trace.legendgroup || trace.name));
    const pairs = pairsOf(layout, shown);
    const tall = pairs.some((pair) => pair.x.domain[1] - pair.x.domain[0] < 1 || pair.y.domain[1] - pair.y.domain[0] < 1);
    const height = Math.round(Math.min(620, Math.max(220, width * (tall ? 0.75 : 0.6))));
    /** @type {import('./plotly-marks.js').Spot[]} */ const spots = [];
    return { error: '', spots, height, parts: [...panes(layout, pairs, width, height, spots), ...pies(shown.filter((trace) => trace.type === 'pie'), width, height, spots)], bars: shown.flatMap(scaleBar) };
  }), [all, off, width]);
  const follow = (/** @type {PointerEvent} */ event) => {
    const frame = /** @type {SVGElement} */ (event.currentTarget).getBoundingClientRect();
    const x = event.clientX - frame.left, y = event.clientY - frame.top;
    let best = null, least = REACH ** 2;
    for (const spot of drawn.spots) {
      const far = (spot.x - x) ** 2 + (spot.y - y) ** 2;
      if (far <= least) { least = far; best = spot; }
    }
    setNear(best);
  };
  const turn = (/** @type {string} */ id) => { const next = new Set(off); if (!next.delete(id)) next.add(id); setOff(next); };
  return html`<div>
    ${title && html`<p class="mp-title">${title}</p>`}
    <div class="mp-plot" ref=${place}>
      <svg width=${width} height=${drawn.height} role="img" aria-label=${title || name} onPointerMove=${follow} onPointerLeave=${() => setNear(null)}>${drawn.parts}
        ${near && html`<circle class="mp-near" cx=${near.x} cy=${near.y} r="4" />`}</svg>
      ${near && html`<span class="mp-tip" style=${{ top: `${near.y}px`, ...(near.x < width / 2 ? { left: `${near.x + 10}px` } : { right: `${width - near.x + 10}px` }) }}>${near.text}</span>`}
    </div>
    ${drawn.error && html`<p class="err" role="alert">${drawn.error}</p>`}
    ${drawn.bars.map(({ low, high, shades }) => html`<div class="mp-axis muted"><span>${formatValue(low)}</span><svg class="mp-shades" viewBox="0 0 32 1" preserveAspectRatio="none" aria-hidden="true">${shades.map((/** @type {string} */ fill, /** @type {number} */ i) => html`<rect x=${i} width="1.05" height="1" style=${{ fill }} />`)}</svg><span>${formatValue(high)}</span></div>`)}
    ${legend && html`<div class="mp-switches" role="group" aria-label=${ctx.t('mp.traces')}>${named.map(([id, trace]) => html`<button key=${id} class=${off.has(id) ? 'chip mp-chip' : 'chip mp-chip on'} aria-pressed=${!off.has(id)} onClick=${() => turn(id)}>
      <span class="mp-key" style=${{ background: paint(trace.line?.color, paint(trace.marker?.color, trace.color)) }}></span>${trace.name}</button>`)}</div>`}
  </div>`;
}

/** A figure is anybody's JSON: what it says that makes no sense must not take the page along.
 * @template T @param {() => T} draw */
function attempt(draw) {
  try {
    return draw();
  } catch (failed) {
    return { error: String(failed), spots: [], height: 40, parts: [], bars: [] };
  }
}

/** Axes with what stands on them. @param {any} layout @param {import('./plotly-plan.js').Pair[]} pairs @param {number} width @param {number} height @param {import('./plotly-marks.js').Spot[]} spots */
function panes(layout, pairs, width, height, spots) {
  const right = pairs.some((pair) => pair.y.side === 'right');
  const longest = Math.max(2, ...pairs.flatMap((pair) => pair.y.ticks.map((tick) => tick.label.length)));
  const whole = { left: Math.min(width * 0.3, 14 + 6.2 * Math.min(18, longest)) + (pairs.some((pair) => pair.y.title) ? 16 : 0), top: 14, right: right ? 60 : 12, bottom: pairs.some((pair) => pair.x.title) ? 46 : 30 };
  const inner = { width: Math.max(40, width - whole.left - whole.right), height: Math.max(40, height - whole.top - whole.bottom) };
  const boxOf = (/** @type {import('./plotly-plan.js').Pair} */ { x, y }) => {
    const [down, up] = pairs.find((pair) => pair.y.id === y.overlaying)?.y.domain ?? y.domain;
    return { left: whole.left + x.domain[0] * inner.width, top: whole.top + (1 - up) * inner.height, width: (x.domain[1] - x.domain[0]) * inner.width, height: (up - down) * inner.height };
  };
  const seen = new Set();
  return pairs.map((pair, i) => {
    const box = boxOf(pair);
    const first = (/** @type {string} */ id) => { const fresh = !seen.has(id + box.left + box.top); seen.add(id + box.left + box.top); return fresh; };
    const clip = `mp-clip-${i}-${Math.round(box.left)}-${Math.round(box.top)}-${width}-${height}`;
    return html`<g key=${`${pair.x.id}${pair.y.id}`}>
      <clipPath id=${clip}><rect x=${box.left - 1} y=${box.top - 1} width=${box.width + 2} height=${box.height + 2} /></clipPath>
      ${first(pair.y.id) && sideOf(pair.y, box, pair.y.side === 'right')}
      ${first(pair.x.id) && footOf(pair.x, box)}
      <g clip-path=${`url(#${clip})`}>${marksOf(pair, box, spots)}${shapesOf(layout, pair, box)}</g>
      ${textsOf(layout, pair, box)}</g>`;
  }).concat(paperTexts(layout, whole, inner));
}

/** @param {import('./plotly-axes.js').Axis} axis @param {import('./plotly-marks.js').Box} box @param {boolean} right */
function sideOf(axis, box, right) {
  const room = Math.max(1, Math.ceil((axis.ticks.length * 14) / Math.max(1, box.height)));
  return html`<g class="mp-scale">${axis.ticks.map((tick, i) => {
    const y = box.top + (1 - tick.at) * box.height;
    return html`${!right && axis.kind !== 'category' && html`<path d=${`M${box.left},${y}h${box.width}`} />`}
      ${!axis.hidden && i % room === 0 && html`<text x=${right ? box.left + box.width + 5 : box.left - 5} y=${y + 4} text-anchor=${right ? 'start' : 'end'}>${short(tick.label)}</text>`}`;
  })}
  ${axis.title && html`<text class="mp-name" text-anchor="middle" transform=${`translate(${right ? box.left + box.width + 52 : 11} ${box.top + box.height / 2}) rotate(-90)`}>${axis.title}</text>`}</g>`;
}

/** @param {import('./plotly-axes.js').Axis} axis @param {import('./plotly-marks.js').Box} box */
function footOf(axis, box) {
  const widest = Math.max(1, ...axis.ticks.map((tick) => Math.min(14, tick.label.length)));
  const room = Math.max(1, Math.ceil((axis.ticks.length * (widest * 6.2 + 8)) / Math.max(1, box.width)));
  const y = box.top + box.height;
  return html`<g class="mp-scale"><path class="mp-base" d=${`M${box.left},${y}h${box.width}`} />${axis.ticks.map((tick, i) => {
    const x = box.left + tick.at * box.width;
    return html`${axis.kind !== 'category' && html`<path d=${`M${x},${box.top}v${box.height}`} />`}
      ${!axis.hidden && i % room === 0 && html`<text x=${x} y=${y + 15} text-anchor="middle">${short(tick.label)}</text>`}`;
  })}
  ${axis.title && html`<text class="mp-name" text-anchor="middle" x=${box.left + box.width / 2} y=${y + 32}>${axis.title}</text>`}</g>`;
}

/** @param {string} label */
const short = (label) => (label.length > 18 ? `${label.slice(0, 17)}…` : label);

/** Lines and areas of the layout. @param {any} layout @param {import('./plotly-plan.js').Pair} pair @param {import('./plotly-marks.js').Box} box */
function shapesOf(layout, pair, box) {
  return list(layout.shapes).slice(0, 100).map((shape) => {
    const across = (/** @type {any} */ value) => where(shape.xref ?? 'x', pair.x, value, box.left, box.width, false);
    const up = (/** @type {any} */ value) => where(shape.yref ?? 'y', pair.y, value, box.top, box.height, true);
    const [x0, x1, y0, y1] = [across(shape.x0), across(shape.x1), up(shape.y0), up(shape.y1)];
    if (![x0, x1, y0, y1].every(Number.isFinite) || shape.visible === false) return null;
    const style = { stroke: paint(shape.line?.color, 'var(--fg-2)'), strokeWidth: Number(shape.line?.width ?? 2), fill: shape.type === 'rect' ? paint(shape.fillcolor, 'none') : 'none' };
    return shape.type === 'rect' ? html`<rect x=${Math.min(x0, x1)} y=${Math.min(y0, y1)} width=${Math.abs(x1 - x0)} height=${Math.abs(y1 - y0)} opacity=${Number(shape.opacity ?? 1)} style=${style} />`
      : shape.type === 'line' ? html`<path stroke-dasharray=${shape.line?.dash && shape.line.dash !== 'solid' ? '5 4' : 'none'} style=${style} d=${`M${x0},${y0}L${x1},${y1}`} />` : null;
  });
}

/** Where a place of the layout is, in pixels; NaN where it belongs to other axes. @param {string} ref @param {import('./plotly-axes.js').Axis} axis @param {any} value @param {number} from @param {number} size @param {boolean} down */
function where(ref, axis, value, from, size, down) {
  const own = ref === axis.id ? axis.at(axis.kind === 'date' ? dateOf(value) : axis.kind === 'log' ? Number(value) : axis.number(value)) : ref === `${axis.id} domain` || ref === 'paper' ? Number(value) : NaN;
  return from + (down ? 1 - own : own) * size;
}

/** Annotations that stand at values. @param {any} layout @param {import('./plotly-plan.js').Pair} pair @param {import('./plotly-marks.js').Box} box */
function textsOf(layout, pair, box) {
  return list(layout.annotations).slice(0, 400).map((note) => {
    if (note.xref === 'paper' || note.yref === 'paper') return null;
    const x = where(note.xref ?? 'x', pair.x, note.x, box.left, box.width, false), y = where(note.yref ?? 'y', pair.y, note.y, box.top, box.height, true);
    return Number.isFinite(x + y) && html`<text class="mp-in" x=${x} y=${y + 4 - (note.showarrow === false ? 0 : 12)} style=${{ fill: paint(note.font?.color, 'var(--fg)') }}>${plain(note.text)}</text>`;
  });
}

/** Annotations that stand in the figure, such as titles of its parts. @param {any} layout @param {any} whole @param {any} inner */
function paperTexts(layout, whole, inner) {
  return list(layout.annotations).slice(0, 100).filter((note) => note.xref === 'paper' && note.yref === 'paper').map((note) => {
    const x = whole.left + Number(note.x) * inner.width, y = whole.top + (1 - Number(note.y)) * inner.height;
    return Number.isFinite(x + y) && html`<text class="mp-in" transform=${`translate(${x} ${y - 3})${Number(note.textangle) ? ` rotate(${Number(note.textangle)})` : ''}`}>${plain(note.text)}</text>`;
  });
}

/** @param {any[]} traces @param {number} width @param {number} height @param {import('./plotly-marks.js').Spot[]} spots */
function pies(traces, width, height, spots) {
  return traces.map((trace, i) => {
    const values = list(trace.values).map((value) => Math.max(0, Number(value) || 0)), labels = list(trace.labels);
    const shares = values.length > 0 ? values : labels.map(() => 1);
    const total = shares.reduce((a, b) => a + b, 0) || 1;
    const [x, y, r] = [(width * (i + 0.5)) / traces.length, height / 2, Math.min(width / traces.length, height) / 2 - 24];
    const inner = r * Math.min(0.95, Math.max(0, Number(trace.hole) || 0));
    const colors = list(trace.marker?.colors);
    let turn = -Math.PI / 2;
    return html`<g key=${`pie${i}`}>${shares.map((value, at) => {
      const angle = Math.min((2 * Math.PI * value) / total, 2 * Math.PI - 1e-4), from = turn, to = turn + angle, middle = from + angle / 2;
      turn = to;
      const at2 = (/** @type {number} */ radius, /** @type {number} */ a) => `${(x + radius * Math.cos(a)).toFixed(2)},${(y + radius * Math.sin(a)).toFixed(2)}`;
      const wide = angle > Math.PI ? 1 : 0, name = plain(labels[at] ?? at);
      spots.push({ x: x + r * 0.7 * Math.cos(middle), y: y + r * 0.7 * Math.sin(middle), text: `${name}: ${formatValue(value)} (${((100 * value) / total).toFixed(1)} %)` });
      return html`<path class="mp-slice" style=${{ fill: paint(colors[at], `var(--c${(at % 8) + 1})`) }} d=${`M${at2(r, from)}A${r},${r} 0 ${wide} 1 ${at2(r, to)}L${at2(inner, to)}${inner > 0 ? `A${inner},${inner} 0 ${wide} 0 ${at2(inner, from)}` : ''}Z`} />
        ${angle > 0.25 && html`<text class="mp-in" x=${x + (r + 12) * Math.cos(middle)} y=${y + (r + 12) * Math.sin(middle) + 4} text-anchor=${Math.cos(middle) < -0.2 ? 'end' : Math.cos(middle) > 0.2 ? 'start' : 'middle'}>${short(name)}</text>`}`;
    })}</g>`;
  });
}

/** What the colours of a heatmap, or of points, mean. @param {any} trace */
function scaleBar(trace) {
  const values = trace.type === 'heatmap' ? cellsOf(trace).z.flat() : trace.type === 'scatter' ? list(trace.marker?.color) : [];
  const own = trace.type === 'heatmap' ? trace : trace.marker ?? {};
  const [least, most] = limits(values.map((value) => (typeof value === 'number' ? value : NaN)));
  if (!(most >= least) || own.showscale === false || (trace.type === 'scatter' && !own.showscale && !own.coloraxis)) return [];
  const scale = scaleOf(own.colorscale) ?? scaleOf(trace.colorscale);
  const shades = Array.from({ length: 32 }, (_, i) => blend(scale, own.reversescale ? 1 - i / 31 : i / 31));
  return [{ low: Number(own.zmin ?? own.cmin ?? least), high: Number(own.zmax ?? own.cmax ?? most), shades }];
}
