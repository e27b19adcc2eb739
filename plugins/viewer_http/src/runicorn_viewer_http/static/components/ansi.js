/** Terminal colours (SGR) as styled pieces of text. Everything else of a terminal's language is dropped. */

/** @typedef {{text: string, className: string, style: Record<string, string>}} Piece */

// CSI (its parameters and final byte are kept), character sets, OSC, other strings, single-letter escapes, stray control characters
const ESCAPES = /\u001b\[([0-9;:?<=>!]*)[ -\/]*([@-~])|\u001b[()*+][A-Za-z0-9]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[=>78DEHMc]|[\u0000-\u0008\u000b-\u001f\u007f]/g;
const AFTER_FRAME = /(?:\r|\u001b\[[0-9;:?<=>!]*[ -\/]*[@-~])+$/;
const FLAGS = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'under', 7: 'inverse', 9: 'strike' };

/** A progress bar that redraws its line leaves its last state. @param {string} text */
export function lastFrame(text) {
  if (!text.includes('\r')) return text;
  const trimmed = text.replace(AFTER_FRAME, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

/** @param {string} text */
export const plain = (text) => lastFrame(text).replace(ESCAPES, '');

/** @param {string} raw @returns {Piece[]} */
export function ansiPieces(raw) {
  const text = lastFrame(raw);
  if (!text.includes('\u001b')) return [{ text: text.replace(ESCAPES, ''), className: '', style: {} }];
  /** @type {Piece[]} */
  const pieces = [];
  const state = { flags: new Set(), fg: '', bg: '' };
  let from = 0;
  const push = (/** @type {string} */ part) => { if (part) pieces.push({ text: part, ...look(state) }); };
  for (const match of text.matchAll(ESCAPES)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm' && /^[0-9;:]*$/.test(match[1])) apply(state, match[1].split(';').flatMap(codesOf));
  }
  push(text.slice(from));
  return pieces;
}

/** @param {{flags: Set<string>, fg: string, bg: string}} state */
function look({ flags, fg, bg }) {
  const classes = [...flags].map((flag) => `a-${flag}`);
  /** @type {Record<string, string>} */
  const style = {};
  if (fg.startsWith('rgb')) style.color = bg ? fg : readable(fg); else if (fg) classes.push(`a-fg${fg}`);
  if (bg.startsWith('rgb')) { style.background = bg; if (!fg) style.color = brightness(bg) > 140 ? '#000' : '#fff'; } else if (bg) classes.push(`a-bg${bg}`);
  return { className: classes.join(' '), style };
}

/** Programs choose colours for a terminal that may be as dark as this page is light: the hue stays. @param {string} color */
function readable(color) {
  const bright = brightness(color);
  return `light-dark(${bright > 150 ? `oklch(from ${color} min(l, .55) c h)` : color}, ${bright < 90 ? `oklch(from ${color} max(l, .65) c h)` : color})`;
}

/** Of 255. @param {string} color */
function brightness(color) {
  const [red, green, blue] = (color.match(/\d+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/**
 * One parameter as the codes that semicolons would give: `38:2::r:g:b` (with its colour space) and `38:2:r:g:b` are 38;2;r;g;b.
 * @param {string} parameter
 */
function codesOf(parameter) {
  const [code, kind, ...rest] = parameter.split(':');
  if (kind === undefined) return [Number(code)];
  if (code === '38' || code === '48') return [code, kind, ...(kind === '2' ? rest.slice(-3) : rest.slice(0, 1))].map(Number);
  return code === '4' && kind === '0' ? [24] : [Number(code)];
}

/** @param {{flags: Set<string>, fg: string, bg: string}} state @param {number[]} codes */
function apply(state, codes) {
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i];
    if (code === 0) { state.flags.clear(); state.fg = ''; state.bg = ''; }
    else if (code in FLAGS) state.flags.add(FLAGS[/** @type {keyof typeof FLAGS} */ (code)]);
    else if (code === 22) { state.flags.delete('bold'); state.flags.delete('dim'); }
    else if (code >= 23 && code <= 29) state.flags.delete(FLAGS[/** @type {keyof typeof FLAGS} */ (code - 20)]);
    else if (code >= 30 && code <= 37) state.fg = String(code - 30);
    else if (code >= 90 && code <= 97) state.fg = String(code - 82);
    else if (code >= 40 && code <= 47) state.bg = String(code - 40);
    else if (code >= 100 && code <= 107) state.bg = String(code - 92);
    else if (code === 39) state.fg = '';
    else if (code === 49) state.bg = '';
    else if (code === 38 || code === 48) {
      const color = codes[i + 1] === 5 ? indexed(codes[i + 2]) : codes[i + 1] === 2 ? `rgb(${codes.slice(i + 2, i + 5).join(' ')})` : '';
      i += codes[i + 1] === 5 ? 2 : codes[i + 1] === 2 ? 4 : 0;
      if (code === 38) state.fg = color; else state.bg = color;
    }
  }
}

/** A colour of the 256 table. @param {number} n */
function indexed(n) {
  if (!(n >= 0 && n <= 255)) return '';
  if (n < 16) return String(n);
  if (n >= 232) { const v = 8 + (n - 232) * 10; return `rgb(${v} ${v} ${v})`; }
  const level = (/** @type {number} */ v) => (v ? 55 + v * 40 : 0);
  return `rgb(${level(Math.floor((n - 16) / 36))} ${level(Math.floor((n - 16) / 6) % 6)} ${level((n - 16) % 6)})`;
}
