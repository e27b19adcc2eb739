/** What monitors and people said of a run. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get, isAbort, seg } from '../../api.js';
import { formatTime } from '../../charts/format.js';
import { ErrorCard } from '../../components/feedback.js';

/** @typedef {{time: number, step: number | null, level: string, title: string, text: string, rule: string}} Alert */
/** @type {Record<string, [string, string]>} */
const LOOKS = { error: ['✕', 'err'], warning: ['▲', 'warn'], info: ['●', 'soft'] };
const AGAIN_MS = 5000;

/** All alerts of a run, the newest first; null while they are on their way. @param {import('../../types').RunDetail} run */
export function useAlerts(run) {
  const [alerts, setAlerts] = useState(/** @type {Alert[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [tries, again] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    get(`runs/${seg(run.id)}/alerts`, { path: run.path }, { signal: abort.signal, quiet: alerts !== null })
      .then((/** @type {Alert[]} */ found) => { setAlerts([...found].reverse()); setError(null); }, (failed) => { if (!isAbort(failed)) setError(failed); });
    const timer = run.status === 'running' ? setTimeout(() => { if (!document.hidden) again((n) => n + 1); }, AGAIN_MS) : undefined;
    return () => { abort.abort(); clearTimeout(timer); };
  }, [run.path, run.status, tries]);
  return { alerts, error, retry: () => again((n) => n + 1) };
}

/** @param {{run: import('../../types').RunDetail}} props */
export function Alerts({ run }) {
  const { alerts, error, retry } = useAlerts(run);
  if (error && !alerts) return html`<${ErrorCard} error=${error} what=${t('error.alerts')} retry=${retry} />`;
  if (!alerts) return null;
  if (alerts.length === 0) return html`<p class="muted tab-empty">${t('alerts.none')}</p>`;
  return html`<div class="narrow"><${AlertList} alerts=${alerts} /></div>`;
}

/** @param {{alerts: Alert[]}} props */
export const AlertList = ({ alerts }) => html`<ul class="card alerts">${alerts.map((alert, i) => {
  const [glyph, tone] = LOOKS[alert.level] ?? LOOKS.info;
  return html`<li key=${`${alert.time} ${i}`} data-level=${alert.level}><span class=${`${tone} nowrap`}><span aria-hidden="true">${glyph}</span> ${alert.level in LOOKS ? t(`alerts.${alert.level}`) : alert.level}</span>
    <div class="alert-text"><b>${alert.title}</b>${alert.text && html`<p class="soft">${alert.text}</p>`}</div>
    <span class="muted nowrap" title=${alert.rule}>${alert.step === null ? '' : `${t('chart.step', { n: alert.step })} · `}${formatTime(alert.time)}</span></li>`;
})}</ul>`;
