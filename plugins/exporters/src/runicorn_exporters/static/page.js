// @ts-check
/**
 * The page: what is to be brought in, what would come, bringing it in, what came. The address holds the jobs, so that
 * reload and back go on where it was.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { Choose } from './choose.js';
import { How } from './how.js';
import { Outcomes } from './outcomes.js';
import { MOST, packed } from './packing.js';
import { body, follow, forget, upload } from './server.js';

/** @typedef {import('runicorn').Context} Context */

/** A text of the address as state. @param {Context} ctx @param {string} key @returns {[string, (value: string) => void]} */
function useAddress(ctx, key) {
  const [state] = useState(() => ctx.urlState(key));
  const [value, setValue] = useState(state.peek());
  useEffect(() => state.subscribe(setValue), []);
  return [value, (next) => { state.value = next; }];
}

/** @param {{ctx: Context}} props */
export function ImportPage({ ctx }) {
  const { t } = ctx;
  const [source, setSource] = useAddress(ctx, 'of'); // the preview that holds what is to be read
  const [current, setCurrent] = useAddress(ctx, 'job');
  const [job, setJob] = useState(/** @type {import('./server.js').Job | null} */ (null));
  const [how, setHow] = useState({ from: '', options: {}, project: '', conflict: 'skip' });
  const [sent, setSent] = useState(/** @type {number | null} */ (null));
  const [error, setError] = useState('');
  const stopSending = useRef(new AbortController());
  const failed = (/** @type {any} */ problem) => { if (problem.name !== 'AbortError') setError(problem.message); };

  useEffect(() => {
    let wanted = true;
    setJob(null);
    if (current) follow(ctx, current, setJob, () => wanted && !ctx.signal.aborted).catch((problem) => { if (wanted) { if (problem.status === 404) anew(); else failed(problem); } });
    return () => { wanted = false; };
  }, [current]);
  useEffect(() => { if (job?.state === 'done' && job.result && !job.result.preview && source) { void forget(ctx, source); setSource(''); } }, [job?.state]);

  const anew = () => { for (const id of new Set([source, current])) if (id) void forget(ctx, id); setSource(''); setCurrent(''); setJob(null); setError(''); };
  /** @param {() => Promise<import('./server.js').Job>} begin @param {boolean} [first] */
  const start = async (begin, first = false) => {
    setError('');
    try {
      const started = await begin();
      if (first) setSource(started.job_id);
      setCurrent(started.job_id);
    } catch (problem) { failed(problem); }
    setSent(null);
  };
  const send = async (/** @type {Promise<import('./packing.js').Picked[]>} */ chosen) => {
    setError('');
    const files = await chosen.catch(() => null);
    if (files === null) setError(t('exporters.unreadable'));
    else if (files.length > MOST) setError(t('exporters.tooMany', { n: MOST }));
    else if (files.length) {
      stopSending.current = new AbortController();
      setSent(0);
      void start(() => upload(ctx, packed(files), how, stopSending.current.signal, setSent), true);
    }
  };
  const look = (/** @type {string} */ path) => start(() => ctx.fetchJson('/api/import', { method: 'POST', body: { ...body(how), path, preview: true } }), true);
  const again = (/** @type {typeof how} */ next) => { setHow(next); if (source) void start(() => ctx.fetchJson('/api/import', { method: 'POST', body: { ...body(next), job: source, preview: true } })); };
  const bring = () => start(() => ctx.fetchJson('/api/import', { method: 'POST', body: { ...body(how), job: source, preview: false } }));

  const working = sent !== null || (job !== null && (job.state === 'waiting' || job.state === 'running')) || (current !== '' && job === null && !error);
  const over = job !== null && !working ? job : null;
  const result = over?.state === 'done' ? over.result : null;
  const said = error || (over?.state === 'failed' ? over.error : over?.state === 'cancelled' ? t('exporters.stopped') : '');
  return html`${current && !working && html`<div class="page-head"><button class="button" onClick=${anew}>${t(result && !result.preview ? 'exporters.more' : 'exporters.other')}</button></div>`}
    ${said && html`<div class="notice bad" role="alert">${said}</div>`}
    ${working && html`<${Working} ctx=${ctx} job=${job} sent=${sent} onStop=${() => { stopSending.current.abort(); if (current) anew(); }} />`}
    ${!current && sent === null && html`<${Choose} ctx=${ctx} onFiles=${send} onPath=${look} />`}
    ${!working && (!result || result.preview) && html`<${How} ctx=${ctx} how=${how} importer=${result?.importer ?? ''} onHow=${again} />`}
    ${result && html`<${Outcomes} ctx=${ctx} result=${result} onBring=${bring} />`}`;
}

/** @param {{ctx: Context, job: import('./server.js').Job | null, sent: number | null, onStop: () => void}} props */
function Working({ ctx, job, sent, onStop }) {
  const { done = 0, total = null, said = '' } = job?.progress ?? {};
  const share = sent ?? (total ? Math.min(1, done / total) : null);
  return html`<section class="card importing-work" aria-live="polite">
    <div class="row-line"><b class="cut">${sent === null ? job?.title ?? '' : ctx.t('exporters.sending')}</b><span class="muted cut">${said}</span><span class="sp"></span>
      <button class="button" onClick=${onStop}>${ctx.t('exporters.stop')}</button></div>
    <progress value=${share ?? undefined} max="1" aria-label=${sent === null ? job?.title ?? '' : ctx.t('exporters.sending')}></progress></section>`;
}
