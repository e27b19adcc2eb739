/** A table of keys by runs (or runs by keys) against the first run: what differs is marked, numbers are shaded by size. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { formatExact, formatParam } from '../../charts/format.js';
import { shadeOf } from '../../state/compare.js';
import { RunHead } from './run-head.js';

/** @typedef {import('../../types').RunDetail} RunDetail @typedef {import('../../state/compare.js').Row} Row */

/**
 * @param {{title: string, runs: RunDetail[], rows: Row[], flipped?: boolean, remove?: ((path: string) => void) | null, cell?: (value: unknown, base: unknown, key: string, isBase: boolean) => any, shaded?: boolean, marked?: boolean}} props
 */
export function DiffTable({ title, runs, rows, flipped = false, remove = null, cell = plain, shaded = true, marked = true }) {
  const look = (/** @type {Row} */ row, /** @type {number} */ i) => {
    const value = row.cells[i];
    const other = marked && i > 0 && formatExact(value) !== formatExact(row.cells[0]);
    const shade = shaded ? shadeOf(value, row.cells) : null;
    return html`<td key=${`${row.key} ${runs[i].path}`} class=${`num${other ? ' other' : ''}`} title=${value === undefined ? '' : formatExact(value)} style=${shade === null ? undefined : { background: `color-mix(in oklab, var(--accent) ${Math.round(4 + shade * 22)}%, transparent)` }}>
      ${cell(value, row.cells[0], row.key, i === 0)}${other && html`<span class="other-mark" aria-label=${t('compare.differs')}> ≠</span>`}</td>`;
  };
  if (flipped) {
    return html`<div class="table-scroll compare-table" tabindex="0" role="region" aria-label=${title}><table class="table"><thead><tr><th scope="col">${t('compare.run')}</th>${rows.map((row) => html`<th key=${row.key} scope="col" class="num">${row.key}</th>`)}</tr></thead>
      <tbody>${runs.map((run, i) => html`<tr key=${run.path}><th scope="row"><${RunHead} run=${run} base=${i === 0} remove=${remove} /></th>${rows.map((row) => look(row, i))}</tr>`)}</tbody></table></div>`;
  }
  return html`<div class="table-scroll compare-table" tabindex="0" role="region" aria-label=${title}><table class="table"><thead><tr><th scope="col">${title}</th>${runs.map((run, i) => html`<th key=${run.path} scope="col" class="num"><${RunHead} run=${run} base=${i === 0} remove=${remove} /></th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.key}><th scope="row" class="break">${row.key}</th>${runs.map((_, i) => look(row, i))}</tr>`)}</tbody></table></div>`;
}

/** @param {unknown} value */
const plain = (value) => (value === undefined ? html`<span class="muted">–</span>` : formatParam(value));
