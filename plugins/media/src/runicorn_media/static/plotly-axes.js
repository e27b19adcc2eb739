// @ts-check
/** Axes: what stands where. Every position is a share of the axis, from 0 to 1. */
import { formatValue } from 'runicorn';
import { dateOf, kindOf, limits, plain } from './plotly-data.js';

/**
 * @typedef {object} Axis
 * @property {string} id `x`, `x2`, ...
 * @property {'linear' | 'log' | 'date' | 'category'} kind
 * @property {[number, number]} domain of the figure
 * @property {string} title
 * @property {(value: any) => number} number the value as a number; NaN where there is none
 * @property {(number: number) => number} at where a number stands
 * @property {{at: number, label: string}[]} ticks
 * @property {string} side
 * @property {string | undefined} overlaying
 * @property {string} anchor
 * @property {boolean} hidden
 * @property {string[]} names of a category axis
 */

/** The axis of an id with everything that stands on it.
 * @param {string} id @param {any} layout @param {any[][]} columns @param {{zero?: boolean, tight?: boolean, extra?: number[][]}} options `extra`: numbers that must be inside
 * @returns {Axis} */
export function makeAxis(id, layout, columns, { zero = false, tight = false, extra = [] }) {
  const given = layout[`${id[0]}axis${id.slice(1)}`] ?? {};
  const kind = ['linear', 'log', 'date', 'category'].includes(given.type) ? given.type : kindOf(columns.flat());
  /** @type {string[]} */ const names = kind !== 'category' ? [] : [...new Set([...(Array.isArray(given.categoryarray) ? given.categoryarray : []), ...columns.flat().filter((value) => value !== null && value !== undefined)].map(String))];
  const places = new Map(names.map((name, i) => [name, i]));
  const number = (/** @type {any} */ value) => {
    if (value === null || value === undefined || value === '') return NaN;
    if (kind === 'category') return places.get(String(value)) ?? (typeof value === 'number' ? value : NaN);
    if (kind === 'date') return dateOf(value);
    return kind === 'log' ? Math.log10(Number(value)) : Number(value);
  };
  let [low, high] = limits([...columns.flat().map(number), ...(kind === 'log' ? extra.flat().map((value) => Math.log10(value)) : extra.flat())]);
  if (kind === 'category') [low, high] = [Math.min(low, 0) - 0.5, Math.max(high, names.length - 1) + 0.5];
  else {
    if (zero && kind === 'linear') [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    const pad = tight ? 0 : (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
    [low, high] = [zero && low === 0 ? 0 : low - pad, zero && high === 0 ? 0 : high + pad];
  }
  const range = Array.isArray(given.range) && given.range.length === 2 ? given.range.map((/** @type {any} */ end) => (kind === 'date' ? dateOf(end) : Number(end))) : null;
  if (range !== null && range.every(Number.isFinite)) [low, high] = range;
  else if (String(given.autorange).startsWith('reversed') && low < high) [low, high] = [high, low];
  if (!Number.isFinite(low) || !Number.isFinite(high) || low === high) [low, high] = [0, 1];
  const at = (/** @type {number} */ value) => (value - low) / (high - low);
  const inside = (/** @type {{at: number, label: string}} */ tick) => tick.at >= -1e-9 && tick.at <= 1 + 1e-9;
  const labels = ticksOf(kind, Math.min(low, high), Math.max(low, high), names, given).map(([value, label]) => ({ at: at(value), label }));
  return {
    id, kind, names, number, at, ticks: given.showticklabels === false && given.visible === false ? [] : labels.filter(inside),
    domain: Array.isArray(given.domain) && given.domain.every(Number.isFinite) ? given.domain : [0, 1],
    title: plain(given.title?.text ?? given.title), side: given.side ?? '', overlaying: given.overlaying, anchor: given.anchor ?? '', hidden: given.visible === false || given.showticklabels === false,
  };
}

/** @param {string} kind @param {number} low @param {number} high @param {string[]} names @param {any} given @returns {[number, string][]} */
function ticksOf(kind, low, high, names, given) {
  if (Array.isArray(given.tickvals) && kind !== 'date') {
    return given.tickvals.slice(0, 50).map((/** @type {any} */ value, /** @type {number} */ i) => [kind === 'log' ? Math.log10(Number(value)) : kind === 'category' && typeof value === 'string' ? names.indexOf(value) : Number(value), plain(given.ticktext?.[i] ?? value)]);
  }
  if (kind === 'category') {
    const every = Math.max(1, Math.ceil(names.length / 20));
    return names.map((name, i) => /** @type {[number, string]} */ ([i, plain(name)])).filter((_, i) => i % every === 0);
  }
  if (kind === 'log') {
    const every = Math.max(1, Math.ceil((high - low) / 6));
    const powers = Array.from({ length: Math.max(0, Math.floor(high) - Math.ceil(low) + 1) }, (_, i) => Math.ceil(low) + i).filter((power) => power % every === 0);
    const digits = powers.length < 3 ? [1, 2, 5] : [1];
    return [...(powers.length < 3 ? [Math.ceil(low) - 1] : []), ...powers].flatMap((power) => digits.map((digit) => /** @type {[number, string]} */ ([power + Math.log10(digit), formatValue(Number(`${digit}e${power}`))])));
  }
  if (kind === 'date') return dateTicks(low, high);
  const gap = niceGap((high - low) / 5);
  const first = Math.ceil(low / gap - 1e-9);
  return Array.from({ length: Math.min(50, Math.floor(high / gap + 1e-9) - first + 1) }, (_, i) => {
    const value = Number(((first + i) * gap).toPrecision(12));
    return [value, Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6 ? String(value) : formatValue(value)];
  });
}

/** A gap of 1, 2 or 5 times a power of ten, not smaller than asked for. @param {number} least */
export function niceGap(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10);
}

const GAPS = [1, 10, 100, 1e3, 1e4, 6e4, 6e5, 36e5, 6 * 36e5, 864e5, 7 * 864e5, 30.4375 * 864e5, 91.3125 * 864e5, 365.25 * 864e5];

/** @param {number} low @param {number} high milliseconds @returns {[number, string][]} */
function dateTicks(low, high) {
  const gap = GAPS.find((one) => (high - low) / one <= 6) ?? niceGap((high - low) / 5 / (365.25 * 864e5)) * 365.25 * 864e5;
  const digits = gap >= 365 * 864e5 ? 4 : gap >= 30 * 864e5 ? 7 : gap >= 864e5 ? 10 : gap >= 6e4 ? 16 : gap >= 1e3 ? 19 : 23;
  const from = digits === 16 && high - low < 864e5 ? 11 : digits > 16 ? 11 : 0;
  const first = Math.ceil(low / gap);
  return Array.from({ length: Math.min(50, Math.floor(high / gap) - first + 1) }, (_, i) => {
    let value = (first + i) * gap;
    const date = new Date(value);
    if (digits === 7) value = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + (date.getUTCDate() > 15 ? 1 : 0), 1);
    if (digits === 4) value = Date.UTC(date.getUTCFullYear() + (date.getUTCMonth() > 5 ? 1 : 0), 0, 1);
    return [value, new Date(value).toISOString().slice(from, digits).replace('T', ' ')];
  });
}

/** A value as its axis says it. @param {Axis} axis @param {any} value */
export const said = (axis, value) => (axis.kind === 'category' || axis.kind === 'date' ? plain(value) : formatValue(Number(value)));
