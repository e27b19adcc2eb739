/** A few lines over the time of day, on the host's own chart. */
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { makeChart } from '../extend/chart.js';

/** @param {{lines: {name: string, values: (number | null)[]}[], time: number[], label: string, gap?: number, percent?: boolean, format?: (value: number) => string}} props `gap`: seconds without a measurement after which nothing is known */
export function TimeChart({ lines, time, label, gap, percent = false, format }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const chart = useRef(/** @type {ReturnType<typeof makeChart> | null} */ (null));
  useEffect(() => {
    chart.current = makeChart(/** @type {HTMLElement} */ (place.current), { x: 'wall', sync: 'machine', format, low: percent || format ? 0 : null, high: percent ? 100 : null });
    return () => chart.current?.destroy();
  }, []);
  useEffect(() => {
    const drawn = lines.map(({ name, values }) => {
      const there = time.map((_, i) => i).filter((i) => values[i] !== null && values[i] !== undefined);
      return { name, gap, x: there.map((i) => time[i]), y: there.map((i) => /** @type {number} */ (values[i])) };
    });
    chart.current?.setData(drawn.filter((line) => line.x.length > 0));
  }, [time.at(-1), time.length, lines.map((line) => line.name).join()]);
  return html`<div class="time-chart" role="img" aria-label=${label} ref=${place}></div>`;
}
