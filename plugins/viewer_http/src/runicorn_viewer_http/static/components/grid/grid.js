/** A grid of very many rows: only those in sight are in the document; one tab stop, arrows move inside. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { inSight } from './layout.js';
import { Head } from './head.js';
import { Row } from './row.js';

export const ROW = 30;
const EXTRA = 6;

/** @typedef {{row: number, col: number}} At row -1 is the head */
/**
 * @typedef {object} GridProps
 * @property {string} label
 * @property {number} total rows
 * @property {import('./layout.js').Layout} layout
 * @property {(index: number) => any} itemAt undefined while it is on its way
 * @property {(from: number, to: number) => void} onNeed rows in sight, again for every scroll
 * @property {(item: any, cell: import('./layout.js').Placed, index: number) => any} cell stable, or all rows are drawn again
 * @property {(item: any) => boolean} isSelected
 * @property {(item: any) => boolean | undefined} isOpen undefined: not a row that opens
 * @property {(item: any) => string} markOf
 * @property {(item: any) => string} classOf
 * @property {(at: At, item: any, event: KeyboardEvent) => boolean} onKey whether the key was taken
 * @property {(at: At, item: any, event: MouseEvent) => void} onPress
 * @property {any} head what `Head` needs beside the layout
 * @property {boolean} [tree] whether rows open to others
 * @property {{top: number}} [keep] how far it is scrolled, and was when it was here last
 * @property {{current: {focus: (at: At) => void} | null}} handle
 */

/** @param {GridProps} props */
export function Grid({ label, total, layout, itemAt, onNeed, cell, isSelected, isOpen, markOf, classOf, onKey, onPress, head, handle, tree = false, keep }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const [view, setView] = useState({ top: 0, left: 0, width: 1200, height: 600 });
  const [active, setActive] = useState(/** @type {At} */ ({ row: 0, col: Math.min(1, layout.cells.length - 1) }));
  const wantsFocus = useRef(false);
  const look = () => {
    const el = scroller.current;
    if (!el) return;
    if (keep) keep.top = el.scrollTop;
    setView({ top: el.scrollTop, left: el.scrollLeft, width: el.clientWidth, height: el.clientHeight });
  };
  useLayoutEffect(() => { if (scroller.current && keep?.top) { scroller.current.scrollTop = keep.top; look(); } }, []);
  useEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    const watcher = new ResizeObserver(look);
    watcher.observe(el);
    return () => watcher.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(view.top / ROW) - EXTRA);
  const to = Math.min(total - 1, Math.ceil((view.top + view.height) / ROW) + EXTRA);
  useEffect(() => { if (total > 0) onNeed(from, to); });
  const [first, last] = inSight(layout, view.left, view.width);

  // there is always one way in, also when the cell that had it has been scrolled away
  const placed = layout.cells[active.col];
  const inView = placed && (placed.pinned || (layout.rest.indexOf(placed) >= first && layout.rest.indexOf(placed) <= last));
  const stop = { row: active.row < 0 ? -1 : Math.max(from, Math.min(to, active.row)), col: inView ? active.col : layout.cells[0]?.index ?? 0 };

  /** Bring a cell into sight and give it the focus. @param {At} at */
  const go = (at) => {
    const el = scroller.current;
    const target = { row: Math.max(-1, Math.min(total - 1, at.row)), col: Math.max(0, Math.min(layout.cells.length - 1, at.col)) };
    const place = layout.cells[target.col];
    if (!el || !place) return;
    if (target.row >= 0) {
      const top = target.row * ROW;
      if (top < el.scrollTop) el.scrollTop = top;
      else if (top + ROW * 2 > el.scrollTop + el.clientHeight) el.scrollTop = top + ROW * 2 - el.clientHeight;
    }
    if (!place.pinned) {
      if (place.left < el.scrollLeft + layout.pinnedWidth) el.scrollLeft = place.left - layout.pinnedWidth;
      else if (place.left + place.width > el.scrollLeft + el.clientWidth) el.scrollLeft = place.left + place.width - el.clientWidth;
    }
    look();
    wantsFocus.current = true;
    setActive(target);
  };
  handle.current = { focus: go };
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const found = /** @type {HTMLElement | null | undefined} */ (scroller.current?.querySelector(`[data-row="${active.row}"] [data-col="${active.col}"]`));
    if (!found) return;
    wantsFocus.current = false;
    found.focus({ preventScroll: true });
  });

  /** @param {any} event @returns {At | null} */
  const placeOf = (event) => {
    const found = event.target.closest('[data-col]');
    const row = found?.closest('[data-row]');
    return row ? { row: Number(row.dataset.row), col: Number(found.dataset.col) } : null;
  };
  /** @param {any} event */
  const keys = (event) => {
    if (event.target.closest('input:not([type=checkbox]), textarea, [role=menu]')) return;
    const at = placeOf(event) ?? active;
    if (onKey(at, at.row < 0 ? undefined : itemAt(at.row), event)) { event.preventDefault(); event.stopPropagation(); return; }
    const page = Math.max(1, Math.floor(view.height / ROW) - 2);
    const end = event.ctrlKey || event.metaKey;
    /** @type {Record<string, At>} */
    const moves = {
      ArrowDown: { row: at.row + 1, col: at.col }, ArrowUp: { row: at.row - 1, col: at.col }, ArrowLeft: { row: at.row, col: at.col - 1 }, ArrowRight: { row: at.row, col: at.col + 1 },
      PageDown: { row: at.row + page, col: at.col }, PageUp: { row: Math.max(0, at.row - page), col: at.col },
      Home: { row: end ? 0 : at.row, col: 0 }, End: { row: end ? total - 1 : at.row, col: layout.cells.length - 1 },
    };
    const next = moves[event.key];
    if (!next || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(next);
  };
  /** @param {any} event */
  const pressed = (event) => {
    const at = placeOf(event);
    if (!at || event.target.closest('input:not([type=checkbox]), textarea')) return;
    setActive(at);
    onPress(at, at.row < 0 ? undefined : itemAt(at.row), event);
  };
  const rows = [];
  for (let index = from; index <= to; index += 1) {
    const item = itemAt(index);
    rows.push(html`<${Row} key=${index} index=${index} item=${item} layout=${layout} first=${first} last=${last} selected=${item !== undefined && isSelected(item)} active=${stop.row === index ? stop.col : -1}
      expanded=${item === undefined ? undefined : isOpen(item)} level=${tree && item !== undefined ? (isOpen(item) === undefined ? 2 : 1) : 0} mark=${item === undefined ? '' : markOf(item)} className=${item === undefined ? '' : classOf(item)} top=${index * ROW} cell=${cell} />`);
  }
  return html`<div class="grid" ref=${scroller} role=${tree ? 'treegrid' : 'grid'} aria-label=${label} aria-rowcount=${total + 1} aria-colcount=${layout.cells.length} aria-multiselectable="true"
      onScroll=${look} onKeyDown=${keys} onClick=${pressed}>
    <${Head} ...${head} layout=${layout} first=${first} last=${last} active=${stop.row < 0 ? stop.col : -1} />
    <div role="rowgroup" class="grid-body" style=${{ height: `${total * ROW}px`, width: `${layout.width}px` }}>${rows}</div></div>`;
}
