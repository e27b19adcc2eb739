// @ts-check
/** Pictures with boxes and masks that can be switched on and off. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { beside, color } from './gallery.js';

/** @typedef {{box: number[], label?: string, group?: string, score?: number}} Box */
/** @typedef {{name: string, path: string, labels: Record<string, string>}} Mask */

/** @param {import('runicorn').MediaItem} item */
export const isAnnotated = (item) => (item.fields?.boxes?.length ?? 0) + (item.fields?.masks?.length ?? 0) > 0;

/** @param {import('./gallery.js').Props} props */
export function Annotated({ item, items, ctx }) {
  const [off, setOff] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [least, setLeast] = useState(0);
  /** @type {Box[]} */ const boxes = item.fields.boxes ?? [];
  /** @type {Mask[]} */ const masks = item.fields.masks ?? [];
  // a label keeps its colour over all steps
  const labels = labelsOf(items);
  const paint = (/** @type {string} */ label) => color(Math.max(0, labels.indexOf(label)));
  const layers = [...new Set(boxes.map((box) => `box:${box.group ?? ''}`)), ...masks.map((mask) => `mask:${mask.name}`)];
  const turn = (/** @type {string} */ name) => { const next = new Set(off); if (!next.delete(name)) next.add(name); setOff(next); };
  const scored = boxes.some((box) => box.score !== undefined);
  const shown = boxes.filter((box) => !off.has(`box:${box.group ?? ''}`) && !off.has(`label:${box.label ?? ''}`) && (box.score ?? 1) >= least);
  const here = labels.filter((label) => boxes.some((box) => (box.label ?? '') === label) || masks.some((mask) => Object.values(mask.labels).includes(label)));
  const switchOf = (/** @type {string} */ id, /** @type {any} */ text) => html`<button key=${id} class=${off.has(id) ? 'chip mp-chip' : 'chip mp-chip on'} aria-pressed=${!off.has(id)} onClick=${() => turn(id)}>${text}</button>`;
  return html`<div>
    <div class="mp-picture"><img src=${item.url} alt=${item.caption || item.key} width=${item.width} height=${item.height} />
      ${masks.map((mask) => !off.has(`mask:${mask.name}`) && html`<${Overlay} key=${mask.path} url=${beside(item, mask.path)} labels=${mask.labels} off=${off} paint=${paint} theme=${ctx.theme.value} />`)}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">${shown.map((box) => html`<rect x=${box.box[0]} y=${box.box[1]} width=${Math.max(0, box.box[2] - box.box[0])} height=${Math.max(0, box.box[3] - box.box[1])}
        style=${{ stroke: paint(box.label ?? '') }} class=${box.group && layers.indexOf(`box:${box.group}`) > 0 ? 'dashed' : ''} />`)}</svg>
      ${shown.map((box) => (box.label || box.score !== undefined) && html`<span class="mp-label" style=${{ left: `${box.box[0] * 100}%`, top: `${box.box[1] * 100}%`, background: paint(box.label ?? '') }}>${box.label ?? ''}${box.score === undefined ? '' : ` ${box.score.toFixed(2)}`}</span>`)}
    </div>
    <div class="mp-switches" role="group" aria-label=${ctx.t('mp.layers')}>
      ${layers.map((layer) => switchOf(layer, layer.startsWith('mask:') ? layer.slice(5) : layer.slice(4) || ctx.t('mp.boxes')))}
      ${here.filter(Boolean).map((label) => switchOf(`label:${label}`, html`<span class="dot" style=${{ background: paint(label) }}></span>${label}`))}
      ${scored && html`<label class="mp-score soft">${ctx.t('mp.score', { n: least.toFixed(2) })}<input type="range" min="0" max="1" step="0.01" value=${least} onInput=${(/** @type {any} */ e) => setLeast(Number(e.target.value))} /></label>`}
    </div></div>`;
}

/** @param {import('runicorn').MediaItem[]} items */
function labelsOf(items) {
  const labels = new Set();
  for (const { fields } of items) {
    for (const box of fields?.boxes ?? []) labels.add(box.label ?? '');
    for (const mask of fields?.masks ?? []) for (const label of Object.values(mask.labels)) labels.add(label);
  }
  return [...labels].sort();
}

/** A mask: each class in its colour. @param {{url: string, labels: Record<string, string>, off: ReadonlySet<string>, paint: (label: string) => string, theme: string}} props */
function Overlay({ url, labels, off, paint, theme }) {
  const place = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    const picture = new Image();
    let over = false;
    picture.onload = () => { if (!over && place.current) fill(place.current, picture, labels, off, paint); };
    picture.src = url;
    return () => { over = true; };
  }, [url, off, theme]);
  return html`<canvas ref=${place} aria-hidden="true"></canvas>`;
}

/** @param {HTMLCanvasElement} canvas @param {HTMLImageElement} picture @param {Record<string, string>} labels @param {ReadonlySet<string>} off @param {(label: string) => string} paint */
function fill(canvas, picture, labels, off, paint) {
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  brush.drawImage(picture, 0, 0);
  const data = brush.getImageData(0, 0, canvas.width, canvas.height);
  /** @type {Map<number, number[]>} */
  const colors = new Map();
  for (const [number, label] of Object.entries(labels)) if (!off.has(`label:${label}`)) colors.set(Number(number), rgb(canvas, paint(label)));
  for (let i = 0; i < data.data.length; i += 4) {
    const found = colors.get(data.data[i]);
    data.data.set(found ? [...found, 120] : [0, 0, 0, 0], i);
  }
  brush.putImageData(data, 0, 0);
}

/** The numbers of a colour of CSS. @param {HTMLElement} el @param {string} css */
function rgb(el, css) {
  el.style.color = css;
  const numbers = getComputedStyle(el).color.match(/[\d.]+/g) ?? ['0', '0', '0'];
  return numbers.slice(0, 3).map(Number);
}
