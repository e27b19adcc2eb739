/** What can be done with a run: pin, compare with its neighbours, copy its id, move it to the recycle bin. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { send } from '../api.js';
import { navigate, workspaceHref } from '../router.js';
import { refreshExperiments, titleOf } from '../state/experiments.js';
import { refreshRun } from '../state/runs.js';
import { formatTime } from '../charts/format.js';
import { attempt, copyText, toast } from './feedback.js';
import { Confirm } from './dialog.js';
import { icons } from './icons.js';
import { Menu } from './menu.js';
import { useExports } from './runs-export.js';

/** What a run in the recycle bin says of itself. @param {{run: import('../types').RunDetail}} props */
export function Deleted({ run }) {
  const restore = async () => {
    if (await attempt(() => send('recycle-bin/restore', { run_ids: [run.path] }))) toast(t('bin.restored', { n: 1 }));
    refreshRun(run.id, run.path);
    refreshExperiments();
  };
  return html`<div class="notice run-deleted" role="note">${icons.trash()} <span>${t('run.inBin', { time: formatTime(run.deleted_at) })}</span><span class="sp"></span>
    <button class="button" onClick=${restore}>${t('bin.restore')}</button></div>`;
}

/** @param {{run: import('../types').RunDetail}} props */
export function RunActions({ run }) {
  const [asking, ask] = useState(false);
  const exports = useExports(() => [run.path]);
  const pin = async () => {
    await attempt(() => send('experiments/pin', { run_ids: [run.path], value: !run.pinned }));
    refreshRun(run.id, run.path);
    refreshExperiments();
  };
  const archive = async () => {
    await attempt(() => send('experiments/archive', { run_ids: [run.path], value: !run.archived }));
    refreshRun(run.id, run.path);
    refreshExperiments();
  };
  const remove = async () => {
    ask(false);
    if (!(await attempt(() => send('runs/soft-delete', { run_ids: [run.path] })))) return;
    toast(t('note.deleted', { name: titleOf(run) }));
    refreshExperiments();
    navigate(workspaceHref(run.project, run.name));
  };
  return html`<span class="run-actions">
    <button class="button" aria-pressed=${run.pinned} onClick=${pin}>${icons.pin()} ${t(run.pinned ? 'run.unpin' : 'run.pin')}</button>
    <button class="button" onClick=${() => copyText(run.id)}>${icons.copy()} ${t('run.copyId')}</button>
    <button class="button" aria-pressed=${run.archived} onClick=${archive} title=${t('run.archiveTitle')}>${icons.archive()} ${t(run.archived ? 'run.unarchive' : 'run.archive')}</button>
    ${exports.length > 0 && html`<${Menu} label=${t('export.run')} button=${html`${t('export.export')} <span aria-hidden="true">▾</span>`} items=${() => exports} />`}
    <button class="button" onClick=${() => ask(true)} title=${t('run.delete')}>${icons.trash()} ${t('run.delete')}</button>
    ${asking && html`<${Confirm} title=${t('run.deleteTitle')} text=${t(run.status === 'running' ? 'run.deleteRunning' : 'run.deleteText')} action=${t('run.delete')} onConfirm=${remove} onClose=${() => ask(false)} />`}
  </span>`;
}
