/** Images by step: one slider for all keys, each shows the newest picture at or before the step. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { apiUrl, get, isAbort, seg } from '../../api.js';
import { query, setQuery } from '../../router.js';
import { formatTime } from '../../charts/format.js';
import { notices } from '../../state/live.js';
import { ErrorCard } from '../../components/feedback.js';
import { Dialog } from '../../components/dialog.js';
import { Slot } from '../../extend/slot.js';

/** @typedef {import('../../types').MediaItem} MediaItem */

/** @param {{run: import('../../types').RunDetail}} props */
export function Media({ run }) {
  const [items, setItems] = useState(/** @type {MediaItem[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [open, setOpen] = useState(/** @type {MediaItem | null} */ (null));
  const [tries, again] = useState(0);
  const live = run.status === 'running';
  // a running run is asked again as it moves on, but not for every step
  const beat = live ? Math.floor((notices.value.get(run.id)?.last_step ?? 0) / 10) : 0;
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => get(`runs/${seg(run.id)}/media`, { path: run.path }, { signal: abort.signal, quiet: items !== null })
      .then((found) => { setItems(found); setError(null); }, (failed) => { if (!isAbort(failed)) setError(failed); }), items ? 1000 : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [run.id, run.status, beat, tries]);
  if (error && !items) return html`<${ErrorCard} error=${error} what=${t('error.media')} retry=${() => again((n) => n + 1)} />`;
  if (!items) return null;
  if (items.length === 0) return html`<p class="muted tab-empty">${t('media.none')}</p>`;

  const steps = [...new Set(items.map((item) => item.step ?? 0))].sort((a, b) => a - b);
  const asked = Number(query.value.get('step') ?? NaN);
  const at = Number.isFinite(asked) ? Math.max(0, steps.findLastIndex((step) => step <= asked)) : steps.length - 1;
  const step = steps[at];
  const keys = [...new Set(items.map((item) => item.key))].sort();
  const choose = (/** @type {number} */ index) => setQuery({ step: index >= steps.length - 1 ? null : String(steps[Math.max(0, index)]) });
  return html`<div>
    <div class="bar media-bar"><button class="button" disabled=${at === 0} onClick=${() => choose(at - 1)} aria-label=${t('media.previous')}>←</button>
      <input type="range" min="0" max=${steps.length - 1} value=${at} onInput=${(/** @type {any} */ e) => choose(Number(e.target.value))} aria-label=${t('media.step')} aria-valuetext=${t('chart.step', { n: step })} />
      <button class="button" disabled=${at === steps.length - 1} onClick=${() => choose(at + 1)} aria-label=${t('media.next')}>→</button>
      <span class="nowrap media-step">${t('chart.step', { n: step })} <span class="muted">${t('media.position', { i: at + 1, n: steps.length })}</span></span></div>
    <div class="images">${keys.map((key) => html`<${Picture} key=${key} run=${run} item=${current(items, key, step)} name=${key} onOpen=${setOpen} />`)}</div>
    <${Slot} name="media" project=${run.project} runs=${[run]} media=${items.map((item) => ({ ...item, url: fileUrl(run, item) }))} />
    ${open && html`<${Dialog} wide=${true} title=${`${open.key} · ${t('chart.step', { n: open.step ?? 0 })}`} onClose=${() => setOpen(null)}>
      <img class="picture-large" src=${fileUrl(run, open)} alt=${open.caption || open.key} /><p class="soft">${open.caption ?? ''}</p></${Dialog}>`}
  </div>`;
}

/** All pictures of the last step that has one, at or before `step`. @param {MediaItem[]} items @param {string} key @param {number} step @returns {MediaItem[]} */
function current(items, key, step) {
  const mine = items.filter((item) => item.key === key && (item.step ?? 0) <= step);
  const last = Math.max(...mine.map((item) => item.step ?? 0));
  return mine.filter((item) => (item.step ?? 0) === last);
}

/** @param {{path: string, id: string}} run @param {MediaItem} item */
const fileUrl = (run, item) => apiUrl(`runs/${seg(run.id)}/media/${item.path.split('/').map(seg).join('/')}`, { path: run.path });

/** @param {{run: import('../../types').RunDetail, item: MediaItem[], name: string, onOpen: (item: MediaItem) => void}} props */
function Picture({ run, item, name, onOpen }) {
  return html`<figure class="card picture"><figcaption class="picture-head"><b class="cut" title=${name}>${name}</b><span class="sp"></span>
      <span class="muted nowrap" title=${formatTime(item[0]?.time)}>${item.length > 0 ? t('chart.step', { n: item[0].step ?? 0 }) : ''}</span></figcaption>
    ${item.length === 0 && html`<div class="picture-none muted">${t('media.notYet')}</div>`}
    ${item.map((one) => html`<button class="picture-open" onClick=${() => onOpen(one)} aria-label=${t('media.enlarge', { name })}><img loading="lazy" src=${fileUrl(run, one)} alt=${one.caption || name} /></button>
      ${one.caption && html`<p class="soft picture-caption">${one.caption}</p>`}`)}</figure>`;
}
