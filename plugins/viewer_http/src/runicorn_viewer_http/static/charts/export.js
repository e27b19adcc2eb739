/** A panel as a picture with title, axes and legend, and as a file of what was logged. */
import { apiUrl, ApiError, seg } from '../api.js';
import { cssColor } from '../state/prefs.js';
import { drawLines, scaleIn } from './draw.js';
import { drawAlerts } from './marks.js';
import { SvgPen } from './svg.js';

/** @typedef {ReturnType<ReturnType<typeof import('./line.js').createChart>['snapshot']>} Snapshot */

const [WIDTH, PLOT, MOST_NAMES] = [900, 420, 60];

/** @param {string} title @param {string} xTitle @param {Snapshot} picture @returns {{svg: string, width: number, height: number}} */
export function svgOf(title, xTitle, picture) {
  const shown = picture.lines.filter((line) => !line.faint);
  const names = shown.slice(0, MOST_NAMES);
  const columns = 3;
  const rows = Math.ceil((names.length + (shown.length > names.length ? 1 : 0)) / columns);
  const height = 44 + PLOT + 44 + rows * 18 + 8;
  const box = { left: 64, top: 40, width: WIDTH - 64 - 24, height: PLOT };
  const scale = scaleIn(box, [picture.range.from, picture.range.to], picture.y, picture);
  const [fg, soft, line, background] = ['--fg', '--fg-2', '--line', '--surface'].map(cssColor);
  const pen = new SvgPen();
  pen.text(title, 16, 24, { size: 15, weight: 600, color: fg });
  for (const { value, label } of picture.yTicks) {
    const y = scale.y(value);
    if (!(y >= box.top - 1 && y <= box.top + box.height + 1)) continue;
    pen.beginPath(); pen.moveTo(box.left, y); pen.lineTo(box.left + box.width, y);
    pen.strokeStyle = line; pen.lineWidth = 1; pen.stroke();
    pen.text(label, box.left - 8, y + 4, { anchor: 'end', color: soft });
  }
  for (const { value, label } of picture.xTicks) {
    const x = scale.x(value);
    if (x >= box.left - 1 && x <= box.left + box.width + 1) pen.text(label, x, box.top + box.height + 18, { anchor: 'middle', color: soft });
  }
  pen.text(xTitle, box.left + box.width, box.top + box.height + 34, { anchor: 'end', color: soft });
  drawLines(pen, scale, picture.lines, { ...picture, ratio: 1 });
  drawAlerts(pen, scale, picture.alerts, 1);
  pen.globalAlpha = 1;
  names.forEach((one, i) => {
    const x = 16 + (i % columns) * ((WIDTH - 32) / columns);
    const y = box.top + box.height + 56 + Math.floor(i / columns) * 18;
    pen.beginPath(); pen.moveTo(x, y - 4); pen.lineTo(x + 22, y - 4);
    pen.strokeStyle = one.color; pen.lineWidth = 2.5; pen.setLineDash(one.dash); pen.stroke(); pen.setLineDash([]);
    pen.text(one.name.length > 42 ? `${one.name.slice(0, 41)}…` : one.name, x + 28, y, { color: fg });
  });
  if (shown.length > names.length) pen.text(`+${shown.length - names.length}`, 16, height - 12, { color: soft });
  return { svg: pen.finish(WIDTH, height, background), width: WIDTH, height };
}

/** The same picture in pixels, two for one. @param {{svg: string, width: number, height: number}} picture @returns {Promise<Blob>} */
export async function pngOf({ svg, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * 2, height * 2];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => { canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'); });
}

/**
 * Every value that was logged, from the server: one table with a column `run` in front.
 * @param {{id: string, path: string, name: string}[]} runs @param {string[]} keys @returns {Promise<Blob>}
 */
export async function csvOf(runs, keys) {
  /** @type {string[]} */
  const parts = [];
  for (const run of runs) {
    const answer = await fetch(apiUrl(`metrics/${seg(run.id)}`, { keys, path: run.path }), { headers: { accept: 'text/csv' } });
    if (!answer.ok) throw new ApiError(answer.status, `http-${answer.status}`, await answer.text());
    const text = await answer.text();
    const head = text.indexOf('\r\n');
    if (parts.length === 0) parts.push(`run,${text.slice(0, head)}\r\n`);
    const name = /[",\r\n]/.test(run.id) ? `"${run.id.replaceAll('"', '""')}"` : run.id;
    const rows = text.slice(head + 2).split('\r\n');
    for (const row of rows) if (row && !emptyRow(row)) parts.push(`${name},${row}\r\n`);
  }
  return new Blob(parts, { type: 'text/csv' });
}

/** Records of other metrics have nothing behind step, time and stage. @param {string} row */
const emptyRow = (row) => /^[^,]*,[^,]*,[^,"]*,+$/.test(row);

/** Hand a file to the reader. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.\-]+/g, '-');
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
