/** The log of a run: virtual list, colours, search, stream filter, follow mode, wrapping, links to lines. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { query, setQuery } from '../../router.js';
import { apiUrl, request, seg } from '../../api.js';
import { openLog } from '../../state/log.js';
import { attempt, ErrorCard } from '../../components/feedback.js';
import { useKeys } from '../../components/keyboard.js';
import { LogFind } from '../../components/log-find.js';
import { LogLines } from '../../components/log-lines.js';

/** @typedef {import('../../types').LogLine} LogLine */
const STREAMS = ['', 'stdout', 'stderr', 'text', 'log'];

/** @param {{run: import('../../types').RunDetail}} props */
export function Logs({ run }) {
  const log = useMemo(() => openLog(run), [run.path]);
  const place = useRef(/** @type {import('../../components/log-lines.js').Place | null} */ (null));
  const target = useRef(hashLine());
  const [marked, mark] = useState(target.current);
  const live = run.status === 'running';
  const [following, follow] = useState(target.current === null);
  const q = query.value.get('lq') ?? '';
  const stream = query.value.get('stream') ?? '';
  const only = query.value.get('lo') === '1';
  const times = query.value.get('lt') === '1';
  const wrap = query.value.get('lw') === '1';

  useEffect(() => { log.start(); return log.close; }, [log]);
  const known = log.size.value !== null;
  useEffect(() => {
    if (!live || !known) return undefined;
    log.follow();
    return log.unfollow;
  }, [log, live, known]);
  // a search sees what came meanwhile, but not for every line
  const tick = q || stream ? Math.floor((log.size.value ?? 0) / 20) : 0;
  useEffect(() => { const timer = setTimeout(() => log.match(q, stream), 150); return () => clearTimeout(timer); }, [log, q, stream, tick]);
  useEffect(() => {
    const listen = () => { target.current = hashLine(); mark(target.current); if (target.current !== null) follow(false); };
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);

  const size = log.size.value ?? 0;
  const matches = log.matches.value;
  // a stream alone is a choice of lines; words are looked for in all of them until only these are wanted
  const rows = matches && (only || (stream && !q)) ? matches : null;
  const at = matches && q && !rows ? nearest(matches, marked) : -1;
  /** @param {number} n */
  const show = (n) => {
    target.current = n;
    mark(n);
    follow(false);
    history.replaceState(history.state, '', `#L${n + 1}`);
  };
  const step = (/** @type {number} */ by) => {
    if (!matches || matches.length === 0 || rows) return;
    const next = marked === null ? (by > 0 ? 0 : matches.length - 1) : nextMatch(matches, marked, by);
    show(matches[next].n);
  };
  useKeys({ n: () => step(1), N: () => step(-1), w: () => setQuery({ lw: wrap ? null : '1' }) });
  // words just typed lead to the first place after what is being read
  const asked = useRef(q);
  useEffect(() => {
    if (!matches || !q || asked.current === q) return;
    asked.current = q;
    if (!rows && matches.length > 0 && (marked === null || !matches.some((line) => line.n === marked))) show(matches[nextMatch(matches, marked ?? -1, 1)].n);
  }, [matches]);
  useEffect(() => {
    if (!place.current || !known) return;
    if (target.current !== null && !rows) {
      place.current.goTo(target.current);
      target.current = null;
    } else if (following) place.current.toEnd();
  });

  const error = log.error.value;
  if (error && !known) return html`<${ErrorCard} error=${error} what=${t('error.logs')} retry=${log.retry} />`;
  const streams = STREAMS.map((name) => html`<option value=${name}>${t(name ? `stream.${name}` : 'stream.all')}</option>`);
  return html`<div class="logs">
    <div class="bar"><${LogFind} q=${q} matches=${matches} more=${log.more.value} size=${log.size.value} at=${at} only=${only} onStep=${step} />
      <label class=${stream ? 'chip on' : 'chip'}>${t('logs.stream')} <select value=${stream} onChange=${(/** @type {any} */ e) => setQuery({ stream: e.target.value })}>${streams}</select></label><span class="sp"></span>
      <${Switch} on=${following} label=${t(live ? 'logs.follow' : 'logs.end')} onClick=${() => follow(!following)} />
      <${Switch} on=${wrap} label=${t('logs.wrap')} onClick=${() => setQuery({ lw: wrap ? null : '1' })} />
      <${Switch} on=${times} label=${t('logs.times')} onClick=${() => setQuery({ lt: times ? null : '1' })} />
      <button class="button" onClick=${() => attempt(() => download(run))}>${t('logs.download')}</button></div>
    ${error && html`<${ErrorCard} error=${error} what=${t('error.logs')} retry=${log.retry} />`}
    ${known && size === 0 ? html`<p class="muted tab-empty">${t(live ? 'logs.noneYet' : 'logs.none')}</p>`
      : html`<${LogLines} log=${log} rows=${rows} size=${size} marked=${marked} find=${q} wrap=${wrap} times=${times} place=${place} onMark=${show} onScroll=${follow} />`}
    ${rows && rows.length === 0 && html`<p class="muted">${t('logs.noMatch')}</p>`}
  </div>`;
}

/** @param {{on: boolean, label: string, onClick: () => void}} props */
const Switch = ({ on, label, onClick }) => html`<button class=${on ? 'chip on' : 'chip'} aria-pressed=${on} onClick=${onClick}>${label} <span aria-hidden="true">${on ? '●' : '○'}</span></button>`;

/** Which match is the marked line; -1 for none. @param {LogLine[]} matches @param {number | null} n */
const nearest = (matches, n) => (n === null ? -1 : matches.findIndex((line) => line.n === n));

/** The match after (or before) a line, round the end. @param {LogLine[]} matches @param {number} n @param {number} by */
function nextMatch(matches, n, by) {
  if (by > 0) {
    const next = matches.findIndex((line) => line.n > n);
    return next < 0 ? 0 : next;
  }
  const before = matches.findLastIndex((line) => line.n < n);
  return before < 0 ? matches.length - 1 : before;
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
