/** A pen for draw.js that writes SVG: the same strokes as on the canvas. */

/** @param {number} value */
const n = (value) => String(Math.round(value * 100) / 100);
/** @param {string} text */
export const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);

export class SvgPen {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.path = '';
    this.dash = /** @type {number[]} */ ([]);
    this.clips = 0;
    this.open = 0;
    /** @type {number[]} */
    this.saved = [];
    this.strokeStyle = '#000';
    this.fillStyle = '#000';
    this.globalAlpha = 1;
    this.lineWidth = 1;
    this.lineJoin = /** @type {CanvasLineJoin} */ ('round');
    this.lineCap = /** @type {CanvasLineCap} */ ('round');
  }

  save() { this.saved.push(this.open); }

  restore() {
    const before = this.saved.pop() ?? 0;
    for (; this.open > before; this.open -= 1) this.parts.push('</g>');
  }

  beginPath() { this.path = ''; }
  closePath() { this.path += 'Z'; }
  /** @param {number} x @param {number} y */
  moveTo(x, y) { this.path += `M${n(x)} ${n(y)}`; }
  /** @param {number} x @param {number} y */
  lineTo(x, y) { this.path += `L${n(x)} ${n(y)}`; }
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  rect(x, y, w, h) { this.path += `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}Z`; }
  /** Whole circles, which is all that is drawn. @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) { this.path += `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0`; }
  /** @param {number[]} dash */
  setLineDash(dash) { this.dash = dash; }

  clip() {
    const id = `clip${this.clips}`;
    this.clips += 1;
    this.open += 1;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
  }

  stroke() {
    if (!this.path) return;
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.map(n).join(' ')}"` : '';
    this.parts.push(`<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${n(this.lineWidth)}" stroke-opacity="${n(this.globalAlpha)}" stroke-linejoin="${this.lineJoin}" stroke-linecap="${this.lineCap}"${dash}/>`);
  }

  fill() {
    if (!this.path) return;
    this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}" fill-opacity="${n(this.globalAlpha)}"/>`);
  }

  /** @param {string} text @param {number} x @param {number} y @param {{size?: number, anchor?: string, color: string, weight?: number}} options */
  text(text, x, y, { size = 11, anchor = 'start', color, weight = 400 }) {
    this.parts.push(`<text x="${n(x)}" y="${n(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}">${escaped(text)}</text>`);
  }

  /** @param {number} width @param {number} height @param {string} background */
  finish(width, height, background) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif"><rect width="${width}" height="${height}" fill="${background}"/>${this.parts.join('')}</svg>\n`;
  }
}
