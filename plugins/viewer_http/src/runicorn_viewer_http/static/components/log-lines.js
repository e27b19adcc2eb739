/** The lines themselves: only those in sight are in the document. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatClock, formatTime } from '../charts/format.js';
import { ansiPieces } from './ansi.js';

export const ROW = 18;
const EXTRA = 20;

/**
 * @param {{log: ReturnType<typeof import('../state/log.js').openLog>, rows: import('../types').LogLine[] | null, size: number, marked: number | null,
 *   scroller: {current: HTMLElement | null}, times: boolean, onMark: (n: number) => void, onScroll: (atEnd: boolean) => void}} props
 */
export function LogLines({ log, rows, size, marked, scroller, times, onMark, onScroll }) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const before = useRef(0);
  void log.version.value;
  const total = rows ? rows.length : size;
  const first = Math.max(0, Math.floor(top / ROW) - EXTRA);
  const last = Math.min(total - 1, Math.ceil((top + height) / ROW) + EXTRA);
  useEffect(() => { if (!rows && total > 0) log.need(first, last); }, [first, last, total, rows]);
  useEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    const watcher = new ResizeObserver(() => setHeight(el.clientHeight));
    watcher.observe(el);
    return () => watcher.disconnect();
  }, []);
  const shown = [];
  for (let i = first; i <= last; i += 1) shown.push({ i, n: rows ? rows[i].n : i, line: rows ? rows[i] : log.line(i) });
  /** @param {any} event */
  const scrolled = (event) => {
    const el = event.currentTarget;
    const up = el.scrollTop < before.current;
    before.current = el.scrollTop;
    setTop(el.scrollTop);
    // only a reader scrolls up; that new lines have made the end move away is no wish to stop
    if (up) onScroll(false);
    else if (el.scrollTop + el.clientHeight >= el.scrollHeight - ROW) onScroll(true);
  };
  // one listener: thousands of links of 18 px would be a labyrinth for the keyboard
  /** @param {any} event */
  const clicked = (event) => {
    const number = event.target.closest('.log-n');
    if (number) onMark(Number(number.parentElement.dataset.n));
  };
  const digits = String(Math.max(size, 1)).length;
  return html`<div class="log-scroll" ref=${scroller} onScroll=${scrolled} onClick=${clicked} tabindex="0" role="log" aria-label=${t('tab.logs')} aria-live="off">
    <div class="log-all" style=${{ height: `${total * ROW}px` }}><div class="log-window" style=${{ transform: `translateY(${first * ROW}px)` }}>
      ${shown.map(({ i, n, line }) => html`<div key=${i} class=${`log-line${n === marked ? ' marked' : ''}${line?.stream === 'stderr' ? ' stderr' : ''}${line?.level ? ` level-${line.level}` : ''}`} data-n=${n}>
        <span class="log-n" style=${{ width: `${digits + 1}ch` }} title=${line?.time ? formatTime(line.time) : ''}>${n + 1}</span>${times && html`<span class="log-time">${line?.time ? formatClock(line.time) : ''}</span>`}
        <span class="log-text">${line ? ansiPieces(line.text).map((piece) => (piece.className || Object.keys(piece.style).length > 0 ? html`<span class=${piece.className} style=${piece.style}>${piece.text}</span>` : piece.text)) : '…'}</span></div>`)}
    </div></div></div>`;
}
