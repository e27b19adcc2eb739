/** What can be done with a run: pin, compare with its neighbours, copy its id, move it to the recycle bin. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { send } from '../api.js';
import { navigate, workspaceHref } from '../router.js';
import { refreshExperiments, titleOf } from '../state/experiments.js';
import { refreshRun } from '../state/runs.js';
import { attempt, copyText, toast } from './feedback.js';
import { Confirm } from './dialog.js';
import { icons } from './icons.js';

/** @param {{run: import('../types').RunDetail}} props */
export function RunActions({ run }) {
  const [asking, ask] = useState(false);
  const pin = async () => {
    await attempt(() => send('experiments/pin', { run_ids: [run.id], value: !run.pinned }));
    refreshRun(run.id, run.path);
    refreshExperiments();
  };
  const remove = async () => {
    ask(false);
    if (!(await attempt(() => send('runs/soft-delete', { run_ids: [run.id] })))) return;
    toast(t('note.deleted', { name: titleOf(run) }));
    refreshExperiments();
    navigate(workspaceHref(run.project, run.name));
  };
  return html`<span class="run-actions">
    <button class="button" aria-pressed=${run.pinned} onClick=${pin}>${icons.pin()} ${t(run.pinned ? 'run.unpin' : 'run.pin')}</button>
    <button class="button" onClick=${() => copyText(run.id)}>${icons.copy()} ${t('run.copyId')}</button>
    <button class="button" onClick=${() => ask(true)} title=${t('run.delete')}>${icons.trash()} ${t('run.delete')}</button>
    ${asking && html`<${Confirm} title=${t('run.deleteTitle')} text=${t(run.status === 'running' ? 'run.deleteRunning' : 'run.deleteText')} action=${t('run.delete')} onConfirm=${remove} onClose=${() => ask(false)} />`}
  </span>`;
}
