// @ts-check
/** How it is brought in: what wrote it, where it goes, what happens to runs that are here already. */
import { useEffect, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { titleOf } from './outcomes.js';

/** @typedef {import('./server.js').How} Chosen */
/** @typedef {{name: string, title: string, options: Record<string, any>}} Importer */

const CONFLICTS = ['skip', 'update', 'rename', 'overwrite'];

/** @param {{ctx: import('runicorn').Context, how: Chosen, importer: string, onHow: (how: Chosen) => void}} props `importer`: what it was recognised as */
export function How({ ctx, how, importer, onHow }) {
  const { t } = ctx;
  const [known, setKnown] = useState(/** @type {Importer[]} */ ([]));
  useEffect(() => { ctx.fetchJson('/api/import/formats').then(setKnown, () => {}); }, []);
  const chosen = known.find((one) => one.name === (how.from || importer));
  const changed = (/** @type {string} */ name, /** @type {any} */ value) => {
    const { [name]: _, ...others } = how.options;
    onHow({ ...how, options: value === chosen?.options[name] || (typeof value === 'string' && value === '' && !chosen?.options[name]) ? others : { ...others, [name]: value } });
  };
  return html`<section class="card importing-how" aria-label=${t('exporters.how')}>
    <label><span>${t('exporters.from')}</span><select class="input" value=${how.from} onChange=${(/** @type {any} */ event) => onHow({ ...how, from: event.target.value, options: {} })}>
      <option value="">${importer && chosen && !how.from ? t('exporters.as', { title: titleOf(ctx, chosen) }) : t('exporters.auto')}</option>${known.map((one) => html`<option key=${one.name} value=${one.name}>${titleOf(ctx, one)}</option>`)}</select></label>
    <label><span>${t('exporters.conflict')}</span><select class="input" value=${how.conflict} onChange=${(/** @type {any} */ event) => onHow({ ...how, conflict: event.target.value })}>
      ${CONFLICTS.map((one) => html`<option key=${one} value=${one}>${t(`exporters.conflict.${one}`)}</option>`)}</select></label>
    <label><span>${t('exporters.project')}</span><input class="input" value=${how.project} placeholder=${t('exporters.ownProject')} onChange=${(/** @type {any} */ event) => onHow({ ...how, project: event.target.value })} /></label>
    ${chosen && Object.keys(chosen.options).length > 0 && html`<details><summary>${t('exporters.options', { title: titleOf(ctx, chosen) })}</summary><div class="importing-options">
      ${Object.entries(chosen.options).map(([name, standard]) => html`<label key=${name}><span class="mono">${name}</span>${typeof standard === 'boolean'
        ? html`<input type="checkbox" checked=${how.options[name] ?? standard} onChange=${(/** @type {any} */ event) => changed(name, event.target.checked)} />`
        : html`<input class="input mono" value=${how.options[name] ?? standard} onChange=${(/** @type {any} */ event) => changed(name, event.target.value)} />`}</label>`)}</div></details>`}
  </section>`;
}
