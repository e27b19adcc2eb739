/**
 * Paints lines on a canvas, or on anything else that takes the same strokes (svg.js): every bucket as first, min, max,
 * last, so that no spike is lost.
 */
import { lowerBound } from './extent.js';
import { bestLine, drawBest, drawRules, markBad } from './marks.js';

/** @typedef {import('../types').Line} Line @typedef {import('../types').Values} Values */
/** @typedef {Pick<CanvasRenderingContext2D, 'save' | 'restore' | 'beginPath' | 'closePath' | 'moveTo' | 'lineTo' | 'rect' | 'arc' | 'clip' | 'stroke' | 'fill' | 'setLineDash' | 'strokeStyle' | 'fillStyle' | 'globalAlpha' | 'lineWidth' | 'lineJoin' | 'lineCap'>} Pen */
/** @typedef {{low: number, k: number}} Place where an axis begins, and pixels of one unit of it */
/** @typedef {{x: (v: number) => number, y: (v: number) => number, across: Place | null, up: Place | null, top: number, left: number, width: number, height: number, from: number, to: number}} Scale `across` and `up`: of axes that are linear */
/**
 * @typedef {object} Look
 * @property {string | null} highlight id of the line that stands out
 * @property {boolean} shade the space between least and greatest value of a bucket
 * @property {'min' | 'max' | null} best which point of each run is marked
 * @property {number[]} rules y values with a line across
 * @property {number} ratio device pixels of one pixel
 * @property {boolean} [hasty] it moves: what stands faintly behind the curves is left out, and columns are twice as wide
 */

/** Hues and dashes: more lines than these cannot be told apart by them. */
const MOST_DASHED = 24;
/** Lines that have a diamond each. */
const MOST_BEST = 24;

/** Value to pixel, without uPlot's call per point. @param {{left: number, top: number, width: number, height: number}} box @param {[number, number]} xs @param {[number, number]} ys @param {{logX: boolean, log: boolean}} options @returns {Scale} */
export function scaleIn({ left, top, width, height }, [x0, x1], [y0, y1], { logX, log }) {
  const place = (/** @type {number} */ a, /** @type {number} */ b, /** @type {boolean} */ logarithmic, /** @type {number} */ size) => {
    const low = logarithmic ? Math.log10(a) : a;
    return { low, k: size / ((logarithmic ? Math.log10(b) : b) - low || 1) };
  };
  const x = place(x0, x1, logX, width);
  const y = place(y0, y1, log, height);
  const bottom = top + height;
  return {
    left, top, width, height, from: x0, to: x1, across: logX ? null : x, up: log ? null : y,
    x: logX ? (v) => (v > 0 ? left + (Math.log10(v) - x.low) * x.k : NaN) : (v) => left + (v - x.low) * x.k,
    y: log ? (v) => (v > 0 ? bottom - (Math.log10(v) - y.low) * y.k : NaN) : (v) => bottom - (v - y.low) * y.k,
  };
}

/** The entries of ascending `x` that show between two places, with one more on both sides. @param {Float64Array} x @param {Scale} scale @returns {[number, number]} */
function window(x, { from, to }) {
  return [Math.max(0, lowerBound(x, from) - 1), Math.min(x.length, lowerBound(x, to) + 2)];
}

/**
 * Every value leaves its mark, but what falls into one column of pixels is drawn as its first, least, greatest and last:
 * the same picture from fewer strokes. `least` and `most` may be one array with `last`. `wide`: pixels of a column.
 * @param {Pen} pen @param {Scale} scale @param {Float64Array} x @param {Values} first @param {Values} least @param {Values} most @param {Values} last @param {number} ratio @param {number} wide
 */
function strokeColumns(pen, scale, x, first, least, most, last, ratio, wide) {
  const [start, end] = window(x, scale);
  const { across, up, left, top: ceiling, height } = scale;
  const [x0, kx, y0, ky, bottom] = [across?.low ?? 0, across?.k ?? 0, up?.low ?? 0, up?.k ?? 0, ceiling + height];
  const curve = least === last;
  let down = false;
  let column = NaN;
  let [begin, low, high, close, at] = [NaN, NaN, NaN, NaN, NaN];
  let gaps = end - start < 2;
  const pixels = ratio * wide;
  const flush = () => {
    if (down) pen.lineTo(at, begin);
    else pen.moveTo(at, begin);
    down = true;
    // less than a pixel of spread is a point
    if (low - high >= 1) { pen.lineTo(at, low); pen.lineTo(at, high); }
    if (close !== begin || low - high >= 1) pen.lineTo(at, close);
    column = NaN;
  };
  pen.beginPath();
  for (let i = start; i < end; i += 1) {
    // a call for each point would be the dearest part of it
    const px = across ? left + (x[i] - x0) * kx : scale.x(x[i]);
    const y = up ? bottom - (last[i] - y0) * ky : scale.y(last[i]);
    if (y !== y || px !== px) { // a gap; or nothing positive on a logarithmic axis
      if (column === column) flush();
      down = false;
      gaps = true;
      continue;
    }
    const same = curve || least[i] === most[i];
    const open = same ? y : scale.y(first[i]);
    const floor = same ? y : scale.y(least[i]);
    const top = same ? y : scale.y(most[i]);
    const here = Math.floor(px / pixels);
    if (here !== column) {
      if (column === column) flush();
      column = here;
      at = px;
      begin = open === open ? open : y;
      low = floor === floor ? floor : begin;
      high = top === top ? top : begin;
    } else {
      if (floor > low) low = floor;
      if (top < high) high = top;
    }
    close = y;
  }
  if (column === column) flush();
  pen.stroke();
  if (gaps) loneDots(pen, scale, x, last, start, end, ratio);
}

