// @ts-check
/** Moving pictures: GIF and WebP play as images, MP4 and WebM in the browser's player. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';

/** @param {import('./gallery.js').Props} props */
export function Moving({ item, ctx }) {
  const [failed, setFailed] = useState(false);
  const { format, frames, fps } = item.fields;
  const name = item.caption || item.key;
  const size = item.width ? `${item.width} × ${item.height}` : '';
  return html`<div>
    ${failed ? html`<p class="mp-none muted">${ctx.t('mp.cannotPlay')}</p>`
      : format === 'mp4' || format === 'webm' ? html`<video class="mp-video" controls loop muted playsinline preload="metadata" src=${item.url} aria-label=${name} onError=${() => setFailed(true)}></video>`
      : html`<img class="mp-video" loading="lazy" src=${item.url} alt=${name} onError=${() => setFailed(true)} />`}
    <p class="muted mp-facts">${[size, frames && ctx.t('mp.frames', { n: frames }), fps && ctx.t('mp.fps', { n: fps }), format].filter(Boolean).join(' · ')}</p>
  </div>`;
}
