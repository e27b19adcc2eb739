/** A choice of one run of a project: the pinned ones first, then the newest. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatAge } from '../charts/format.js';
import { experiments, titleOf } from '../state/experiments.js';
import { orderRuns } from '../state/order.js';

/** A list of more would be searched, not read. */
const MOST = 200;

/** @param {{label: string, project: string, except: string[], value: string, none: string, onChoose: (id: string) => void}} props */
export function RunPicker({ label, project, except, value, none, onChoose }) {
  const rows = orderRuns((experiments.value ?? []).filter((row) => row.project === project && !except.includes(row.id) && (!row.archived || row.id === value)), 'created');
  const chosen = rows.find((row) => row.id === value);
  const listed = chosen && rows.indexOf(chosen) >= MOST ? [chosen, ...rows.slice(0, MOST)] : rows.slice(0, MOST);
  return html`<label class=${value ? 'chip on' : 'chip'}>${label} <select value=${value} onChange=${(/** @type {any} */ e) => onChoose(e.target.value)}>
    <option value="">${none}</option>
    ${value && !chosen && html`<option value=${value}>${value}</option>`}
    ${listed.map((row) => html`<option key=${row.path} value=${row.id}>${row.pinned ? '★ ' : ''}${titleOf(row)}${' '}(${t(`status.${row.status}`)}, ${formatAge(row.created_at)})</option>`)}</select></label>`;
}
