/** Runs as files of other programs: the server makes them, here is how far it is, and the file when it is whole. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, apiUrl, get, seg, send } from '../api.js';
import { locale, t } from '../i18n/index.js';
import { attempt, toast } from './feedback.js';

/** @typedef {{job_id: string, state: string, error: string | null, progress: {done: number, total: number | null}}} Job */

/** As their makers write them; a format of another plugin has the name that it gives itself. @type {Record<string, string>} */
const NAMES = { csv: 'CSV', json: 'JSON', jsonl: 'JSON Lines', parquet: 'Parquet', excel: 'Excel', markdown: 'Markdown', html: 'HTML', tensorboard: 'TensorBoard' };
const ASK_MS = 400;

/** @typedef {{name: string, options: {name: string, default: unknown}[]}} Format */

/** The formats of all active plugins; null until they are known. @type {import('@preact/signals').Signal<Format[] | null>} */
const formats = signal(null);

/** Menu items, one for each format. @param {() => string[] | Promise<string[]>} runs ids or paths of the runs */
export function useExports(runs) {
  useEffect(() => { void readFormats(); }, []);
  return (formats.value ?? []).map(({ name: format, options }) => ({ label: t('export.runs', { format: NAMES[format] ?? format }), action: () => { void attempt(async () => exportRuns(await runs(), format, options)); } }));
}

async function readFormats() {
  if (formats.peek() !== null) return;
  try {
    formats.value = await get('export/formats', {}, { quiet: true });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) formats.value = []; // the plugin is switched off
  }
}

/** @param {string[]} runs @param {string} format @param {Format['options']} known */
async function exportRuns(runs, format, known) {
  const options = known.some((option) => option.name === 'language' && option.default === 'auto') ? { language: locale.value === 'zh-CN' ? 'zh-CN' : 'en' } : {};
  /** @type {Job} */
  let job = await send('export', { format, run_ids: runs, options, wait_s: 0 });
  let stopped = false;
  const path = `jobs/${seg(job.job_id)}`;
  const stop = () => { stopped = true; void attempt(() => send(path, undefined, 'DELETE')); };
  while (job.state === 'waiting' || job.state === 'running') {
    toast(t('export.working', { format: NAMES[format] ?? format, n: job.progress.done, total: runs.length }), { offer: { label: t('export.stop'), run: stop } });
    await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
    if (stopped) return;
    job = await get(path, {}, { quiet: true });
  }
  if (job.state !== 'done') throw new Error(job.error ?? t('export.stopped'));
  Object.assign(document.createElement('a'), { href: apiUrl(`${path}/file`), download: '' }).click();
  toast(t('export.ready'));
}
