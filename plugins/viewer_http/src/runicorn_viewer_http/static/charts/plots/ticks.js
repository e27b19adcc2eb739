/** Round values along an axis of any column. */
import { formatTicks, formatValue, logLabels, logTicks } from '../format.js';
import { valueAt } from '../../state/columns.js';

/** @typedef {import('../../state/columns.js').Column} Column */

/** At most about `most` labels with their places between 0 and 1. @param {Column} column @param {number} [most] @returns {{place: number, label: string}[]} */
export function ticksOf(column, most = 5) {
  if (column.kind === 'category') {
    const every = Math.ceil(column.categories.length / (most * 3));
    return column.categories.map((label, i) => ({ place: column.categories.length < 2 ? 0.5 : i / (column.categories.length - 1), label: label.length > 18 ? `${label.slice(0, 17)}…` : label })).filter((_, i) => i % every === 0);
  }
  const [low, high] = [valueAt(column, 0), valueAt(column, 1)];
  if (!(low < high)) return [{ place: 0.5, label: formatValue(low) }];
  const values = column.log ? logTicks(low, high) : roundSteps(low, high, most);
  const labels = column.log ? logLabels(values) : formatTicks(values);
  const place = column.log ? (/** @type {number} */ value) => Math.log10(value / low) / Math.log10(high / low) : (/** @type {number} */ value) => (value - low) / (high - low);
  return values.map((value, i) => ({ place: place(value), label: labels[i] }));
}

/** @param {number} low @param {number} high @param {number} most */
function roundSteps(low, high, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  /** @type {number[]} */
  const values = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) values.push(Number((i * step).toPrecision(12)));
  return values;
}

