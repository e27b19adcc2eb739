// @ts-check
/** What is different between two versions of an artifact. */
import { useState } from 'preact/hooks';
import { formatValue, html } from 'runicorn';
import { Failure, address, formatBytes, useFetched } from './shared.js';

/** @type {Record<string, [string, string]>} */
const LOOKS = { added: ['+', 'ok'], removed: ['−', 'err'], changed: ['~', 'warn'], reshaped: ['~', 'warn'] };

/** @param {unknown} value */
const shown = (value) => (typeof value === 'number' ? formatValue(value) : JSON.stringify(value));

/** @param {{ctx: import('runicorn').Context, version: import('./shared.js').Version, versions: import('./shared.js').Version[]}} props */
export function Compare({ ctx, version, versions }) {
  const { t } = ctx;
  const others = versions.filter((each) => each.version !== version.version);
  const before = others.findLast((each) => each.version < version.version) ?? others[0];
  const [chosen, setChosen] = useState(/** @type {number | null} */ (null));
  const other = others.find((each) => each.version === chosen) ?? before;
  const { data, error, again } = useFetched(ctx, other ? address(version, other.version, `/diff?other=${version.version}`) : null);
  if (!other) return html`<p class="soft">${t('artifacts.onlyOne')}</p>`;
  const change = (/** @type {string} */ kind) => html`<span class=${LOOKS[kind][1]}><span aria-hidden="true">${LOOKS[kind][0]}</span> ${t(`artifacts.change.${kind}`)}</span>`;
  return html`<label class="chip">${t('artifacts.with')} <select value=${other.version} onChange=${(/** @type {any} */ event) => setChosen(Number(event.target.value))}>
      ${others.toReversed().map((each) => html`<option key=${each.version} value=${each.version}>v${each.version}</option>`)}</select></label>
    ${error && html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`}
    ${data && html`<div class="card table-scroll artifacts-compare"><table class="table"><tbody>
      ${data.files.map((/** @type {any} */ file) => html`<tr key=${file.path}><td>${change(file.change)}</td><th scope="row" class="mono">${file.path}</th><td class="num">${[file.old_size, file.new_size].filter((size) => size !== null).map(formatBytes).join(' → ')}</td></tr>
        ${file.tensors.map((/** @type {any} */ tensor) => html`<tr key=${tensor.name} class="artifacts-tensor"><td>${change(tensor.change)}</td><td class="mono">${tensor.name}</td><td class="mono num">${tensor.old === tensor.new ? tensor.old : [tensor.old, tensor.new].filter(Boolean).join(' → ')}</td></tr>`)}`)}
      ${data.references.map((/** @type {any} */ each) => html`<tr key=${each.uri}><td>${change(each.change)}</td><th scope="row" class="mono">${each.uri}</th><td></td></tr>`)}
      ${Object.entries(data.metadata).map(([key, value]) => html`<tr key=${key}><td class="soft">${t('artifacts.metadata')}</td><th scope="row" class="mono">${key}</th><td class="mono num">${shown(/** @type {any} */ (value).old)} → ${shown(/** @type {any} */ (value).new)}</td></tr>`)}
      <tr><td colspan="3" class="soft">${t('artifacts.same', { n: data.unchanged })}</td></tr></tbody></table></div>`}`;
}
