// @ts-check
/** What a figure of plotly says, read defensively: columns of numbers, colours, texts. */

const KINDS = /** @type {Record<string, any>} */ ({ i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array, i8: BigInt64Array, u8: BigUint64Array });
const DATE = /^\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/;
const COLOR = /^(#[0-9a-f]{3,8}|(rgb|hsl)a?\([\d\s.,%/-]{1,60}\)|[a-z]{3,30})$/i;

/** A list of values, or of lists of them; plotly packs arrays of numpy into base64. @param {any} given @returns {any[]} */
export function list(given) {
  if (Array.isArray(given)) return given;
  const Kind = KINDS[given?.dtype];
  if (!Kind || typeof given.bdata !== 'string') return [];
  const bytes = bytesOf(given.bdata);
  const flat = Array.from(new Kind(bytes.buffer, 0, Math.floor(bytes.length / Kind.BYTES_PER_ELEMENT)), Number);
  const shape = String(given.shape ?? '').split(',').map(Number);
  if (shape.length < 2 || !(shape[1] > 0)) return flat;
  return Array.from({ length: Math.min(shape[0], flat.length / shape[1]) }, (_, row) => flat.slice(row * shape[1], (row + 1) * shape[1]));
}

/** @param {string} text in base64; nothing where it is none */
function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** Whether these are numbers, dates or names. @param {any[]} values @returns {'linear' | 'date' | 'category'} */
export function kindOf(values) {
  const known = values.filter((value) => value !== null && value !== undefined && value !== '');
  if (known.every((value) => typeof value === 'number' || (typeof value === 'string' && Number.isFinite(Number(value))))) return 'linear';
  return known.every((value) => typeof value === 'string' && DATE.test(value)) ? 'date' : 'category';
}

/** Milliseconds; a time without a zone is one of UTC, as plotly takes it. @param {any} value */
export const dateOf = (value) => (typeof value === 'string' ? Date.parse(/\d\d:\d\d/.test(value) && !/(Z|[+-]\d\d:?\d\d)$/.test(value) ? `${value.replace(' ', 'T')}Z` : value.replace(' ', 'T')) : Number(value));

/** How far the bars of uncertainty of each value reach, down and up; null where there are none.
 * @param {any} error `error_x` or `error_y` of a trace @param {number[]} values @returns {[number, number][] | null} */
export function errorsOf(error, values) {
  if (typeof error !== 'object' || error === null || error.visible === false) return null;
  const up = list(error.array), down = list(error.arrayminus);
  const of = (/** @type {number} */ value, /** @type {number} */ i) => {
    const share = Number(error.value ?? 0);
    return Number(up.length > 0 ? up[i] : error.type === 'percent' ? (Math.abs(value) * share) / 100 : error.type === 'sqrt' ? Math.sqrt(Math.abs(value)) : share) || 0;
  };
  return values.map((value, i) => [Number(down.length > 0 && error.symmetric !== true ? down[i] : of(value, i)) || 0, of(value, i)]);
}

/** A text without the few tags that plotly knows. @param {any} value */
export const plain = (value) => (value === null || value === undefined ? '' : String(value).replace(/<br\s*\/?>/gi, ' ').replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&').slice(0, 300));

/** A colour that may be used in a style, or what is used instead. @param {any} value @param {string} otherwise @returns {string} */
export const paint = (value, otherwise) => (typeof value === 'string' && COLOR.test(value) ? value : otherwise);

/** Colours between which values are blended. @param {any} scale @returns {[number, number[]][] | null} */
export function scaleOf(scale) {
  if (!Array.isArray(scale) || scale.length < 2) return null;
  const stops = scale.map((stop) => /** @type {[number, number[] | null]} */ ([Number(stop?.[0]), rgb(stop?.[1])]));
  return stops.every(([at, color]) => Number.isFinite(at) && color !== null) ? /** @type {[number, number[]][]} */ (stops) : null;
}

/** @param {any} color @returns {number[] | null} */
function rgb(color) {
  const text = String(color);
  const hex = /^#([0-9a-f]{6})/i.exec(text) ?? /^#([0-9a-f]{3})$/i.exec(text);
  if (hex) {
    const digits = hex[1].length === 3 ? [...hex[1]].map((digit) => digit + digit).join('') : hex[1];
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  const parts = /^rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)/i.exec(text);
  return parts ? parts.slice(1, 4).map(Number) : null;
}

/** The colour at a share from 0 to 1. @param {[number, number[]][] | null} scale @param {number} share */
export function blend(scale, share) {
  if (scale === null) return `color-mix(in oklab, var(--accent) ${Math.round(share * 100)}%, var(--surface))`;
  const after = Math.max(1, scale.findIndex(([at]) => at >= share) === -1 ? scale.length - 1 : scale.findIndex(([at]) => at >= share));
  const [from, a] = scale[after - 1], [to, b] = scale[after];
  const part = to > from ? Math.min(1, Math.max(0, (share - from) / (to - from))) : 0;
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * part)).join(' ')})`;
}

/** Least and greatest of the finite ones. @param {Iterable<number>} values @returns {[number, number]} */
export function limits(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value)) { if (value < low) low = value; if (value > high) high = value; }
  }
  return [low, high];
}
