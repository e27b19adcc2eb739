/** What the mouse does in a chart beside uPlot's own: shift and drag pans. */

/**
 * @typedef {object} Pan
 * @property {() => import('../types').Range} range what is shown now
 * @property {boolean} logX
 * @property {(range: import('../types').Range, alone: boolean) => void} onPan while the pointer moves
 * @property {(range: import('../types').Range, alone: boolean) => void} onZoom when it is let go
 */

/**
 * The start of a drag: a pan with Shift; else it is left to `select`.
 * @param {import('uplot')} u @param {Pan} options @param {(event: MouseEvent) => null} select
 */
export function pressed(u, { range, logX, onPan, onZoom }, select) {
  return (/** @type {MouseEvent} */ event) => {
    if (!event.shiftKey || event.button !== 0) return select(event);
    const start = event.clientX;
    const began = range();
    const width = u.over.clientWidth || 1;
    let now = began;
    const move = (/** @type {PointerEvent} */ e) => {
      now = shifted(began, (start - e.clientX) / width, logX);
      onPan(now, e.altKey);
    };
    const up = (/** @type {PointerEvent} */ e) => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', up);
      if (now !== began) onZoom(now, e.altKey);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', up);
    return null;
  };
}

/** @param {import('../types').Range} range @param {number} share of its width @param {boolean} log @returns {import('../types').Range} */
export function shifted({ from, to }, share, log) {
  if (log) {
    const factor = (to / from) ** share;
    return { from: from * factor, to: to * factor };
  }
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}
