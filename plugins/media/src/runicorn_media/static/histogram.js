// @ts-check
/** Distributions: the bars of the step that is looked at, and all steps beside each other. */
import { useEffect, useRef } from 'preact/hooks';
import { formatValue, html } from 'runicorn';

const HEIGHT = 120;

/** @param {import('./gallery.js').Props} props */
export function Distribution({ item, items, ctx }) {
  const { counts = [], edges = [], n, mean, std, non_finite: odd } = item.fields;
  if (counts.length === 0) return html`<p class="mp-none muted">${ctx.t('mp.noFinite')}</p>`;
  const low = edges[0], high = edges[edges.length - 1];
  const place = (/** @type {number} */ value) => ((value / 4 - low / 4) / (high / 4 - low / 4)) * 1000; // the ends may lie farther apart than a number can say
  // bars show density, so that bins of different widths can be compared
  const heights = counts.map((/** @type {number} */ count, /** @type {number} */ i) => count / (edges[i + 1] - edges[i]));
  const most = Math.max(...heights) || 1;
  const facts = [ctx.t('mp.values', { n: n.toLocaleString(ctx.locale.value) }), mean !== undefined && `μ ${formatValue(mean)}`, std !== undefined && `σ ${formatValue(std)}`, odd > 0 && ctx.t('mp.nonFinite', { n: odd })];
  const text = facts.filter(Boolean).join(' · ');
  return html`<div>
    <svg class="mp-bars" viewBox=${`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${`${item.key}: ${text}, ${formatValue(low)} – ${formatValue(high)}`}>${heights.map((/** @type {number} */ height, /** @type {number} */ i) => {
      const x = place(edges[i]), wide = place(edges[i + 1]) - x;
      return html`<rect x=${x} width=${wide > 1.5 ? wide - 0.6 : wide} y=${HEIGHT * (1 - height / most)} height=${(HEIGHT * height) / most}><title>${`${formatValue(edges[i])} – ${formatValue(edges[i + 1])}: ${counts[i]}`}</title></rect>`;
    })}</svg>
    <div class="mp-axis muted"><span>${formatValue(low)}</span><span>${formatValue(high)}</span></div>
    <p class="soft mp-facts">${text}</p>
    ${items.length > 1 && html`<${OverSteps} items=${items} at=${item.step ?? 0} ctx=${ctx} />`}
  </div>`;
}

/** One column for each step, dark where many values are. @param {{items: import('runicorn').MediaItem[], at: number, ctx: import('runicorn').Context}} props */
function OverSteps({ items, at, ctx }) {
  const place = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const used = items.filter((item) => item.fields.counts?.length > 0);
  const low = Math.min(...used.map((item) => item.fields.edges[0]));
  const high = Math.max(...used.map((item) => item.fields.edges.at(-1)));
  const steps = used.map((item) => item.step ?? 0);
  const theme = ctx.theme.value;
  useEffect(() => {
    if (place.current) draw(place.current, used, low, high, at);
  }, [items, at, theme]);
  return html`<div><canvas class="mp-steps" ref=${place} role="img" aria-label=${ctx.t('mp.overSteps', { from: Math.min(...steps), to: Math.max(...steps) })}></canvas>
    <div class="mp-axis muted"><span>${ctx.t('mp.at', { n: Math.min(...steps) })}</span><span>${formatValue(low)} – ${formatValue(high)}</span><span>${ctx.t('mp.at', { n: Math.max(...steps) })}</span></div></div>`;
}

/** @param {HTMLCanvasElement} canvas @param {import('runicorn').MediaItem[]} items @param {number} low @param {number} high @param {number} at */
function draw(canvas, items, low, high, at) {
  const width = (canvas.width = canvas.clientWidth * devicePixelRatio), height = (canvas.height = canvas.clientHeight * devicePixelRatio);
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const styles = getComputedStyle(canvas);
  const wide = width / items.length;
  items.forEach((item, column) => {
    const { counts, edges } = item.fields;
    const heights = counts.map((/** @type {number} */ count, /** @type {number} */ i) => count / (edges[i + 1] - edges[i]));
    const most = Math.max(...heights) || 1;
    brush.fillStyle = styles.color;
    heights.forEach((/** @type {number} */ value, /** @type {number} */ i) => {
      brush.globalAlpha = value / most;
      const top = height * (1 - (edges[i + 1] - low) / (high - low || 1)), bottom = height * (1 - (edges[i] - low) / (high - low || 1));
      brush.fillRect(Math.floor(column * wide), Math.floor(top), Math.ceil(wide), Math.max(1, Math.ceil(bottom - top)));
    });
    if ((item.step ?? 0) === at) {
      brush.globalAlpha = 1;
      brush.strokeStyle = styles.borderTopColor;
      brush.strokeRect(Math.floor(column * wide) + 0.5, 0.5, Math.max(1, Math.ceil(wide) - 1), height - 1);
    }
  });
}
