/** Marks on top of lines: where values were no numbers, each run's best point, lines across. */

/** @typedef {import('./draw.js').Pen} Pen @typedef {import('./draw.js').Scale} Scale @typedef {import('../types').Line} Line */

/** Where a run logged NaN (cross) or infinity (triangle): at the top edge. @param {Pen} pen @param {Scale} scale @param {Line} line @param {number} ratio */
export function markBad(pen, scale, line, ratio) {
  const r = 3 * ratio;
  const y = scale.top + r + ratio;
  let before = -Infinity;
  for (const { x, kind } of line.series.bad) {
    const px = scale.x(x);
    if (px - before < r * 2.5) continue;
    before = px;
    pen.beginPath();
    if (kind === 'nan') {
      pen.moveTo(px - r, y - r); pen.lineTo(px + r, y + r);
      pen.moveTo(px + r, y - r); pen.lineTo(px - r, y + r);
      pen.stroke();
    } else {
      pen.moveTo(px, y - r); pen.lineTo(px + r, y + r); pen.lineTo(px - r, y + r);
      pen.closePath();
      pen.fill();
    }
  }
}

/** The entry that holds the best value of a line: of what was logged, not of what was smoothed. @param {Line} line @param {'min' | 'max'} mode */
export function bestOf(line, mode) {
  const values = line.series[mode];
  let best = -1;
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] === values[i] && (best < 0 || (mode === 'min' ? values[i] < values[best] : values[i] > values[best]))) best = i;
  }
  return best;
}

/** The line that comes farthest of all. @param {Line[]} lines @param {'min' | 'max'} mode @returns {Line | undefined} */
export function bestLine(lines, mode) {
  let [first, farthest] = [/** @type {Line | undefined} */ (undefined), NaN];
  for (const line of lines) {
    const value = line.series[mode][bestOf(line, mode)];
    if (value === value && !(mode === 'min' ? value >= farthest : value <= farthest)) [first, farthest] = [line, value];
  }
  return first;
}

/** A diamond at the best point. @param {Pen} pen @param {Scale} scale @param {Line} line @param {'min' | 'max'} mode @param {number} ratio */
export function drawBest(pen, scale, line, mode, ratio) {
  const i = bestOf(line, mode);
  if (i < 0) return;
  const [x, y, r] = [scale.x(line.series.x[i]), scale.y(line.series[mode][i]), 4.5 * ratio];
  if (y !== y) return;
  pen.beginPath();
  pen.moveTo(x, y - r); pen.lineTo(x + r, y); pen.lineTo(x, y + r); pen.lineTo(x - r, y);
  pen.closePath();
  pen.fill();
}

/** @param {Pen} pen @param {Scale} scale @param {number[]} values @param {number} ratio */
export function drawRules(pen, scale, values, ratio) {
  for (const value of values) {
    const y = scale.y(value);
    if (y !== y) continue;
    pen.beginPath();
    pen.strokeStyle = '#888888';
    pen.lineWidth = ratio;
    pen.setLineDash([4 * ratio, 3 * ratio]);
    pen.moveTo(scale.left, y);
    pen.lineTo(scale.left + scale.width, y);
    pen.stroke();
    pen.setLineDash([]);
  }
}

/** @typedef {{x: number, color: string, level: string, title: string, text: string, name: string}} AlertMark */

/** A thin upright line with a flag at the foot, where a run raised an alert. @param {Pen} pen @param {Scale} scale @param {AlertMark[]} alerts @param {number} ratio */
export function drawAlerts(pen, scale, alerts, ratio) {
  const bottom = scale.top + scale.height;
  let before = -Infinity;
  for (const { x, color } of alerts) {
    const px = scale.x(x);
    if (!(px >= scale.left && px <= scale.left + scale.width) || px - before < 3 * ratio) continue;
    before = px;
    pen.strokeStyle = color;
    pen.fillStyle = color;
    pen.globalAlpha = 0.5;
    pen.lineWidth = ratio;
    pen.setLineDash([2 * ratio, 3 * ratio]);
    pen.beginPath();
    pen.moveTo(px, scale.top);
    pen.lineTo(px, bottom);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    pen.beginPath();
    pen.moveTo(px, bottom - 8 * ratio); pen.lineTo(px + 4.5 * ratio, bottom); pen.lineTo(px - 4.5 * ratio, bottom);
    pen.closePath();
    pen.fill();
  }
}
