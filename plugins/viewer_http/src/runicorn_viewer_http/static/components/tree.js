/** Nested values, folding at every level. */
import { html } from '../html.js';
import { formatExact } from '../charts/format.js';

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isBranch = (value) => value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0;

/** @param {{value: Record<string, unknown>}} props */
export const Tree = ({ value }) => html`<ul class="tree">${Object.entries(value).map(([key, inner]) => (isBranch(inner)
  ? html`<li key=${key}><details open><summary>${key}</summary><${Tree} value=${inner} /></details></li>`
  : html`<li key=${key} class="leaf"><span class="leaf-key">${key}</span><span class=${`leaf-value mono ${typeof inner}`}>${formatExact(inner)}</span></li>`))}</ul>`;

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
