/** Numbers as people of this trade read them. Metric values are never localised: they stay copyable. */
import { locale, t } from '../i18n/index.js';

/** A metric value in at most about seven characters. @param {unknown} value @returns {string} */
export function formatValue(value) {
  if (typeof value === 'string') return { Infinity: '∞', '-Infinity': '−∞' }[value] ?? value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return value === null || value === undefined ? '–' : JSON.stringify(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, 'e').replace('e+', 'e');
  if (size >= 1000) return value.toFixed(1);
  return value.toPrecision(4);
}

/** A parameter as it was given: nothing is rounded. @param {unknown} value */
export const formatExact = (value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? '–');

/** A parameter where room is short: long fractions in five digits; whole ones and short ones as they were given. @param {unknown} value */
export function formatParam(value) {
  if (typeof value !== 'number' || !Number.isFinite(value) || Number.isInteger(value) || String(value).length <= 9) return formatExact(value);
  const five = Number(value.toPrecision(5));
  const [plain, power] = [String(five), five.toExponential().replace('e+', 'e')];
  return power.length < plain.length ? power : plain;
}

/** Axis labels: only as many digits as the distance between two ticks needs. @param {number[]} ticks */
export function formatTicks(ticks) {
  const known = ticks.filter((tick) => tick !== null && tick !== undefined);
  const most = Math.max(...known.map(Math.abs));
  const gap = known.length > 1 ? Math.abs(known[1] - known[0]) : (most || 10) / 10;
  let digits = Math.max(0, Math.min(8, -Math.floor(Math.log10(gap) + 1e-9)));
  // ticks 0.25 apart need one digit more than ticks 0.2 apart
  if (digits < 8 && Math.abs(gap * 10 ** digits - Math.round(gap * 10 ** digits)) > 1e-6) digits += 1;
  return ticks.map((tick) => {
    if (tick === null || tick === undefined) return '';
    if (tick === 0) return '0';
    if (most < 1e-3) return Number(tick.toPrecision(Math.min(15, Math.max(2, Math.ceil(Math.log10(most / gap)) + 2)))).toExponential();
    if (most >= 1e4) return compact(tick, gap);
    return tick.toFixed(digits);
  });
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where there is room. @param {number} low @param {number} high */
export function logTicks(low, high) {
  if (!(low > 0 && high > low && Number.isFinite(high))) return [];
  const decades = Math.log10(high / low);
  const stride = Math.max(1, Math.ceil(decades / 5));
  /** @type {number[]} */
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    if (decades >= 2.5 && power % stride !== 0) continue;
    for (const digit of decades < 2.5 ? [1, 2, 5] : [1]) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks.length > 1 ? ticks : [low, Math.sqrt(low * high), high].map((v) => Number(v.toPrecision(2)));
}

/** @param {number[]} ticks of a logarithmic axis: each stands for itself */
export const logLabels = (ticks) => ticks.map((tick) => compact(tick));

/** Short, but with digits enough to tell it from its neighbour `gap` away. @param {number} value @param {number} [gap] */
export function compact(value, gap = 0) {
  const size = Math.abs(value);
  if (gap > 0 && Number.isInteger(value) && size < 1e15 && gap < size / 1000) return String(value);
  const digits = gap > 0 && size > 0 ? Math.min(15, Math.max(4, Math.ceil(Math.log10(size / gap)) + 2)) : 4;
  if (size >= 1e12) return (gap > 0 ? Number(value.toPrecision(digits)).toExponential() : value.toExponential(0)).replace('e+', 'e');
  for (const [unit, letter] of /** @type {[number, string][]} */ ([[1e9, 'G'], [1e6, 'M'], [1e3, 'k']])) {
    if (size >= unit) return `${Number((value / unit).toPrecision(digits))}${letter}`;
  }
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replace('.0e', 'e');
  return String(Number(value.toPrecision(digits)));
}

/** A count for reading, with the language's grouping. @param {number} n */
export const formatCount = (n) => formatter('count', (language) => new Intl.NumberFormat(language)).format(n);

/** @param {number | null | undefined} seconds @returns {string} */
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return s === 0 && seconds > 0 ? t('time.ms', { n: Math.round(seconds * 1000) }) : t('time.s', { n: s });
  if (s < 3600) return t('time.ms2', { m: Math.floor(s / 60), s: String(s % 60).padStart(2, '0') });
  if (s < 86400) return t('time.hm', { h: Math.floor(s / 3600), m: String(Math.floor(s / 60) % 60).padStart(2, '0') });
  return t('time.dh', { d: Math.floor(s / 86400), h: Math.floor(s / 3600) % 24 });
}

