/** Pictures side by side that are enlarged and moved as one. */
import { useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';

const MOST = 32;
const WHOLE = { scale: 1, x: 0, y: 0 };

/** @param {{pictures: {key: string, url: string, alt: string, ratio: number | null, head: any}[]}} props `ratio`: width by height */
export function Zoomed({ pictures }) {
  const [view, setView] = useState(WHOLE);
  const drag = useRef(/** @type {{x: number, y: number} | null} */ (null));
  /** Enlarge so that what is under the pointer stays there. @param {number} by @param {number} px @param {number} py */
  const zoom = (by, px, py) => setView((old) => {
    const scale = Math.min(MOST, Math.max(1, old.scale * by));
    const k = scale / old.scale;
    return scale === 1 ? WHOLE : { scale, x: px - (px - old.x) * k, y: py - (py - old.y) * k };
  });
  /** @param {any} event */
  const wheel = (event) => {
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - box.left, event.clientY - box.top);
  };
  /** @param {any} event */
  const down = (event) => {
    drag.current = { x: event.clientX, y: event.clientY };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  /** @param {any} event */
  const move = (event) => {
    const from = drag.current;
    if (!from) return;
    drag.current = { x: event.clientX, y: event.clientY };
    setView((old) => (old.scale === 1 ? old : { ...old, x: old.x + event.clientX - from.x, y: old.y + event.clientY - from.y }));
  };
  const middle = (/** @type {number} */ by) => {
    const box = document.querySelector('.zoom-box')?.getBoundingClientRect();
    zoom(by, (box?.width ?? 0) / 2, (box?.height ?? 0) / 2);
  };
  // boxes of one shape, as tall as the tallest picture needs
  const ratio = Math.min(...pictures.map((one) => one.ratio ?? 0)) || undefined;
  return html`<div class="zoom-bar"><button class="button" onClick=${() => middle(0.8)} aria-label=${t('media.smaller')} disabled=${view.scale === 1}>−</button>
      <span class="num">${Math.round(view.scale * 100)} %</span>
      <button class="button" onClick=${() => middle(1.25)} aria-label=${t('media.larger')}>+</button>
      <button class="button" onClick=${() => setView(WHOLE)} disabled=${view.scale === 1}>${t('media.whole')}</button><span class="muted">${t('media.zoomHint')}</span></div>
    <div class="zoomed">${pictures.map((one) => html`<figure key=${one.key}><figcaption class="picture-head">${one.head}</figcaption>
      <div class="zoom-box" style=${{ aspectRatio: ratio, height: ratio && 'auto' }} onWheel=${wheel} onPointerDown=${down} onPointerMove=${move} onPointerUp=${() => { drag.current = null; }}>
        <img draggable=${false} src=${one.url} alt=${one.alt} style=${{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }} /></div></figure>`)}</div>`;
}
