/** Parallel coordinates: one axis for each column, one line for each run; a drag along an axis filters. */
import { useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { formatValue } from '../format.js';
import { highlighted } from '../panel.js';
import { placeOn, valueAt } from '../../state/columns.js';
import { ticksOf } from './ticks.js';

/** @typedef {import('../../state/columns.js').Column} Column */
/** @typedef {{path: string, name: string, color: string}} Line */

const [HEIGHT, TOP, BOTTOM, LEFT, RIGHT] = [330, 40, 14, 70, 60];
const CLICK = 0.015;

/**
 * @param {{columns: Column[], runs: Line[], passing: Set<string>, brushes: ReadonlyMap<string, [number, number]>, onBrush: (column: string, range: [number, number] | null) => void, width: number}} props
 */
export function Parallel({ columns, runs, passing, brushes, onBrush, width }) {
  const [drag, setDrag] = useState(/** @type {{id: string, from: number, to: number} | null} */ (null));
  const svg = useRef(/** @type {SVGElement | null} */ (null));
  const gap = columns.length > 1 ? (width - LEFT - RIGHT) / (columns.length - 1) : 0;
  const x = (/** @type {number} */ i) => LEFT + i * gap;
  const y = (/** @type {number} */ place) => HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
  const placeAt = (/** @type {PointerEvent} */ event) => {
    const box = svg.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (HEIGHT - BOTTOM - (event.clientY - box.top)) / (HEIGHT - TOP - BOTTOM))) : 0;
  };
  const start = (/** @type {PointerEvent} */ event, /** @type {string} */ id) => {
    const from = placeAt(event);
    /** @type {SVGElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    setDrag({ id, from, to: from });
  };
  const end = () => {
    if (!drag) return;
    const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    onBrush(drag.id, high - low < CLICK ? null : [low, high]);
    setDrag(null);
  };
  /** Arrow keys move the upper end of a brush, with Shift the lower one. @param {KeyboardEvent} event @param {string} id */
  const keys = (event, id) => {
    const by = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    if (event.key === 'Escape') onBrush(id, null);
    if (!by) return;
    event.preventDefault();
    const [low, high] = brushes.get(id) ?? [0, 1];
    const next = /** @type {[number, number]} */ (event.shiftKey ? [Math.max(0, Math.min(high - 0.01, low + by)), high] : [low, Math.min(1, Math.max(low + 0.01, high + by))]);
    onBrush(id, next[0] <= 0 && next[1] >= 1 ? null : next);
  };
  const lit = highlighted.value;
  const path = (/** @type {Line} */ run) => {
    let pen = 'M';
    let text = '';
    columns.forEach((column, i) => {
      const place = placeOn(column, run.path);
      if (place === null) { pen = 'M'; return; }
      text += `${pen}${x(i).toFixed(1)} ${y(place).toFixed(1)}`;
      pen = 'L';
    });
    return text;
  };
  const order = [...runs].sort((a, b) => Number(passing.has(a.path)) - Number(passing.has(b.path)) || Number(a.path === lit) - Number(b.path === lit));
  return html`<svg ref=${svg} class="parallel" width=${width} height=${HEIGHT} role="group" aria-label=${t('parallel.label', { n: passing.size, total: runs.length })} data-passing=${passing.size}>
    <g fill="none">${order.map((run) => {
      const [pass, on] = [passing.has(run.path), run.path === lit];
      return html`<path key=${run.path} data-run=${run.path} d=${path(run)} stroke=${pass ? run.color : 'var(--fg-3)'} stroke-opacity=${pass ? (lit && !on ? 0.35 : 0.85) : 0.12} stroke-width=${on ? 2.6 : 1.3}
        onPointerEnter=${() => { if (pass) highlighted.value = run.path; }} onPointerLeave=${() => { highlighted.value = null; }}><title>${run.name}</title></path>`;
    })}</g>
    ${columns.map((column, i) => {
      const brush = drag?.id === column.id ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] : brushes.get(column.id);
      const text = brush && column.kind === 'number' ? `${formatValue(valueAt(column, brush[0]))} … ${formatValue(valueAt(column, brush[1]))}` : '';
      return html`<g key=${column.id} class="axis" tabindex="0" role="slider" aria-label=${column.id} aria-orientation="vertical" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round((brush?.[1] ?? 1) * 100)} aria-valuetext=${text || t('parallel.all')} data-axis=${column.id}
          onKeyDown=${(/** @type {KeyboardEvent} */ e) => keys(e, column.id)}>
        <line x1=${x(i)} x2=${x(i)} y1=${y(0)} y2=${y(1)} stroke="var(--line-strong)" />
        ${ticksOf(column).map(({ place, label }) => html`<g><line x1=${x(i) - 3} x2=${x(i)} y1=${y(place)} y2=${y(place)} stroke="var(--line-strong)" /><text x=${x(i) - 6} y=${y(place) + 3.500} text-anchor="end">${label}</text></g>`)}
        <text class="axis-title" x=${x(i)} y="14" text-anchor="middle">${column.label.length > 24 ? `…${column.label.slice(-23)}` : column.label}<title>${column.id}</title></text>
        <text class="axis-brush" x=${x(i)} y="28" text-anchor="middle">${text}</text>
        ${brush && html`<rect class="brush" x=${x(i) - 7} width="14" y=${y(brush[1])} height=${Math.max(1, y(brush[0]) - y(brush[1]))} rx="2" />`}
        <rect class="axis-hit" x=${x(i) - 12} width="24" y=${y(1) - 4} height=${y(0) - y(1) + 8} fill="transparent" onPointerDown=${(/** @type {PointerEvent} */ e) => start(e, column.id)}
          onPointerMove=${(/** @type {PointerEvent} */ e) => { if (drag?.id === column.id) setDrag({ ...drag, to: placeAt(e) }); }} onPointerUp=${end} />
      </g>`;
    })}
  </svg>`;
}
