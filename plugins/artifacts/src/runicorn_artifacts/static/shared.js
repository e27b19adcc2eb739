// @ts-check
/** What several parts of this plugin need: addresses, sizes, loading. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { formatAgo, formatTime, html, runHref } from 'runicorn';

/** @typedef {import('runicorn').Context} Context */
/**
 * @typedef {{name: string, type: string, version: number, created_at: number, digest: string, size: number, files: number,
 *   references: number, run: {id: string, project: string, name: string} | null, parents: {type: string, name: string, version: number}[],
 *   user: string, description: string, metadata: Record<string, any>, tags: string[], aliases: string[], stage: string | null,
 *   deleted_at: number | null, format: string}} Version
 */
/** @typedef {{name: string, type: string, versions: number, aliases: Record<string, number>, latest: Version}} Artifact */

export const STAGES = ['experimental', 'staging', 'production', 'archived'];

/** @param {{name: string, type: string}} artifact @param {number} [version] @param {string} [rest] */
export function address(artifact, version, rest = '') {
  const at = `/api/artifacts/${encodeURIComponent(artifact.name)}${version === undefined ? '' : `/v${version}`}${rest}`;
  return `${at}${at.includes('?') ? '&' : '?'}type=${encodeURIComponent(artifact.type)}`;
}

/** A text of the address as state. @param {Context} ctx @param {string} key @returns {[string, (value: string) => void]} */
export function useAddress(ctx, key) {
  const [state] = useState(() => ctx.urlState(key));
  const [value, setValue] = useState(state.peek());
  useEffect(() => state.subscribe(setValue), []);
  return [value, (next) => { state.value = next; }];
}

/** @typedef {{id: string, project: string, name: string}} Run */

const MADE_ID = /^\d{8}_\d{6}_([0-9a-f]{6})$/;
/** What people call a run: the id that they chose, else its experiment. @param {Run} run */
export const runName = (run) => (MADE_ID.test(run.id) && run.name && run.name !== 'default' ? run.name : run.id);
/** Tells runs of one experiment apart. @param {Run} run */
export const runMark = (run) => (runName(run) === run.id ? '' : MADE_ID.exec(run.id)?.[1] ?? '');

/** @param {{run: Run}} props */
export const RunLink = ({ run }) => html`<a class="artifacts-run-name" href=${runHref(run)} title=${run.id}>${runName(run)}</a>${runMark(run) && html` <span class="muted mono">${runMark(run)}</span>`}`;

/** Powers of ten, as disks are sold. @param {number | null} bytes */
export function formatBytes(bytes) {
  if (bytes === null) return '';
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB', 'TB']) {
    if (value < 999.5 || unit === 'TB') return `${unit === 'B' || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return '';
}

/**
 * Something of the viewer's, read again by `again()`, when something has happened to artifacts, whoever did it, and when
 * somebody comes back to the window. What was read stays while it is read anew.
 * @param {Context} ctx @param {string | null} path null: nothing is wanted
 */
export function useFetched(ctx, path) {
  const [state, setState] = useState(/** @type {{path: string | null, data: any, error: any}} */ ({ path: null, data: null, error: null }));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    let wanted = true;
    ctx.fetchJson(path).then(
      (data) => { if (wanted) setState({ path, data, error: null }); },
      (error) => { if (wanted && !ctx.signal.aborted) setState((old) => ({ path, data: old.path === path ? old.data : null, error })); },
    );
    return () => { wanted = false; };
  }, [path, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    window.addEventListener('focus', again);
    const stop = ctx.subscribe('topic:artifacts', again);
    return () => { window.removeEventListener('focus', again); stop(); };
  }, []);
  return { data: state.path === path ? state.data : null, error: state.path === path ? state.error : null, again };
}

/** @param {{ctx: Context, error: any, retry: () => void}} props */
export const Failure = ({ ctx, error, retry }) => html`<div class="notice bad" role="alert"><strong>${ctx.t('artifacts.failed')}</strong>
  <div class="soft">${error.message} ${error.code && html`<code class="muted">${error.code}</code>`}</div>
  <div class="row"><button class="button" onClick=${retry}>${ctx.t('artifacts.retry')}</button></div></div>`;

/** @param {{at: number | null}} props */
export const Ago = ({ at }) => (at ? html`<time title=${formatTime(at)}>${formatAgo(at)}</time>` : null);

/** @param {Context} ctx @param {() => Promise<any>} act @returns {Promise<boolean>} */
export async function attempt(ctx, act) {
  try {
    await act();
    return true;
  } catch (error) {
    ctx.toast(error instanceof Error ? error.message : String(error), { bad: true });
    return false;
  }
}
