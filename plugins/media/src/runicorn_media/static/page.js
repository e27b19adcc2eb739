// @ts-check
/** Pages of HTML in a sandbox: no script, no form, nothing from elsewhere. */
import { html } from 'runicorn';

/** @param {import('./gallery.js').Props} props */
export function Framed({ item, ctx }) {
  return html`<div><iframe class="mp-page" sandbox="" src=${item.url} title=${item.caption || item.key} loading="lazy"></iframe>
    <p class="muted mp-facts">${ctx.t('mp.sandbox')} <a href=${item.url} target="_blank" rel="noopener">${ctx.t('mp.open')}</a></p></div>`;
}
