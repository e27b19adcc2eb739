// @ts-check
/** What the page asks of the viewer: uploads with their progress, jobs until they are over. */

/** @typedef {import('runicorn').Context} Context */
/** @typedef {{source: string, run: string, became: string, reason: string, points: number, lines: number, media: number, artifacts: number, bytes: number, left_out: Record<string, number>, part: string, told: string[]}} Outcome */
/** @typedef {{preview: boolean, importer: string, title: string, runs: number, outcomes: Outcome[]}} Result */
/** @typedef {{job_id: string, title: string, state: string, error: string | null, progress: {done: number, total: number | null, unit: string, said: string}, result: Result | null}} Job */
/** @typedef {{from: string, options: Record<string, any>, project: string, conflict: string}} How */

const ASK_MS = 300;

/** @param {How} how */
export const body = (how) => ({
  ...(how.from && { from: how.from }), ...(how.project.trim() && { project: how.project.trim() }),
  options: how.options, on_conflict: how.conflict, wait_s: 0,
});

/**
 * Send a file and have it looked into. @param {Context} ctx @param {{name: string, body: Blob}} file @param {How} how @param {AbortSignal} stop
 * @param {(share: number) => void} told @returns {Promise<Job>}
 */
export function upload(ctx, file, how, stop, told) {
  const query = new URLSearchParams({ name: storable(file.name), preview: 'true', wait_s: '0', on_conflict: how.conflict });
  if (how.from) query.set('from', how.from);
  if (how.project.trim()) query.set('project', how.project.trim());
  for (const [name, value] of Object.entries(how.options)) query.append('option', `${name}=${value}`);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how much has been sent
    request.open('POST', `/api/import/upload?${query}`);
    request.upload.onprogress = (event) => told(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer) resolve(answer);
      else reject(new Error(answer?.detail ?? answer?.title ?? `HTTP ${request.status}`));
    };
    request.onerror = () => reject(new Error(ctx.t('exporters.cutOff')));
    request.onabort = () => reject(new DOMException('', 'AbortError'));
    for (const signal of [ctx.signal, stop]) signal.addEventListener('abort', () => request.abort());
    request.send(file.body);
  });
}

/** A name that can be one on every system; the ending stays. @param {string} name */
function storable(name) {
  const plain = name.replace(/[<>:"/\\|?*\u0000-\u001f\u007f]/g, '_').replace(/^[. ]+/, '').replace(/[. ]+$/, '') || 'file';
  const short = [...plain];
  while (new TextEncoder().encode(short.join('')).length > 100) short.splice(Math.max(0, short.length - 12), 1);
  return short.join('');
}

/** @param {string} text */
function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** Tell of a job until it is over. @param {Context} ctx @param {string} id @param {(job: Job) => void} told @param {() => boolean} wanted */
export async function follow(ctx, id, told, wanted) {
  for (;;) {
    const job = await ctx.fetchJson(`/api/jobs/${encodeURIComponent(id)}`);
    if (!wanted()) return;
    told(job);
    if (job.state !== 'waiting' && job.state !== 'running') return;
    await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
  }
}

/** Nothing of it remains; one that is gone already is as good. @param {Context} ctx @param {string} id */
export const forget = (ctx, id) => ctx.fetchJson(`/api/jobs/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(() => {});
