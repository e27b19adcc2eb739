/** Which columns there are and which are shown: searched, in groups, only those that differ or that runs have. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { FIRST, RUN_COLUMNS, partsOf, titleOfColumn } from '../../state/table/columns.js';
import { readFilled } from '../../state/table/groups.js';
import * as shown from '../../state/table/shown.js';
import { Dialog } from '../dialog.js';

/** @typedef {import('../../state/table/source.js').FieldInfo} FieldInfo */
const GROUPS = ['run', 'params', 'metrics', 'summary', 'system'];

/** @param {string} id */
const groupOf = (id) => (/^metrics\.(?:system|gpu|cpu)\b/.test(id) ? 'system' : partsOf(id).kind);

/** @param {{query: import('../../state/table/source.js').Query | null, onClose: () => void}} props `query`: the runs that the table shows */
export function ColumnPicker({ query, onClose }) {
  const [search, setSearch] = useState('');
  const [differing, setDiffering] = useState(false);
  const [onlyFilled, setOnlyFilled] = useState(false);
  const fields = shown.fields.value;
  const columns = shown.columns.value;
  const on = new Set(columns.map((column) => column.id));
  /** @type {FieldInfo[]} */
  const all = useMemo(() => {
    const known = new Map(fields.map((field) => [field.name, field]));
    const ofRuns = RUN_COLUMNS.map((name) => known.get(name) ?? { name, kind: 'run', key: name, runs: 0, differing: true, examples: [] });
    // one line for a metric: its figure is chosen in the column's menu
    const others = fields.filter((field) => partsOf(field.name).kind !== 'run' && (partsOf(field.name).kind !== 'metrics' || partsOf(field.name).figure === 'last'));
    const extra = columns.filter((column) => partsOf(column.id).figure && partsOf(column.id).figure !== 'last').map((column) => ({ name: column.id, kind: 'metrics', key: partsOf(column.id).key, runs: 0, differing: true, examples: [] }));
    return [...ofRuns, ...others, ...extra];
  }, [fields, columns]);
  const [filled, setFilled] = useState(/** @type {Set<string> | null} */ (null));
  useEffect(() => {
    if (!onlyFilled || !query) return undefined;
    const abort = new AbortController();
    readFilled(query, all.map((field) => field.name), abort.signal).then(setFilled, () => {});
    return () => abort.abort();
  }, [onlyFilled, query, all]);
  const words = search.toLowerCase();
  const listed = all.filter((field) => (field.name.toLowerCase().includes(words) || titleOfColumn(field.name).toLowerCase().includes(words)) && (!differing || field.differing || on.has(field.name)) && (!onlyFilled || !filled || filled.has(field.name) || on.has(field.name)));
  /** @param {string[]} ids @param {boolean} want */
  const set = (ids, want) => {
    const wanted = ids.filter((id) => id !== FIRST);
    shown.setColumns(want ? [...columns, ...wanted.filter((id) => !on.has(id)).map((id) => ({ id }))] : columns.filter((column) => !wanted.includes(column.id)));
  };
  return html`<${Dialog} title=${t('picker.title')} onClose=${onClose}><div class="picker">
    <div class="row-line"><input class="input" type="search" autofocus placeholder=${t('picker.search')} aria-label=${t('picker.search')} value=${search} onInput=${(/** @type {any} */ e) => setSearch(e.target.value)} />
      <button class=${differing ? 'chip on' : 'chip'} aria-pressed=${differing} onClick=${() => setDiffering(!differing)} title=${t('picker.differingTitle')}>${t('picker.differing')}</button>
      <button class=${onlyFilled ? 'chip on' : 'chip'} aria-pressed=${onlyFilled} onClick=${() => setOnlyFilled(!onlyFilled)} title=${t('picker.filledTitle')}>${t('picker.filled')}</button></div>
    <div class="picker-list" tabindex="0" role="region" aria-label=${t('picker.title')}>${GROUPS.map((group) => {
      const mine = listed.filter((field) => groupOf(field.name) === group);
      if (mine.length === 0) return '';
      const every = mine.every((field) => on.has(field.name));
      return html`<div key=${group}><h3>${t(`picker.group.${group}`)} <span class="muted">${mine.filter((field) => on.has(field.name)).length}/${mine.length}</span><span class="sp"></span>
          <button class="ghost" onClick=${() => set(mine.map((field) => field.name), !every)}>${t(every ? 'picker.none' : 'picker.all')}</button></h3>
        ${mine.map((field) => html`<label key=${field.name} class="picker-item"><input type="checkbox" checked=${on.has(field.name)} disabled=${field.name === FIRST} onChange=${(/** @type {any} */ e) => set([field.name], e.target.checked)} />
          <span class="cut">${titleOfColumn(field.name)}${partsOf(field.name).figure && html`<span class="grid-figure">${t(`metric.${partsOf(field.name).figure}`)}</span>`}</span>${field.runs > 0 && html`<span class="muted nowrap">${t('runs.count', { n: field.runs })}</span>`}</label>`)}</div>`;
    })}${listed.length === 0 && html`<p class="muted">${t('picker.nothing', { text: search })}</p>`}</div>
    <footer class="dialog-foot"><button class="button" onClick=${() => shown.setColumns(null)}>${t('picker.reset')}</button><button class="button primary" onClick=${onClose}>${t('action.close')}</button></footer></div></${Dialog}>`;
}
