/** All parameters as a tree, with search. */
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { copyText } from '../../components/feedback.js';
import { icons } from '../../components/icons.js';
import { Tree, countLeaves, prune } from '../../components/tree.js';

/** @param {{params: Record<string, unknown>}} props */
export function Params({ params }) {
  const [search, setSearch] = useState('');
  const total = countLeaves(params);
  if (total === 0) return html`<p class="muted tab-empty">${t('params.none')}</p>`;
  const shown = search ? prune(params, search.toLowerCase()) : params;
  return html`<div class="narrow">
    <div class="bar"><input class="input bar-search" type="search" placeholder=${t('params.search')} aria-label=${t('params.search')} value=${search} onInput=${(/** @type {any} */ e) => setSearch(e.target.value)} />
      <span class="muted" aria-live="polite">${search ? t('toolbar.matches', { n: countLeaves(shown), total }) : t('params.count', { n: total })}</span><span class="sp"></span>
      <button class="button" onClick=${() => copyText(JSON.stringify(params, null, 2))}>${icons.copy()} ${t('params.copy')}</button></div>
    ${countLeaves(shown) === 0 ? html`<p class="muted">${t('params.noMatch', { text: search })}</p>` : html`<div class="card block"><${Tree} value=${shown} /></div>`}
  </div>`;
}
