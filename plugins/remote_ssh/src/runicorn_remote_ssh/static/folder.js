// @ts-check
/** Folders of the machine, over SFTP. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { usePolled } from './api.js';
import { problem } from './words.js';

/** @param {{ctx: import('runicorn').Context, id: string, start: string, onPick: (path: string) => void}} props */
export function Folder({ ctx, id, start, onPick }) {
  const { t } = ctx;
  const [path, setPath] = useState(start);
  const { data, error } = usePolled(ctx, '/fs/list', 600000, { connection_id: id, path });
  const here = data?.path ?? path;
  /** @type {{name: string}[]} */
  const all = (data?.entries ?? []).filter((/** @type {any} */ each) => each.kind === 'folder');
  const folders = [...all.filter((each) => !each.name.startsWith('.')), ...all.filter((each) => each.name.startsWith('.'))];
  const parts = here.split('/').filter(Boolean);
  const at = (/** @type {number} */ depth) => (here.startsWith('/') ? '/' : '') + parts.slice(0, depth).join('/');
  return html`<div class="remote-folder wide" role="group" aria-label=${t('remote.folder')}>
    <nav class="remote-crumbs" aria-label=${t('remote.folder')}><button type="button" class="ghost" onClick=${() => setPath('~')}>~</button><button type="button" class="ghost" onClick=${() => setPath('/')}>/</button>
      ${parts.map((/** @type {string} */ part, /** @type {number} */ index) => html`<button type="button" key=${index} class="ghost mono" onClick=${() => setPath(at(index + 1))}>${part}</button><span class="muted" aria-hidden="true">/</span>`)}
      <span class="sp"></span>${data?.is_root && html`<span class="ok">${t('remote.isRoot')}</span>`}
      <button type="button" class="button primary" onClick=${() => onPick(here)}>${t('remote.pick')}</button></nav>
    ${error && !data ? html`<p class="err" role="alert">${problem(ctx, error)}</p>` : html`<ul>${folders.map((each) => html`<li key=${each.name}><button type="button" class="remote-row mono" onClick=${() => setPath(`${here.replace(/\/$/, '')}/${each.name}`)}>${each.name}</button></li>`)}
      ${data && !folders.length && html`<li class="soft remote-none">${t('remote.noFolders')}</li>`}</ul>`}</div>`;
}
