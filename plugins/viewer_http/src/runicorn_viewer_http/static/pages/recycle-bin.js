/** Runs that were deleted and can still come back. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get, send } from '../api.js';
import { formatAgo, formatTime } from '../charts/format.js';
import { refreshExperiments, titleOf, watchExperiments } from '../state/experiments.js';
import { attempt, Empty, ErrorCard, toast } from '../components/feedback.js';
import { Confirm } from '../components/dialog.js';
import { Page } from '../components/page.js';
import { Status } from '../components/status.js';

/** @typedef {import('../types').ExperimentRow} Row */

export function RecycleBin() {
  const [rows, setRows] = useState(/** @type {Row[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [chosen, setChosen] = useState(/** @type {Set<string>} */ (new Set()));
  const [asking, ask] = useState(false);
  const load = () => get('recycle-bin').then((found) => { setRows(Array.isArray(found) ? found : found.runs); setError(null); }, setError);
  useEffect(() => { load(); watchExperiments(''); }, []);
  const restore = async (/** @type {string[]} */ ids) => {
    if (await attempt(() => send('recycle-bin/restore', { run_ids: ids }))) toast(t('bin.restored', { n: ids.length }));
    setChosen(new Set());
    load();
    refreshExperiments();
  };
  const empty = async () => {
    ask(false);
    if (await attempt(() => send('recycle-bin/empty', { confirm: true }))) toast(t('bin.emptied'));
    setChosen(new Set());
    load();
  };
  const crumbs = html`<span aria-current="page">${t('nav.recycleBin')}</span>`;
  if (error && !rows) return html`<${Page} title=${t('nav.recycleBin')} crumbs=${crumbs}><div class="page"><${ErrorCard} error=${error} what=${t('error.bin')} retry=${load} /></div></${Page}>`;
  if (!rows) return html`<${Page} title=${t('nav.recycleBin')} crumbs=${crumbs} />`;
  if (rows.length === 0) return html`<${Page} title=${t('nav.recycleBin')} crumbs=${crumbs}><${Empty} title=${t('bin.empty')}><p>${t('bin.emptyText')}</p></${Empty}></${Page}>`;
  const toggle = (/** @type {string} */ id) => { const next = new Set(chosen); if (!next.delete(id)) next.add(id); setChosen(next); };
  const all = chosen.size === rows.length;
  return html`<${Page} title=${t('nav.recycleBin')} crumbs=${crumbs}><div class="page">
    <div class="page-head"><h1>${t('nav.recycleBin')}</h1><span class="muted">${t('runs.count', { n: rows.length })}</span><span class="sp"></span>
      <button class="button" disabled=${chosen.size === 0} onClick=${() => restore([...chosen])}>${t('bin.restoreChosen', { n: chosen.size })}</button>
      <button class="button danger" onClick=${() => ask(true)}>${t('bin.emptyNow')}</button></div>
    <div class="card table-scroll"><table class="table bin"><thead><tr><th class="check"><input type="checkbox" aria-label=${t('bin.all')} checked=${all} onChange=${() => setChosen(new Set(all ? [] : rows.map((row) => row.path)))} /></th>
      <th scope="col">${t('bin.run')}</th><th scope="col">${t('overview.experiment')}</th><th scope="col">${t('bin.status')}</th><th scope="col">${t('bin.deleted')}</th><td></td></tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.path} data-run=${row.id}><td class="check"><input type="checkbox" aria-label=${t('bin.choose', { name: titleOf(row) })} checked=${chosen.has(row.path)} onChange=${() => toggle(row.path)} /></td>
        <th scope="row" title=${row.id}>${titleOf(row)}</th><td>${row.project} / ${row.name}</td><td><${Status} status=${row.status} /></td>
        <td title=${formatTime(row.deleted_at)}>${formatAgo(row.deleted_at)}</td><td class="num"><button class="button" onClick=${() => restore([row.path])}>${t('bin.restore')}</button></td></tr>`)}</tbody></table></div>
    ${asking && html`<${Confirm} title=${t('bin.confirmTitle')} text=${t('bin.confirmText', { n: rows.length })} action=${t('bin.confirmAction')} onConfirm=${empty} onClose=${() => ask(false)} />`}
  </div></${Page}>`;
}
