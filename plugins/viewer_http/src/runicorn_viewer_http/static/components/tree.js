/** Nested values, folding at every level. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatExact } from '../charts/format.js';

/** @typedef {Map<string, import('../state/params-diff.js').Difference>} Differences */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isBranch = (value) => value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0;

/** @param {{value: Record<string, unknown>, differing?: Differences, prefix?: string}} props `differing`: what to mark, by the keys of `flatten` */
export const Tree = ({ value, differing, prefix = '' }) => html`<ul class="tree">${Object.entries(value).map(([key, inner]) => {
  const path = prefix ? `${prefix}/${key}` : key;
  if (isBranch(inner)) return html`<li key=${key}><details open><summary>${key}</summary><${Tree} value=${inner} differing=${differing} prefix=${path} /></details></li>`;
  const other = differing?.get(path);
  return html`<li key=${key} class=${other ? `leaf differs ${other.kind}` : 'leaf'} data-key=${path}><span class="leaf-key">${key}</span>
    <span class="leaf-value"><span class=${`mono ${typeof inner}`}>${other?.kind === 'removed' ? html`<span class="muted">${t('params.absent')}</span>` : formatExact(inner)}</span>${other && html` <${Base} other=${other} />`}</span></li>`;
})}</ul>`;

/** @param {{other: import('../state/params-diff.js').Difference}} props */
const Base = ({ other }) => html`<span class="leaf-base nowrap">≠ ${other.kind === 'added' ? t('params.baseAbsent') : html`${t('params.base')} <span class="mono">${formatExact(other.base)}</span>`}</span>`;

/** @param {unknown} value @returns {number} */
export const countLeaves = (value) => (isBranch(value) ? Object.values(value).reduce((/** @type {number} */ n, inner) => n + (isBranch(inner) ? countLeaves(inner) : 1), 0) : 0);

/** Only what has the text in its key or value; a matching branch stays whole. @param {Record<string, unknown>} value @param {string} search @returns {Record<string, unknown>} */
export function prune(value, search) {
  /** @type {Record<string, unknown>} */
  const out = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key.toLowerCase().includes(search)) out[key] = inner;
    else if (isBranch(inner)) {
      const kept = prune(inner, search);
      if (Object.keys(kept).length > 0) out[key] = kept;
    } else if (formatExact(inner).toLowerCase().includes(search)) out[key] = inner;
  }
  return out;
}
