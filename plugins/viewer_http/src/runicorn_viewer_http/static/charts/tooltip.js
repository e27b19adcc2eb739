/** The one tooltip of the page: runs at the cursor, sorted by value, the nearest one marked. */
import { t } from '../i18n/index.js';
import { formatValue, formatX } from './format.js';

const MOST = 12;
/** @type {HTMLElement | null} */
let box = null;

/** @param {import('./line.js').Hover | null} hover @param {import('../types').XAxis} x @param {(value: number) => string} [format] of values, where they have a unit */
export function showTooltip(hover, x, format = formatValue) {
  if (!hover || (hover.rows.length === 0 && hover.alerts.length === 0)) {
    box?.remove();
    box = null;
    return;
  }
  if (!box) {
    box = document.createElement('div');
    box.className = 'tooltip';
    // a modal chart covers the rest of the page, its tooltip has to be inside
    (document.querySelector('dialog.focus') ?? document.body).append(box);
  }
  const at = Math.max(0, hover.rows.findIndex((row) => row.line.id === hover.nearest));
  const start = Math.max(0, Math.min(at - MOST / 2, hover.rows.length - MOST));
  const shown = hover.rows.slice(start, start + MOST);
  const near = hover.rows.at(at);
  box.replaceChildren(
    element('div', 'tooltip-head', formatX(near ? near.line.series.at[near.index] : hover.x, x)),
    ...(near?.line.smooth ? [columns()] : []),
    ...shown.map((row) => rowOf(row, row.line.id === hover.nearest, format)),
  );
  const hidden = hover.rows.length - shown.length;
  if (hidden > 0) box.append(element('div', 'tooltip-more', `+${hidden}`));
  for (const alert of hover.alerts.slice(0, 4)) {
    const line = element('div', 'tooltip-alert', `▲ ${alert.name}: ${alert.title}${alert.text ? ` · ${alert.text.slice(0, 200)}` : ''}`);
    line.style.color = alert.color;
    box.append(line);
  }
  const { width, height } = box.getBoundingClientRect();
  const right = hover.left + 16 + width < innerWidth - 8;
  box.style.left = `${right ? hover.left + 16 : Math.max(8, hover.left - 16 - width)}px`;
  box.style.top = `${Math.max(8, Math.min(hover.top - height / 2, innerHeight - height - 8))}px`;
}

/** @param {import('./line.js').Hover['rows'][number]} row @param {boolean} near @param {(value: number) => string} format */
function rowOf({ line, index, value }, near, format) {
  const row = element('div', near ? 'tooltip-row near' : 'tooltip-row');
  const dot = element('span', 'dot');
  dot.style.background = line.color;
  row.append(dot, element('span', 'cut', line.name), element('span', 'tooltip-value', format(value)));
  row.append(element('span', 'tooltip-raw', line.band ? `${format(line.band.low[index])} … ${format(line.band.high[index])}` : line.smooth ? format(line.series.last[index]) : ''));
  return row;
}

/** What the two numbers of a row are. */
function columns() {
  const row = element('div', 'tooltip-columns');
  row.append(element('span', '', t('tooltip.smoothed')), element('span', '', t('tooltip.logged')));
  return row;
}

/** @param {string} tag @param {string} name @param {string} [text] */
function element(tag, name, text) {
  const el = document.createElement(tag);
  el.className = name;
  if (text !== undefined) el.textContent = text;
  return el;
}
