/** A panel is put elsewhere in its section by its head; one that a reader made may go to another section too. */
import { board, changeBoard } from '../state/board.js';

/** @typedef {import('../types').PanelSpec} PanelSpec */
/** @typedef {{start: (event: DragEvent) => void, end: () => void, over: (event: DragEvent) => void, leave: (event: DragEvent) => void, drop: (event: DragEvent) => void}} Drag */

/** What is being dragged. @type {PanelSpec | null} */
let dragged = null;

/** @param {PanelSpec} spec where it may be dropped on @param {PanelSpec[]} siblings the panels of its section, as they stand @returns {Drag} */
export function dragOf(spec, siblings) {
  const welcome = () => dragged !== null && dragged.id !== spec.id && (dragged.section === spec.section || dragged.custom);
  const mark = (/** @type {DragEvent} */ event, /** @type {string | null} */ side) => {
    const el = /** @type {HTMLElement} */ (event.currentTarget);
    if (side) el.dataset.drop = side;
    else delete el.dataset.drop;
  };
  return {
    start(event) {
      dragged = spec;
      event.dataTransfer?.setData('text/plain', spec.title);
      const panel = /** @type {HTMLElement} */ (event.currentTarget).parentElement;
      if (panel) event.dataTransfer?.setDragImage(panel, 20, 20);
    },
    end() { dragged = null; },
    over(event) {
      if (!welcome()) return;
      event.preventDefault();
      mark(event, isAfter(event) ? 'after' : 'before');
    },
    leave(event) { if (!/** @type {HTMLElement} */ (event.currentTarget).contains(/** @type {Node | null} */ (event.relatedTarget))) mark(event, null); },
    drop(event) {
      mark(event, null);
      if (!welcome() || !dragged) return;
      event.preventDefault();
      const { id } = dragged;
      const ids = siblings.map((one) => one.id).filter((one) => one !== id);
      ids.splice(ids.indexOf(spec.id) + (isAfter(event) ? 1 : 0), 0, id);
      const { order, panels } = board.peek();
      changeBoard({ order: { ...order, [spec.section]: ids }, panels: panels.map((one) => (one.id === id ? { ...one, section: spec.section } : one)) });
      dragged = null;
    },
  };
}

/** Whether the pointer is in the right half. @param {DragEvent} event */
function isAfter(event) {
  const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
  return event.clientX > box.left + box.width / 2;
}