/** Fills between two curves, gap by gap. @param {Pen} pen @param {Scale} scale @param {Float64Array} x @param {import('../types').Values} low @param {import('../types').Values} high */
function fillBetween(pen, scale, x, low, high) {
  const [start, end] = window(x, scale);
  const bottom = scale.top + scale.height;
  const inside = (/** @type {number} */ i) => low[i] === low[i] && high[i] === high[i] && scale.x(x[i]) === scale.x(x[i]);
  for (let i = start; i < end; i += 1) {
    if (!inside(i)) continue;
    let stop = i;
    while (stop + 1 < end && inside(stop + 1)) stop += 1;
    pen.beginPath();
    for (let k = i; k <= stop; k += 1) {
      const y = scale.y(high[k]);
      if (k === i) pen.moveTo(scale.x(x[k]), y === y ? y : bottom);
      else pen.lineTo(scale.x(x[k]), y === y ? y : bottom);
    }
    for (let k = stop; k >= i; k -= 1) {
      const y = scale.y(low[k]);
      pen.lineTo(scale.x(x[k]), y === y ? y : bottom);
    }
    pen.closePath();
    pen.fill();
    i = stop;
  }
}

/** A value between two gaps has no line: a dot shows it. @param {Pen} pen @param {Scale} scale @param {Float64Array} x @param {import('../types').Values} values @param {number} start @param {number} end @param {number} ratio */
function loneDots(pen, scale, x, values, start, end, ratio) {
  for (let i = start; i < end; i += 1) {
    if (Number.isNaN(values[i]) || !Number.isNaN(values[i - 1] ?? NaN) || !Number.isNaN(values[i + 1] ?? NaN)) continue;
    const y = scale.y(values[i]);
    if (!Number.isNaN(y)) dot(pen, scale.x(x[i]), y, 2.5 * ratio);
  }
}

/** @param {Pen} pen @param {number} x @param {number} y @param {number} r */
function dot(pen, x, y, r) {
  pen.beginPath();
  pen.arc(x, y, r, 0, 2 * Math.PI);
  pen.fill();
}

/**
 * All lines of a panel: raw ones first and faint when there are smoothed ones, the highlighted one last.
 * @param {Pen} pen @param {Scale} scale @param {Line[]} lines @param {Look} look
 */
export function drawLines(pen, scale, lines, { highlight, shade, best, rules, ratio, hasty = false }) {
  const known = highlight !== null && lines.some((line) => line.id === highlight);
  const order = known ? [...lines.filter((l) => l.id !== highlight), ...lines.filter((l) => l.id === highlight)] : lines;
  const drawn = lines.filter((line) => !line.faint).length;
  const many = drawn > 12;
  const wide = hasty ? 2 : 1;
  // faint raw lines of many runs add up to a wall; what each adds shrinks with their number
  const whisper = Math.max(0.05, 0.16 * Math.min(1, 5 / drawn));
  const hush = Math.max(0.05, 0.22 * Math.min(1, 8 / (lines.length - drawn || 1)));
  pen.save();
  pen.beginPath();
  pen.rect(scale.left, scale.top, scale.width, scale.height);
  pen.clip();
  // corners of dense lines are not seen, but each costs
  pen.lineJoin = many ? 'bevel' : 'round';
  pen.lineCap = many ? 'butt' : 'round';
  drawRules(pen, scale, rules, ratio);
  for (const line of order) {
    const lit = !known || line.id === highlight;
    pen.fillStyle = line.color;
    pen.globalAlpha = lit ? 0.16 : 0.06;
    if (line.band) fillBetween(pen, scale, line.series.x, line.band.low, line.band.high);
    else if (shade && !line.faint) fillBetween(pen, scale, line.series.x, line.series.min, line.series.max);
  }
  for (const pass of ['raw', 'smooth']) {
    for (const line of order) {
      const faint = pass === 'raw' && (line.smooth !== null || line.faint);
      const lit = !known || line.id === highlight;
      if ((faint && hasty) || (faint && !lit && !line.faint) || (pass === 'smooth' && !line.smooth)) continue;
      pen.strokeStyle = line.color;
      pen.fillStyle = line.color;
      pen.globalAlpha = (line.faint ? hush : faint ? (known && lit ? 0.3 : whisper) : 1) * (lit ? 1 : 0.32);
      pen.lineWidth = (faint ? 1 : known && lit ? 2.4 : line.band ? 1.8 : many ? 1 : 1.5) * ratio;
      // a dash tells lines apart where there are few; it is by far the dearest stroke
      pen.setLineDash(lit && !faint && (drawn <= MOST_DASHED || known) ? line.dash.map((d) => d * ratio) : []);
      const { x, first, min, max, last, mean } = line.series;
      const curve = pass === 'smooth' ? line.smooth : shade && !line.faint && !line.band ? mean : null;
      if (curve) strokeColumns(pen, scale, x, curve, curve, curve, curve, ratio, wide);
      else strokeColumns(pen, scale, x, first, min, max, last, ratio, wide);
    }
  }
  pen.setLineDash([]);
  // diamonds on every line of a crowd would hide it
  const champion = best && drawn > MOST_BEST ? bestLine(order.filter((line) => !line.faint), best) : null;
  for (const line of order) {
    pen.globalAlpha = !known || line.id === highlight ? 1 : 0.25;
    pen.strokeStyle = line.color;
    pen.fillStyle = line.color;
    pen.lineWidth = 1.5 * ratio;
    markBad(pen, scale, line, ratio);
    if (best && !line.faint && (!champion || line === champion || line.id === highlight)) drawBest(pen, scale, line, best, ratio);
  }
  pen.restore();
}
