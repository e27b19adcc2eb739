/** All parameters as a tree: searched, copied, and held against those of another run. */
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { query, setQuery } from '../../router.js';
import { copyText } from '../../components/feedback.js';
import { icons } from '../../components/icons.js';
import { RunPicker } from '../../components/run-picker.js';
import { Tree, countLeaves, prune } from '../../components/tree.js';
import { differences, joined, only } from '../../state/params-diff.js';
import { runDetail } from '../../state/runs.js';
import { toYaml } from '../../state/yaml.js';

/** @param {{run: import('../../types').RunDetail}} props */
export function Params({ run }) {
  const [search, setSearch] = useState('');
  const base = query.value.get('base') ?? '';
  const baseRun = base ? runDetail(base).value.data : null;
  const differing = baseRun ? differences(run.params, baseRun.params) : undefined;
  const onlyDiffering = differing !== undefined && query.value.get('differing') === '1';
  const whole = baseRun ? joined(run.params, baseRun.params) : run.params;
  const total = countLeaves(whole);
  const kept = onlyDiffering ? only(whole, /** @type {Map<string, unknown>} */ (differing)) : whole;
  const shown = search ? prune(kept, search.toLowerCase()) : kept;
  const none = countLeaves(shown) === 0;
  return html`<div class="narrow">
    <div class="bar"><input class="input bar-search" type="search" placeholder=${t('params.search')} aria-label=${t('params.search')} value=${search} onInput=${(/** @type {any} */ e) => setSearch(e.target.value)} />
      <span class="muted nowrap" aria-live="polite">${search || onlyDiffering ? t('toolbar.matches', { n: countLeaves(shown), total }) : t('params.count', { n: total })}</span><span class="sp"></span>
      <${RunPicker} label=${t('params.against')} project=${run.project} except=${[run.id]} value=${base} none=${t('params.nobody')} onChoose=${(/** @type {string} */ id) => setQuery({ base: id, differing: null })} />
      ${differing && html`<button class=${onlyDiffering ? 'chip on' : 'chip'} aria-pressed=${onlyDiffering} onClick=${() => setQuery({ differing: onlyDiffering ? null : '1' })}>${t('params.differ', { n: differing.size, total })}</button>`}
      <button class="button" onClick=${() => copyText(toYaml(run.params))}>${icons.copy()} ${t('params.copyYaml')}</button>
      <button class="button" onClick=${() => copyText(JSON.stringify(run.params, null, 2))}>${icons.copy()} ${t('params.copy')}</button></div>
    ${total === 0 ? html`<p class="muted">${t('params.none')}</p>`
      : none ? html`<p class="muted">${search ? t('params.noMatch', { text: search }) : t('params.same')}</p>`
        : html`<div class="card block"><${Tree} value=${shown} differing=${differing} /></div>`}
  </div>`;
}
