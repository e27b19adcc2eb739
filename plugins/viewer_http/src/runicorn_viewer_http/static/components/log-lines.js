/** The lines themselves: only those in sight are in the document. With `wrap` each is as high as its text needs. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatClock, formatTime } from '../charts/format.js';
import { rowHeights } from '../state/row-heights.js';
import { ansiPieces } from './ansi.js';

export const ROW = 18;
const EXTRA = 20;

/** @typedef {{goTo: (index: number) => void, toEnd: () => void}} Place */
/**
 * @param {{log: ReturnType<typeof import('../state/log.js').openLog>, rows: import('../types').LogLine[] | null, size: number, marked: number | null,
 *   find: string, wrap: boolean, times: boolean, place: {current: Place | null}, onMark: (n: number) => void, onScroll: (atEnd: boolean) => void}} props
 * `place` is filled with the way to go to a row.
 */
export function LogLines({ log, rows, size, marked, find, wrap, times, place, onMark, onScroll }) {
  const [top, setTop] = useState(0);
  const [box, setBox] = useState({ width: 0, height: 600 });
  const [, measured] = useState(0);
  const before = useRef(0);
  const leaving = useRef(false);
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const lines = useRef(/** @type {HTMLElement | null} */ (null));
  const heights = useMemo(() => rowHeights(ROW), [wrap, rows === null, box.width, times]);
  const version = log.version.value;
  const [opened, setOpened] = useState(/** @type {ReadonlySet<number>} */ (new Set()));
  const total = rows ? rows.length : size;
  // a search looks everywhere, and the line of an address is shown
  const folds = rows || find ? [] : [...log.folds.values()].filter((fold) => !opened.has(fold.head) && !(marked !== null && marked >= fold.from && marked <= fold.to));
  const shut = new Map(folds.map((fold) => [fold.head, fold]));
  const hidden = useMemo(() => new Set(folds.flatMap((fold) => Array.from({ length: fold.to - fold.from + 1 }, (_, i) => fold.from + i))), [version, opened, marked, find, rows === null]);
  const shift = useRef(0);
  const shutBefore = useRef({ heights, hidden: /** @type {ReadonlySet<number>} */ (new Set()) });
  useMemo(() => {
    const old = shutBefore.current.heights === heights ? shutBefore.current.hidden : new Set();
    const reading = heights.at(top);
    const place = heights.top(reading);
    for (const n of old) if (!hidden.has(n)) heights.set(n, ROW);
    for (const n of hidden) if (!old.has(n)) heights.set(n, 0);
    shift.current += heights.top(reading) - place;
    shutBefore.current = { heights, hidden };
  }, [heights, hidden]);
  const first = Math.max(0, heights.at(top) - EXTRA);
  const last = Math.min(total - 1, heights.at(top + box.height) + EXTRA);
  useEffect(() => { if (!rows && total > 0) log.need(first, last); }, [first, last, total, rows]);
  useEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    const watcher = new ResizeObserver(() => setBox({ width: el.clientWidth, height: el.clientHeight }));
    watcher.observe(el);
    return () => watcher.disconnect();
  }, []);
  place.current = {
    goTo: (index) => {
      const el = scroller.current;
      if (el) el.scrollTop = Math.max(0, heights.top(index) - el.clientHeight / 3);
    },
    toEnd: () => { if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight; },
  };
  // lines above the reader's first one that are folded away take the page along too
  useLayoutEffect(() => {
    const by = shift.current;
    shift.current = 0;
    if (by !== 0 && scroller.current && scroller.current.scrollTop > 0) { scroller.current.scrollTop += by; before.current = scroller.current.scrollTop; }
  }, [hidden]);
  // what is measured above the reader's first line moves the page along, so that the line stays where it is
  useLayoutEffect(() => {
    if (!wrap || !lines.current || !scroller.current) return;
    const reading = heights.at(scroller.current.scrollTop);
    let changed = false;
    let above = 0;
    [...lines.current.children].forEach((row, i) => {
      const by = heights.set(first + i, /** @type {HTMLElement} */ (row).offsetHeight);
      if (by !== 0) changed = true;
      if (first + i < reading) above += by;
    });
    if (!changed) return;
    if (above !== 0) { scroller.current.scrollTop += above; before.current = scroller.current.scrollTop; }
    measured((n) => n + 1);
  });
  const shown = [];
  for (let i = first; i <= last; i += 1) shown.push({ i, line: rows ? rows[i] : log.line(i), n: rows ? rows[i].n : i });
  /** @param {any} event */
  const scrolled = (event) => {
    const el = event.currentTarget;
    const up = el.scrollTop < before.current;
    before.current = el.scrollTop;
    setTop(el.scrollTop);
    // only a reader scrolls up; that new lines have made the end move away is no wish to stop
    if (up) { leaving.current = false; onScroll(false); } else if (!leaving.current && el.scrollTop + el.clientHeight >= el.scrollHeight - ROW) onScroll(true);
  };
  // new lines may take the page to its end before it has begun to move up: the wheel says sooner what its reader wants
  /** @param {any} event */
  const turned = (event) => {
    if (event.ctrlKey) return; // it makes the page larger
    leaving.current = event.deltaY < 0 && event.currentTarget.scrollTop > 0;
    if (leaving.current) onScroll(false);
  };
  const stays = () => { leaving.current = false; };
  // one listener: thousands of links of 18 px would be a labyrinth for the keyboard
  /** @param {any} event */
  const clicked = (event) => {
    const button = event.target.closest('.log-fold');
    if (button) setOpened((old) => { const next = new Set(old); if (!next.delete(Number(button.dataset.head))) next.add(Number(button.dataset.head)); return next; });
    const number = event.target.closest('.log-n');
    if (number) onMark(Number(number.parentElement.dataset.n));
  };
  const digits = String(Math.max(size, 1)).length;
  return html`<div class=${wrap ? 'log-scroll wrap' : 'log-scroll'} ref=${scroller} onScroll=${scrolled} onWheel=${turned} onPointerDown=${stays} onKeyDown=${stays} onClick=${clicked} tabindex="0" role="log" aria-label=${t('tab.logs')} aria-live="off">
    <div class="log-all" style=${{ height: `${heights.top(total)}px` }}><div class="log-window" ref=${lines} style=${{ transform: `translateY(${heights.top(first)}px)` }}>
      ${shown.map(({ i, n, line }) => html`<div key=${i} class=${`log-line${n === marked ? ' marked' : ''}${line?.stream === 'stderr' ? ' stderr' : ''}${line?.level ? ` level-${line.level}` : ''}`} data-n=${n} hidden=${hidden.has(n)}>
        <span class="log-n" style=${{ width: `${digits + 1}ch` }} title=${line?.time ? formatTime(line.time) : ''}>${n + 1}</span>${times && html`<span class="log-time">${line?.time ? formatClock(line.time) : ''}</span>`}
        <span class="log-text">${line ? textOf(line.text, find) : '…'}${!rows && !find && log.folds.has(n) && foldButton(/** @type {any} */ (log.folds.get(n)), shut.has(n))}</span></div>`)}
    </div></div></div>`;
}

/** @param {import('../state/tracebacks.js').Fold} fold @param {boolean} shut */
const foldButton = (fold, shut) => html` <button class="log-fold" data-head=${fold.head} aria-expanded=${!shut}>${t(shut ? 'logs.unfold' : 'logs.fold', { n: fold.to - fold.from + 1 })}</button>`;

/** @param {string} text @param {string} find */
const textOf = (text, find) => ansiPieces(text).map((piece) => {
  const inner = find ? marks(piece.text, find) : piece.text;
  return piece.className || Object.keys(piece.style).length > 0 ? html`<span class=${piece.className} style=${piece.style}>${inner}</span>` : inner;
});

/** A text with every place marked where the words are, ignoring case. @param {string} text @param {string} find */
function marks(text, find) {
  const parts = [];
  const [lower, wanted] = [text.toLowerCase(), find.toLowerCase()];
  let from = 0;
  // a letter whose small form is longer would shift the places
  if (lower.length !== text.length) return text;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), html`<mark>${text.slice(at, at + wanted.length)}</mark>`);
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