/** Durations on an axis: below ten minutes in seconds, with the digits that the distance of two ticks needs. @param {number[]} ticks */
export function durationTicks(ticks) {
  const gap = gapOf(ticks);
  const most = Math.max(...ticks.map(Math.abs));
  if (most < 600 || gap < 1) {
    const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(gap) + 1e-9)));
    return ticks.map((tick) => t('time.s', { n: Number(tick.toFixed(digits)) }));
  }
  if (most >= 86400 && gap < 3600) return ticks.map((tick) => t('time.hm', { h: Math.floor(tick / 3600), m: String(Math.floor(tick / 60) % 60).padStart(2, '0') }));
  if (most >= 3600 && gap < 60) return ticks.map((tick) => t('time.ms2', { m: Math.floor(tick / 60), s: String(Math.round(tick) % 60).padStart(2, '0') }));
  return ticks.map((tick) => formatDuration(tick));
}

/** Times of day on an axis, with the date over days and with the digits that the distance of two ticks needs. @param {number[]} ticks */
export function clockTicks(ticks) {
  const gap = gapOf(ticks);
  const span = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0);
  const digits = /** @type {1 | 2 | 3} */ (Math.min(3, Math.max(1, -Math.floor(Math.log10(gap) + 1e-9))));
  const format = new Intl.DateTimeFormat(locale.value, {
    ...(span > 86400 && { month: 'short', day: 'numeric' }),
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    ...(gap < 60 && { second: '2-digit' }), ...(gap < 1 && { fractionalSecondDigits: digits }),
  });
  return ticks.map((tick) => format.format(tick * 1000));
}

/** @param {number[]} ticks */
const gapOf = (ticks) => (ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1);

/** Making a formatter costs more than a hundred uses of it. @type {Map<string, any>} */
const formatters = new Map();
/** @template T @param {string} name @param {(language: string) => T} make @returns {T} */
function formatter(name, make) {
  const key = `${name} ${locale.value}`;
  const found = formatters.get(key) ?? make(locale.value);
  formatters.set(key, found);
  return found;
}

/** @param {number | null | undefined} unix Unix seconds @returns {string} */
export function formatAgo(unix) {
  if (!unix) return '–';
  const s = unix - Date.now() / 1000;
  const format = formatter('ago', (language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }));
  for (const [unit, size] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]])) {
    if (Math.abs(s) >= size) return format.format(Math.round(s / size), unit);
  }
  return t('time.now');
}

/** Time of day to the millisecond, 24 hours, for lines below one another. @param {number} unix */
export const formatClock = (unix) => new Date(unix * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

/** A short age for dense rows: 12s, 5m, 2h, 3d. @param {number | null | undefined} unix */
export function formatAge(unix) {
  if (!unix) return '';
  const s = Math.max(0, Date.now() / 1000 - unix);
  if (s < 60) return t('age.s', { n: Math.floor(s) });
  if (s < 3600) return t('age.m', { n: Math.floor(s / 60) });
  if (s < 86400) return t('age.h', { n: Math.floor(s / 3600) });
  return t('age.d', { n: Math.floor(s / 86400) });
}

/** @param {number | null | undefined} unix @returns {string} */
export function formatTime(unix) {
  if (!unix) return '';
  return formatter('time', (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })).format(unix * 1000);
}

/** @param {number} value @param {import('../types').XAxis} x */
export function formatX(value, x) {
  if (x === 'step') return t('chart.step', { n: formatCount(Math.round(value)) });
  if (x === 'relative') return formatDuration(value);
  return x === 'wall' ? formatTime(value) : `${x} ${formatValue(value)}`;
}
