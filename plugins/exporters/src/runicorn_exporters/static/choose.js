// @ts-check
/** What is to be brought in: files or a folder from here, or something on the machine that the viewer runs on. */
import { useEffect, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { formatBytes } from './outcomes.js';
import { dropped, picked } from './packing.js';

/** @typedef {import('runicorn').Context} Context */
/** @typedef {{allowed: string[], path: string, parent: string | null, entries: {name: string, path: string, folder: boolean, bytes: number | null}[], more: number}} Folder */

const ALLOW = '[exporters]\nimport_folders = ["~/mlruns", "/data/tensorboard"]';

/** @param {{ctx: Context, onFiles: (files: Promise<import('./packing.js').Picked[]>) => void, onPath: (path: string) => void}} props */
export function Choose({ ctx, onFiles, onPath }) {
  const { t } = ctx;
  const [over, setOver] = useState(false);
  const drop = (/** @type {DragEvent} */ event) => { event.preventDefault(); setOver(false); if (event.dataTransfer) onFiles(dropped(event.dataTransfer)); };
  const chosen = (/** @type {any} */ event) => { const files = picked(event.target.files); event.target.value = ''; onFiles(Promise.resolve(files)); };
  return html`<p class="soft importing-lead">${t('exporters.lead')}</p>
    <div class="importing-ways">
      <section class="card importing-way" aria-label=${t('exporters.fromHere')}><h2>${t('exporters.fromHere')}</h2><p class="soft">${t('exporters.fromHereText')}</p>
        <div class="importing-drop ${over ? 'over' : ''}" onDragOver=${(/** @type {DragEvent} */ event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
          <label><input type="file" class="sr" multiple onChange=${chosen} /><span class="button">${t('exporters.pick')}</span></label>
          <label><input type="file" class="sr" webkitdirectory onChange=${chosen} /><span class="button">${t('exporters.pickFolder')}</span></label>
          <span class="soft">${t('exporters.drop')}</span></div></section>
      <section class="card importing-way" aria-label=${t('exporters.fromThere')}><h2>${t('exporters.fromThere')}</h2><${There} ctx=${ctx} onPath=${onPath} /></section>
    </div>`;
}

/** @param {{ctx: Context, onPath: (path: string) => void}} props */
function There({ ctx, onPath }) {
  const { t } = ctx;
  const [folder, setFolder] = useState(/** @type {Folder | null} */ (null));
  const [path, setPath] = useState('');
  const open = (/** @type {string} */ at) => ctx.fetchJson(`/api/import/folders?${new URLSearchParams(at ? { path: at } : {})}`).then((/** @type {Folder} */ found) => { setFolder(found); if (at) setPath(at); }, (error) => { if (!ctx.signal.aborted) ctx.toast(error.message, { bad: true }); });
  useEffect(() => { void open(''); }, []);
  if (!folder) return null;
  if (!folder.allowed.length) return html`<p class="soft">${t('exporters.noFolders')}</p><div class="snippet"><pre tabindex="0">${ALLOW}</pre></div><p><a href="/plugins">${t('exporters.settings')}</a></p>`;
  const entries = folder.path ? folder.entries : folder.allowed.map((one) => ({ name: one, path: one, folder: true, bytes: null }));
  return html`<form class="row-line" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (path.trim()) onPath(path.trim()); }}>
      <input class="input mono" value=${path} placeholder=${folder.allowed[0]} aria-label=${t('exporters.path')} spellcheck=${false} autocomplete="off" onInput=${(/** @type {any} */ event) => setPath(event.target.value)} />
      <button class="button primary" disabled=${!path.trim()}>${t('exporters.look')}</button></form>
    <ul class="importing-folder" aria-label=${folder.path || t('exporters.allowed')}>
      ${folder.path && html`<li><button class="importing-entry" onClick=${() => open(folder.parent ?? '')}><span><span aria-hidden="true">↑</span> ${t('exporters.up')}</span></button></li>`}
      ${entries.map((one) => html`<li key=${one.path}><button class="importing-entry" onClick=${() => (one.folder ? open(one.path) : setPath(one.path))} aria-current=${one.path === path ? 'true' : undefined}>
        <span class="cut">${one.name}${one.folder ? '/' : ''}</span><span class="muted num">${one.bytes === null ? '' : formatBytes(one.bytes)}</span></button></li>`)}
      ${folder.path && !entries.length && html`<li class="soft importing-none">${t('exporters.emptyFolder')}</li>`}
      ${folder.more > 0 && html`<li class="soft importing-none">${t('exporters.moreEntries', { n: folder.more })}</li>`}</ul>`;
}
