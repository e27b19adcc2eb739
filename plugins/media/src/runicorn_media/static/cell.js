// @ts-check
/** Media in the cells of a table: small in its row, whole below the table. */
import { html } from 'runicorn';
import { Sound } from './audio.js';
import { Chart } from './figure.js';
import { beside } from './gallery.js';
import { Distribution } from './histogram.js';
import { Annotated, isAnnotated } from './image.js';
import { Framed } from './page.js';
import { Rows } from './table.js';
import { Words } from './text.js';
import { Moving } from './video.js';

/** @typedef {import('runicorn').MediaItem} MediaItem @typedef {import('runicorn').Context} Context */
/** @typedef {{kind: string, path: string, caption: string | null, fields: Record<string, any>}} Cell */

const SHAPES = /** @type {Record<string, any>} */ ({ audio: Sound, video: Moving, figure: Chart, histogram: Distribution, text: Words, html: Framed, table: Rows });

/** A cell as an item of its own. @param {MediaItem} table @param {Cell} cell @param {string} column */
export const itemOf = (table, cell, column) => ({
  ...table, key: column, type: cell.kind, path: cell.path, caption: cell.caption, width: cell.fields.width ?? null, height: cell.fields.height ?? null, fields: cell.fields, url: beside(table, cell.path),
});

/** @param {{item: MediaItem, open: boolean, ctx: Context, onOpen: () => void}} props */
export function Small({ item, open, ctx, onOpen }) {
  const word = wordFor(item.type, ctx), name = item.caption || word;
  return html`<button class=${open ? 'mp-small on' : 'mp-small'} aria-expanded=${open} title=${name} onClick=${onOpen}>${
    isPicture(item) ? html`<img loading="lazy" src=${item.url} alt=${name} />`
    : isFilm(item) ? html`<video muted playsinline preload="metadata" src=${item.url} aria-label=${name}></video>` : html`<span>${word}</span>`}${
    item.caption && html`<span class="cut">${item.caption}</span>`}</button>`;
}

/** @param {{item: MediaItem, ctx: Context, onClose: () => void}} props */
export function Whole({ item, ctx, onClose }) {
  const Shape = item.type === 'image' ? Picture : SHAPES[item.type];
  return html`<div class="mp-whole" role="group" aria-label=${item.caption || item.key} onKeyDown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === 'Escape') onClose(); }}>
    <div class="mp-head"><b class="cut">${item.key}</b>${item.caption && html`<span class="soft cut">${item.caption}</span>`}<span class="sp"></span>
      <a class="mp-save" href=${item.url} download title=${ctx.t('mp.save')} aria-label=${ctx.t('mp.saveOf', { name: item.caption || item.key })}>↓</a>
      <button class="mp-save mp-close" onClick=${onClose} title=${ctx.t('mp.close')} aria-label=${ctx.t('mp.close')}>×</button></div>
    ${Shape ? html`<${Shape} key=${item.path} item=${item} items=${[item]} ctx=${ctx} />` : html`<p class="muted mp-facts">${wordFor(item.type, ctx)}</p>`}</div>`;
}

/** @param {import('./gallery.js').Props} props */
const Picture = (props) => (isAnnotated(props.item) ? html`<${Annotated} ...${props} />`
  : html`<a class="mp-picture" href=${props.item.url} target="_blank" rel="noopener"><img src=${props.item.url} alt=${props.item.caption || props.item.key} width=${props.item.width} height=${props.item.height} /></a>`);

/** @param {MediaItem} item */
const isFilm = ({ type, fields }) => type === 'video' && (fields.format === 'mp4' || fields.format === 'webm');
/** @param {MediaItem} item */
const isDrawnHere = ({ type, fields: { library } }) => type === 'figure' && library === 'plotly';
/** @param {MediaItem} item */
const isPicture = (item) => item.type === 'image' || (item.type === 'video' && !isFilm(item)) || (item.type === 'figure' && !isDrawnHere(item));
/** A kind that others have added is called what they call it. @param {string} kind @param {Context} ctx */
const wordFor = (kind, ctx) => (kind === 'image' || kind in SHAPES ? ctx.t(`mp.kind.${kind}`) : kind);
