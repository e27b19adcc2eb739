/** The log of a run: virtual list, colours, search, stream filter, follow mode, links to lines. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { query, setQuery } from '../../router.js';
import { apiUrl, request, seg } from '../../api.js';
import { formatCount } from '../../charts/format.js';
import { openLog } from '../../state/log.js';
import { attempt, ErrorCard } from '../../components/feedback.js';
import { LogLines, ROW } from '../../components/log-lines.js';

const STREAMS = ['', 'stdout', 'stderr', 'text', 'log'];

/** @param {{run: import('../../types').RunDetail}} props */
export function Logs({ run }) {
  const log = useMemo(() => openLog(run), [run.path]);
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const target = useRef(hashLine());
  const [marked, mark] = useState(target.current);
  const live = run.status === 'running';
  const [following, follow] = useState(target.current === null);
  const q = query.value.get('lq') ?? '';
  const stream = query.value.get('stream') ?? '';
  const times = query.value.get('lt') === '1';

  useEffect(() => { log.start(); return log.close; }, [log]);
  const known = log.size.value !== null;
  useEffect(() => {
    if (!live || !known) return undefined;
    log.follow();
    return log.unfollow;
  }, [log, live, known]);
  // a filter sees what came meanwhile, but not for every line
  const tick = q || stream ? Math.floor((log.size.value ?? 0) / 20) : 0;
  useEffect(() => { const timer = setTimeout(() => log.match(q, stream), 150); return () => clearTimeout(timer); }, [log, q, stream, tick]);
  useEffect(() => {
    const listen = () => { target.current = hashLine(); mark(target.current); if (target.current !== null) follow(false); };
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);

  const size = log.size.value ?? 0;
  const matches = log.matches.value;
  useEffect(() => {
    const el = scroller.current;
    if (!el || !known) return;
    if (target.current !== null && !matches) {
      el.scrollTop = Math.max(0, target.current * ROW - el.clientHeight / 3);
      target.current = null;
    } else if (following) el.scrollTop = el.scrollHeight;
  });

  const error = log.error.value;
  if (error && !known) return html`<${ErrorCard} error=${error} what=${t('error.logs')} retry=${log.retry} />`;
  const streams = STREAMS.map((name) => html`<option value=${name}>${t(name ? `stream.${name}` : 'stream.all')}</option>`);
  return html`<div class="logs">
    <div class="bar"><input class="input bar-search" type="search" spellcheck=${false} placeholder=${t('logs.search')} aria-label=${t('logs.search')} value=${q} onInput=${(/** @type {any} */ e) => setQuery({ lq: e.target.value })} />
      <label class=${stream ? 'chip on' : 'chip'}>${t('logs.stream')} <select value=${stream} onChange=${(/** @type {any} */ e) => setQuery({ stream: e.target.value })}>${streams}</select></label>
      <span class="muted nowrap" aria-live="polite">${matches ? t(log.more.value ? 'logs.firstMatching' : 'logs.matching', { n: formatCount(matches.length), total: formatCount(size) }) : known ? t('logs.lines', { n: size }) : ''}</span><span class="sp"></span>
      <button class=${following ? 'chip on' : 'chip'} aria-pressed=${following} onClick=${() => follow(!following)}>${t(live ? 'logs.follow' : 'logs.end')} <span aria-hidden="true">${following ? '●' : '○'}</span></button>
      <button class=${times ? 'chip on' : 'chip'} aria-pressed=${times} onClick=${() => setQuery({ lt: times ? null : '1' })}>${t('logs.times')} <span aria-hidden="true">${times ? '●' : '○'}</span></button>
      <button class="button" onClick=${() => attempt(() => download(run))}>${t('logs.download')}</button></div>
    ${error && html`<${ErrorCard} error=${error} what=${t('error.logs')} retry=${log.retry} />`}
    ${known && size === 0 ? html`<p class="muted tab-empty">${t(live ? 'logs.noneYet' : 'logs.none')}</p>`
      : html`<${LogLines} log=${log} rows=${matches} size=${size} marked=${marked} scroller=${scroller} times=${times} onMark=${(/** @type {number} */ n) => { history.replaceState(null, '', `#L${n + 1}`); mark(n); follow(false); }}
          onScroll=${follow} />`}
    ${matches && matches.length === 0 && html`<p class="muted">${t('logs.noMatch')}</p>`}
  </div>`;
}

/** Save the whole log as it was written. @param {import('../../types').RunDetail} run */
async function download(run) {
  const text = await request(apiUrl(`runs/${seg(run.id)}/logs`, { path: run.path }), { accept: 'text/plain' });
  const url = URL.createObjectURL(text);
  Object.assign(document.createElement('a'), { href: url, download: `${run.id}.log` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** `#L120` names the line that is shown as 120; lines count from 0. */
function hashLine() {
  const match = /^#L(\d+)$/.exec(location.hash);
  return match ? Math.max(0, Number(match[1]) - 1) : null;
}
