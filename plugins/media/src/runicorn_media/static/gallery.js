// @ts-check
/** A panel of cards: one for each key, showing what was logged last, up to the step that is looked at. */
import { formatTime, html, mountComponent } from 'runicorn';

/** @typedef {import('runicorn').Context} Context @typedef {import('runicorn').MediaItem} MediaItem */
/** @typedef {{item: MediaItem, items: MediaItem[], ctx: Context}} Props `items`: all of the key, by step */

/**
 * @param {string} id @param {string} kind of the items
 * @param {(props: Props) => any} Item draws one
 * @param {{test?: (item: MediaItem) => boolean, grid?: 'grid' | 'large' | 'list', history?: boolean, instead?: boolean}} [options] grid: how cards stand; history: it draws all steps; instead: the viewer need not show them too
 * @returns {import('runicorn').PanelModule}
 */
export function panel(id, kind, Item, { test = () => true, grid = 'grid', history = false, instead = false } = {}) {
  /** @param {{ctx: Context}} props */
  function Cards({ ctx }) {
    const keys = [...new Set(ctx.media.value.map((item) => item.key))].sort();
    const step = ctx.step.value ?? Infinity;
    return keys.map((key) => {
      const items = ctx.media.value.filter((item) => item.key === key);
      return html`<${Card} key=${key} name=${key} items=${items} shown=${current(items, step)} Item=${Item} history=${history} ctx=${ctx} />`;
    });
  }
  return { id, instead, match: (item) => item.type === kind && test(item), mount: mountComponent(Cards, { styles: new URL('media.css', import.meta.url), className: `mp-${grid}` }) };
}

/** All items of the last step that has one, up to `step`. @param {MediaItem[]} items @param {number} step */
function current(items, step) {
  const before = items.filter((item) => (item.step ?? 0) <= step);
  const last = Math.max(...before.map((item) => item.step ?? 0));
  return before.filter((item) => (item.step ?? 0) === last);
}

/** @param {{name: string, items: MediaItem[], shown: MediaItem[], Item: any, history: boolean, ctx: Context}} props */
function Card({ name, items, shown, Item, history, ctx }) {
  const { t } = ctx;
  const at = shown[0];
  return html`<figure class="mp-card" data-key=${name}>
    <figcaption class="mp-head"><b class="cut" title=${name}>${name}</b><span class="sp"></span>
      ${at && html`<span class="muted nowrap" title=${formatTime(at.time)}>${t('mp.at', { n: at.step ?? 0 })}</span>
        ${!history && html`<a class="mp-save" href=${at.url} download=${fileName(at)} title=${t('mp.save')} aria-label=${t('mp.saveOf', { name })}>↓</a>`}`}</figcaption>
    ${!at && html`<div class="mp-none muted">${t('mp.notYet')}</div>`}
    ${(history ? shown.slice(-1) : shown).map((item) => html`<div class="mp-item" key=${item.path}>
      <${Item} item=${item} items=${items} ctx=${ctx} />
      ${item.caption && html`<p class="soft mp-caption">${item.caption}</p>`}</div>`)}
  </figure>`;
}

/** A name to save under. @param {MediaItem} item */
export const fileName = (item) => `${item.key.replace(/[^\p{L}\p{N}_.-]+/gu, '-')}-${item.step ?? 0}${/\.[^.]*$/.exec(item.path)?.[0] ?? ''}`;

/** The address of another file of the same run. @param {MediaItem} item @param {string} path */
export function beside(item, path) {
  const encoded = (/** @type {string} */ text) => text.split('/').map(encodeURIComponent).join('/');
  return item.url.replace(encoded(item.path), encoded(path));
}

/** Colours of the palette, by number. @param {number} i */
export const color = (i) => `var(--c${(i % 8) + 1})`;
