/** One point for each run on two columns. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { formatExact, formatValue } from '../format.js';
import { highlighted } from '../panel.js';
import { placeOn } from '../../state/columns.js';
import { ticksOf } from './ticks.js';

/** @typedef {import('../../state/columns.js').Column} Column */

const [HEIGHT, TOP, BOTTOM, LEFT, RIGHT] = [330, 12, 40, 64, 18];

/** @param {{x: Column, y: Column, runs: {path: string, name: string, color: string, href: string}[], passing: Set<string>, width: number}} props */
export function Scatter({ x, y, runs, passing, width }) {
  const px = (/** @type {number} */ place) => LEFT + 8 + place * (width - LEFT - RIGHT - 16);
  const py = (/** @type {number} */ place) => HEIGHT - BOTTOM - 8 - place * (HEIGHT - TOP - BOTTOM - 16);
  const lit = highlighted.value;
  const points = runs.flatMap((run) => {
    const [a, b] = [placeOn(x, run.path), placeOn(y, run.path)];
    return a === null || b === null ? [] : [{ run, cx: px(a), cy: py(b) }];
  }).sort((a, b) => Number(passing.has(a.run.path)) - Number(passing.has(b.run.path)) || Number(a.run.path === lit) - Number(b.run.path === lit));
  const near = points.find(({ run }) => run.path === lit);
  const tell = (/** @type {Column} */ column, /** @type {string} */ path) => { const value = column.values.get(path); return typeof value === 'number' ? formatValue(value) : formatExact(value); };
  return html`<svg class="scatter" width=${width} height=${HEIGHT} role="group" aria-label=${t('scatter.label', { x: x.id, y: y.id, n: points.length })} data-points=${points.length}>
    ${ticksOf(y).map(({ place, label }) => html`<g><line x1=${LEFT} x2=${width - RIGHT} y1=${py(place)} y2=${py(place)} stroke="var(--line)" /><text x=${LEFT - 6} y=${py(place) + 3.500} text-anchor="end">${label}</text></g>`)}
    ${ticksOf(x, 7).map(({ place, label }) => html`<text x=${px(place)} y=${HEIGHT - BOTTOM + 14} text-anchor="middle">${label}</text>`)}
    <text class="axis-title" x=${width - RIGHT} y=${HEIGHT - 8} text-anchor="end">${x.id}${x.log ? ' (log)' : ''}</text>
    ${points.map(({ run, cx, cy }) => {
      const pass = passing.has(run.path);
      const text = `${run.name}: ${x.label} ${tell(x, run.path)}, ${y.label} ${tell(y, run.path)}`;
      return html`<a key=${run.path} href=${run.href} aria-label=${text} onPointerEnter=${() => { highlighted.value = run.path; }} onPointerLeave=${() => { highlighted.value = null; }} onFocus=${() => { highlighted.value = run.path; }} onBlur=${() => { highlighted.value = null; }}>
        <circle cx=${cx} cy=${cy} r=${run.path === lit ? 7 : 4.500} fill=${pass ? run.color : 'var(--fg-3)'} fill-opacity=${pass ? 0.9 : 0.18} stroke="var(--surface)" /><title>${text}</title></a>`;
    })}
    ${near && html`<text class="scatter-name" x=${near.cx + (near.cx > width - 160 ? -10 : 10)} y=${near.cy - 8} text-anchor=${near.cx > width - 160 ? 'end' : 'start'}>${near.run.name}</text>`}
  </svg>`;
}
