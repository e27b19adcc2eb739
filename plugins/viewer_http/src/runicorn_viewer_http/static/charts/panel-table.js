/** The twin of a chart for those who read: what is drawn, as a table. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { Dialog } from '../components/dialog.js';
import { attempt } from '../components/feedback.js';
import { xAxis } from '../state/workspace.js';
import { csvOf, download } from './export.js';
import { formatCount, formatValue, formatX } from './format.js';

const MOST_ROWS = 500;

/** @param {{title: string, lines: import('../types').Line[], runs: import('./lines.js').PanelRun[], keys: string[], onClose: () => void}} props */
export function PanelTable({ title, lines, runs, keys, onClose }) {
  const shown = lines.filter((line) => !line.faint);
  const { places, rows } = rowsOf(shown);
  const every = Math.max(1, Math.ceil(places.length / MOST_ROWS));
  const x = xAxis.value;
  const kept = places.map((_, i) => i).filter((i) => i % every === 0 || i === places.length - 1);
  return html`<${Dialog} title=${title} wide=${true} onClose=${onClose}>
    <div class="row-line"><span class="soft">${t(every > 1 ? 'table.some' : 'table.all', { n: formatCount(kept.length), total: formatCount(places.length) })}</span><span class="sp"></span>
      <button class="button" onClick=${() => attempt(async () => download(await csvOf(runs, keys), `${title}.csv`))}>${t('panel.csv')}</button></div>
    <div class="table-scroll table-tall" tabindex="0" role="region" aria-label=${title}><table class="table"><thead><tr><th scope="col">${['step', 'relative', 'wall'].includes(x) ? t(`x.${x}`) : x}</th>
      ${shown.map((line) => html`<th key=${line.key} scope="col" class="num"><span class="dot" style=${{ background: line.color }}></span> ${line.name}</th>`)}</tr></thead>
    <tbody>${kept.map((i) => html`<tr key=${i}><th scope="row" class="num">${formatX(places[i], x)}</th>${rows.map((values) => html`<td class="num">${values[i] === undefined ? '' : formatValue(values[i])}</td>`)}</tr>`)}</tbody></table></div>
  </${Dialog}>`;
}

/** @param {import('../types').Line[]} lines */
function rowsOf(lines) {
  const places = [...new Set(lines.flatMap((line) => [...line.series.at]))].sort((a, b) => a - b);
  const index = new Map(places.map((place, i) => [place, i]));
  const rows = lines.map((line) => {
    /** @type {(number | undefined)[]} */
    const values = new Array(places.length);
    line.series.at.forEach((at, i) => { values[index.get(at) ?? 0] = line.series.last[i]; });
    return values;
  });
  return { places, rows };
}
