/** What samplers measured while the run happened: one chart for each name, a line for each host. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get, isAbort, seg } from '../../api.js';
import { formatBytes } from '../../charts/bytes.js';
import { formatValue } from '../../charts/format.js';
import { ErrorCard } from '../../components/feedback.js';
import { TimeChart } from '../../components/time-chart.js';

/** @typedef {{key: string, host: string, unit: string, n: number, last: number | string, time: number[], mean: number[]}} Series */
const AGAIN_MS = 5000;

/** @param {{run: import('../../types').RunDetail}} props */
export function System({ run }) {
  const [answer, setAnswer] = useState(/** @type {{started_at: number, series: Series[]} | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [tries, again] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    get(`runs/${seg(run.id)}/system`, { path: run.path, buckets: 300 }, { signal: abort.signal, quiet: answer !== null })
      .then((found) => { setAnswer(found); setError(null); }, (failed) => { if (!isAbort(failed)) setError(failed); });
    const timer = run.status === 'running' ? setTimeout(() => { if (!document.hidden) again((n) => n + 1); }, AGAIN_MS) : undefined;
    return () => { abort.abort(); clearTimeout(timer); };
  }, [run.path, run.status, tries]);
  if (error && !answer) return html`<${ErrorCard} error=${error} what=${t('error.system')} retry=${() => again((n) => n + 1)} />`;
  if (!answer) return null;
  if (answer.series.length === 0) return html`<p class="muted tab-empty">${t('system.none')}</p>`;
  const keys = [...new Set(answer.series.map((one) => one.key))];
  const parts = [...new Set(keys.map(partOf))];
  return html`<div>${parts.map((part) => html`<section class="section" key=${part} data-system=${part}><h2>${part}</h2>
    <div class="panels">${keys.filter((key) => partOf(key) === part).map((key) => html`<${Chart} key=${key} name=${key} series=${answer.series.filter((one) => one.key === key)} />`)}</div></section>`)}</div>`;
}

/** @param {string} key */
const partOf = (key) => (key.startsWith('gpu/') ? key.split('/').slice(0, 2).join('/') : key.split('/')[0]);

/** @param {{name: string, series: Series[]}} props */
function Chart({ name, series }) {
  const times = [...new Set(series.flatMap((one) => one.time))].sort((a, b) => a - b);
  const lines = series.map((one) => {
    const at = new Map(one.time.map((time, i) => [time, one.mean[i]]));
    return { name: series.length > 1 ? one.host : name, values: times.map((time) => at.get(time) ?? null) };
  });
  return html`<div class="card block" data-metric=${name}><h3 class="row-line"><span class="cut" title=${name}>${name}</span><span class="sp"></span><span class="num soft nowrap">${series.map((one) => withUnit(one.last, one.unit)).join(' · ')}</span></h3>
    <${TimeChart} label=${`${name}: ${series.map((one) => `${one.host} ${withUnit(one.last, one.unit)}`).join(', ')}`} time=${times} lines=${lines} /></div>`;
}

/** @param {number | string} value @param {string} unit */
function withUnit(value, unit) {
  if (typeof value !== 'number' || !unit.startsWith('B')) return `${formatValue(value)}${unit ? ` ${unit}` : ''}`;
  return `${formatBytes(value)}${unit.slice(1)}`;
}
