/** The head of a grid: names that sort, edges that resize, a menu for everything else. Columns are moved by dragging. */
import { useRef } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';

/** @typedef {import('./layout.js').Placed} Placed */
/**
 * @typedef {object} HeadActions
 * @property {(id: string, more: boolean) => void} onSort
 * @property {(id: string, width: number | null) => void} onResize null: as wide as its content
 * @property {(id: string, before: string) => void} onMove
 */

/**
 * @param {{layout: import('./layout.js').Layout, first: number, last: number, active: number, titleOf: (cell: Placed) => any, sortOf: (id: string) => {index: number, down: boolean} | null,
 *   fixed: string, actions: HeadActions, menu: (cell: Placed) => any}} props
 * `fixed` is a column that is neither sorted nor moved.
 */
export function Head({ layout, first, last, active, titleOf, sortOf, fixed, actions, menu }) {
  const dragged = useRef('');
  /** @param {Placed} cell @param {Record<string, string>} style */
  const draw = (cell, style) => {
    const sort = sortOf(cell.id);
    const free = cell.id !== fixed;
    const drop = (/** @type {DragEvent} */ event) => { event.preventDefault(); if (dragged.current && dragged.current !== cell.id) actions.onMove(dragged.current, cell.id); dragged.current = ''; };
    return html`<div key=${cell.id} role="columnheader" class=${cell.pinned ? 'grid-cell grid-title pinned' : 'grid-cell grid-title'} aria-colindex=${cell.index + 1} data-col=${cell.index} data-column=${cell.id}
        aria-sort=${sort && sort.index === 0 ? (sort.down ? 'descending' : 'ascending') : undefined} tabindex=${active === cell.index ? 0 : -1} style=${{ width: `${cell.width}px`, ...style }}
        draggable=${free} onDragStart=${(/** @type {DragEvent} */ event) => { dragged.current = cell.id; event.dataTransfer?.setData('text/plain', cell.id); }} onDragOver=${(/** @type {DragEvent} */ event) => { if (dragged.current) event.preventDefault(); }} onDrop=${drop}>
      ${free ? html`<span class="grid-sort cut" onClick=${(/** @type {MouseEvent} */ event) => actions.onSort(cell.id, event.shiftKey)} title=${t('table.sortTitle')}>${titleOf(cell)}${sort && html`<span class="grid-arrow" aria-hidden="true">${sort.down ? '↓' : '↑'}${sort.index > 0 ? sort.index + 1 : ''}</span>`}</span>
        ${menu(cell)}<${Edge} cell=${cell} onResize=${actions.onResize} />` : titleOf(cell)}</div>`;
  };
  const { pinned, rest, pinnedWidth } = layout;
  return html`<div role="row" class="grid-head" aria-rowindex="1" data-row="-1" style=${{ width: `${layout.width}px` }}>
    ${pinned.map((cell) => draw(cell, { left: `${cell.left}px` }))}
    ${rest.slice(first, last + 1).map((cell, i) => draw(cell, i === 0 ? { marginLeft: `${cell.left - pinnedWidth}px` } : {}))}</div>`;
}

/** @param {{cell: Placed, onResize: HeadActions['onResize']}} props */
function Edge({ cell, onResize }) {
  /** @param {any} event */
  const down = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const [el, from, width] = [event.currentTarget, event.clientX, cell.width];
    el.setPointerCapture(event.pointerId);
    el.onpointermove = (/** @type {PointerEvent} */ move) => onResize(cell.id, Math.max(48, width + move.clientX - from));
    el.onpointerup = () => { el.onpointermove = null; el.onpointerup = null; };
  };
  return html`<span class="grid-edge" onPointerDown=${down} onDblClick=${() => onResize(cell.id, null)} title=${t('table.resizeTitle')}></span>`;
}
