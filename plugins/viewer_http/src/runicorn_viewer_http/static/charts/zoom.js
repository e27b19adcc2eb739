/** The range of x that a panel asks for and shows, and what moves while a pan is under way. */
import { signal } from '@preact/signals';
import { growingView } from './grid.js';

/** @typedef {import('../types').Range} Range */

/** A pan under way: of a section's panels, or with `panel` of one alone. @type {import('@preact/signals').Signal<{section: string, panel: string | null, range: Range} | null>} */
export const moving = signal(null);

/** As many buckets as the plot has pixels, in powers of two so that a resize seldom asks again; fewer when many runs share it. @param {HTMLElement | null} plot @param {number} runs */
export function bucketsFor(plot, runs) {
  const pixels = (plot?.clientWidth || 300) * devicePixelRatio;
  const most = Math.max(128, 2 ** Math.floor(Math.log2(200_000 / Math.max(1, runs))));
  return Math.min(2048, most, Math.max(256, 2 ** Math.ceil(Math.log2(pixels))));
}

/** The request for a zoom or for everything. @param {import('../types').XAxis} x @param {Range | null} zoom @param {Range} extent @param {number} buckets @param {boolean} logX @returns {import('../types').View} */
export function viewOf(x, zoom, extent, buckets, logX) {
  const { from, to } = zoom ?? extent;
  const view = growingView(x, from, to, buckets, logX);
  if (!zoom) return view;
  // more than is seen, so that lines of sparse metrics too go on to the edges
  if (logX) return { ...view, from: from / 1.2, to: to * 1.2, exact: true };
  const margin = Math.max((to - from) / 8, x === 'step' ? 1 : 0);
  return { ...view, from: from - margin, to: to + margin, exact: true };
}

/** A range that a logarithmic axis can show. @param {Range} range @param {boolean} logX @returns {Range} */
export function shownRange(range, logX) {
  if (!logX) return range;
  const to = range.to > 0 ? range.to : 1;
  return { from: range.from > 0 ? range.from : Math.min(1, to / 1000), to };
}
