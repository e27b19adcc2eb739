// @ts-check
/** What a version holds. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { Failure, address, formatBytes, useFetched } from './shared.js';

const FIRST = 200;

/** @param {{ctx: import('runicorn').Context, version: import('./shared.js').Version}} props */
export function Files({ ctx, version }) {
  const { t } = ctx;
  const [all, setAll] = useState(false);
  const { data, error, again } = useFetched(ctx, address(version, version.version, '/files'));
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`;
  if (!data) return null;
  const files = all ? data.files : data.files.slice(0, FIRST);
  const href = (/** @type {string} */ path) => address(version, version.version, `/files/${path.split('/').map(encodeURIComponent).join('/')}`);
  return html`<div class="card table-scroll"><table class="table"><thead><tr><th scope="col">${t('artifacts.file')}</th><th scope="col" class="num">${t('artifacts.size')}</th><th scope="col">SHA-256</th><td></td></tr></thead>
    <tbody>${files.map((/** @type {any} */ file) => html`<tr key=${file.path}><th scope="row" class="mono">${file.path}</th><td class="num">${formatBytes(file.size)}</td>
        <td class="mono muted" title=${file.digest}>${file.digest.replace('sha256:', '').slice(0, 12)}</td><td class="num"><a href=${href(file.path)} download=${file.path.split('/').pop()}>${t('artifacts.download')}</a></td></tr>`)}
      ${data.references.map((/** @type {any} */ reference) => html`<tr key=${reference.uri}><th scope="row" class="mono">${reference.uri}</th><td class="num">${formatBytes(reference.size)}</td><td class="mono muted">${reference.checksum ?? ''}</td><td></td></tr>`)}</tbody></table>
    ${files.length < data.files.length && html`<p class="artifacts-more"><button class="button" onClick=${() => setAll(true)}>${t('artifacts.files', { n: data.files.length })} …</button></p>`}</div>`;
}
