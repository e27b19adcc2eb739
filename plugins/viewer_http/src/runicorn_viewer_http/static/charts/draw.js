/** Paints lines on uPlot's canvas: every bucket as first, min, max, last, so that no spike is lost. */

/** @typedef {import('../types').Line} Line */
/** @typedef {{x: (v: number) => number, y: (v: number) => number, top: number, left: number, width: number, height: number}} Scale */

/** Value to canvas pixel, without uPlot's call per point. @param {import('uplot')} u @param {boolean} log @returns {Scale} */
export function scaleOf(u, log) {
  const { left, top, width, height } = u.bbox;
  const { min: x0 = 0, max: x1 = 1 } = /** @type {{min?: number, max?: number}} */ (u.scales.x);
  const { min: y0 = 0, max: y1 = 1 } = /** @type {{min?: number, max?: number}} */ (u.scales.y);
  const kx = width / (x1 - x0 || 1);
  const lo = log ? Math.log10(y0) : y0;
  const hi = log ? Math.log10(y1) : y1;
  const ky = height / (hi - lo || 1);
  const bottom = top + height;
  return {
    left, top, width, height,
    x: (v) => left + (v - x0) * kx,
    y: log ? (v) => (v > 0 ? bottom - (Math.log10(v) - lo) * ky : NaN) : (v) => bottom - (v - lo) * ky,
  };
}

/** @param {CanvasRenderingContext2D} ctx @param {Scale} scale @param {Line} line */
export function strokeRaw(ctx, scale, line) {
  const { x, first, min, max, last } = line.series;
  ctx.beginPath();
  let pen = false;
  for (let i = 0; i < x.length; i += 1) {
    const px = scale.x(x[i]);
    const values = min[i] === max[i] ? [last[i]] : [first[i], min[i], max[i], last[i]];
    for (const value of values) {
      const py = scale.y(value);
      if (Number.isNaN(py)) { pen = false; continue; }
      if (pen) ctx.lineTo(px, py);
      else ctx.moveTo(px, py);
      pen = true;
    }
  }
  ctx.stroke();
  loneDots(ctx, scale, x, last);
}

/** @param {CanvasRenderingContext2D} ctx @param {Scale} scale @param {Line} line */
export function strokeSmooth(ctx, scale, line) {
  const values = line.smooth;
  if (!values) return;
  const x = line.series.x;
  ctx.beginPath();
  let pen = false;
  for (let i = 0; i < x.length; i += 1) {
    const py = scale.y(values[i]);
    if (Number.isNaN(py)) { pen = false; continue; }
    if (pen) ctx.lineTo(scale.x(x[i]), py);
    else ctx.moveTo(scale.x(x[i]), py);
    pen = true;
  }
  ctx.stroke();
  loneDots(ctx, scale, x, values);
}

/** A value between two gaps has no line: a dot shows it. @param {CanvasRenderingContext2D} ctx @param {Scale} scale @param {Float64Array} x @param {Float64Array} values */
function loneDots(ctx, scale, x, values) {
  for (let i = 0; i < x.length; i += 1) {
    if (Number.isNaN(values[i]) || !Number.isNaN(values[i - 1] ?? NaN) || !Number.isNaN(values[i + 1] ?? NaN)) continue;
    const y = scale.y(values[i]);
    if (!Number.isNaN(y)) dot(ctx, scale.x(x[i]), y, 2.5 * devicePixelRatio);
  }
}

/** Where a run logged NaN (cross) or infinity (triangle): at the top edge. @param {CanvasRenderingContext2D} ctx @param {Scale} scale @param {Line} line */
export function markBad(ctx, scale, line) {
  const r = 3 * devicePixelRatio;
  const y = scale.top + r + devicePixelRatio;
  let before = -Infinity;
  for (const { x, kind } of line.series.bad) {
    const px = scale.x(x);
    if (px - before < r * 2.5) continue;
    before = px;
    ctx.beginPath();
    if (kind === 'nan') {
      ctx.moveTo(px - r, y - r); ctx.lineTo(px + r, y + r);
      ctx.moveTo(px + r, y - r); ctx.lineTo(px - r, y + r);
      ctx.stroke();
    } else {
      ctx.moveTo(px, y - r); ctx.lineTo(px + r, y + r); ctx.lineTo(px - r, y + r);
      ctx.closePath();
      ctx.fill();
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r */
export function dot(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fill();
}

/**
 * All lines of a panel: raw ones first and faint when there are smoothed ones, the highlighted run last.
 * @param {import('uplot')} u @param {Line[]} lines @param {{highlight: string | null, log: boolean}} options
 */
export function drawLines(u, lines, { highlight, log }) {
  const ctx = u.ctx;
  const scale = scaleOf(u, log);
  const known = highlight !== null && lines.some((line) => line.id === highlight);
  const order = known ? [...lines.filter((l) => l.id !== highlight), ...lines.filter((l) => l.id === highlight)] : lines;
  const many = lines.length > 12;
  // faint raw lines of many runs add up to a wall; what each adds shrinks with their number
  const whisper = Math.max(0.05, 0.16 * Math.min(1, 5 / lines.length));
  ctx.save();
  ctx.beginPath();
  ctx.rect(scale.left, scale.top, scale.width, scale.height);
  ctx.clip();
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  for (const pass of ['raw', 'smooth']) {
    for (const line of order) {
      const faint = pass === 'raw' && line.smooth !== null;
      const lit = !known || line.id === highlight;
      if (faint && !lit) continue;
      ctx.strokeStyle = line.color;
      ctx.fillStyle = line.color;
      ctx.globalAlpha = (faint ? (known && lit ? 0.3 : whisper) : 1) * (lit ? 1 : 0.32);
      ctx.lineWidth = (faint ? 1 : known && lit ? 2.4 : many ? 1.25 : 1.5) * devicePixelRatio;
      ctx.setLineDash(lit ? line.dash.map((d) => d * devicePixelRatio) : []);
      if (pass === 'raw') strokeRaw(ctx, scale, line);
      else strokeSmooth(ctx, scale, line);
    }
  }
  ctx.setLineDash([]);
  for (const line of order) {
    ctx.globalAlpha = !known || line.id === highlight ? 1 : 0.25;
    ctx.strokeStyle = line.color;
    ctx.fillStyle = line.color;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    markBad(ctx, scale, line);
  }
  ctx.restore();
}
