/** What a run logged beside numbers, by step: pictures of it and of runs beside it, and what plugins show of other kinds. */
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { query, setQuery } from '../../router.js';
import { formatTime } from '../../charts/format.js';
import { colorOf } from '../../charts/palette.js';
import { currentOf, fileUrl, useMedia } from '../../state/media.js';
import { dark } from '../../state/prefs.js';
import { titleOf } from '../../state/experiments.js';
import { runDetail } from '../../state/runs.js';
import { ErrorCard } from '../../components/feedback.js';
import { Dialog } from '../../components/dialog.js';
import { icons } from '../../components/icons.js';
import { RunPicker } from '../../components/run-picker.js';
import { StepBar } from '../../components/step-bar.js';
import { Swatch } from '../../components/swatch.js';
import { Zoomed } from '../../components/zoomed.js';
import { Slot } from '../../extend/slot.js';

/** @typedef {import('../../types').MediaItem} MediaItem @typedef {import('../../types').RunDetail} RunDetail */

/** @param {{run: RunDetail}} props */
export function Media({ run }) {
  const others = query.value.getAll('with');
  const beside = /** @type {RunDetail[]} */ (others.map((id) => runDetail(id).value.data).filter(Boolean));
  const runs = [run, ...beside];
  const { lists, error, retry } = useMedia(runs);
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const items = lists.get(run.path);
  if (error && !items) return html`<${ErrorCard} error=${error} what=${t('error.media')} retry=${retry} />`;
  if (!items) return null;
  if (items.length === 0 && beside.length === 0) return html`<p class="muted tab-empty">${t('media.none')}</p>`;

  const all = runs.flatMap((one) => lists.get(one.path) ?? []);
  const steps = [...new Set(all.map((item) => item.step ?? 0))].sort((a, b) => a - b);
  const asked = Number(query.value.get('step') ?? NaN);
  const at = Number.isFinite(asked) ? Math.max(0, steps.findLastIndex((step) => step <= asked)) : steps.length - 1;
  const step = steps[at];
  const pictures = new Map(runs.map((one) => [one.path, (lists.get(one.path) ?? []).filter((item) => item.type === 'image')]));
  const keys = [...new Set([...pictures.values()].flat().map((item) => item.key))].sort();
  const choose = (/** @type {number} */ index) => setQuery({ step: index >= steps.length - 1 ? null : String(steps[Math.max(0, index)]) });
  const at_ = (/** @type {RunDetail} */ one, /** @type {string} */ key) => currentOf(pictures.get(one.path) ?? [], key, step);
  const bar = html`<${StepBar} steps=${steps} at=${at} onChoose=${choose}>
    ${others.map((id) => html`<button key=${id} class="chip on" onClick=${() => setQuery({ with: others.filter((one) => one !== id) })} aria-label=${t('media.without', { name: id })}>${id} ${icons.close()}</button>`)}
    <${RunPicker} label=${t('media.beside')} project=${run.project} except=${[run.id, ...others]} value="" none=${t('media.choose')} onChoose=${(/** @type {string} */ id) => setQuery({ with: [...others, id] })} /></${StepBar}>`;
  return html`<div class="media">${bar}
    ${beside.length === 0 ? html`<div class="images">${keys.map((key) => html`<${Picture} key=${key} run=${run} items=${at_(run, key)} name=${key} head=${html`<b class="cut" title=${key}>${key}</b>`} onOpen=${() => setOpen(key)} />`)}</div>`
      : keys.map((key) => html`<section class="media-key" key=${key}><h3>${key}</h3><div class="images">${runs.map((one) => html`<${Picture} key=${one.path} run=${one} items=${at_(one, key)} name=${key} head=${named(one)} onOpen=${() => setOpen(key)} />`)}</div></section>`)}
    ${runs.map((one) => html`<${Slot} key=${one.path} name="media" project=${one.project} runs=${[one]} step=${step} media=${(lists.get(one.path) ?? []).map((item) => ({ ...item, url: fileUrl(one, item) }))} />`)}
    ${open && html`<${Dialog} wide=${true} title=${`${open} · ${t('chart.step', { n: step })}`} onClose=${() => setOpen(null)}>
      <div onKeyDown=${(/** @type {KeyboardEvent} */ e) => arrows(e, (by) => choose(Math.min(steps.length - 1, at + by)))}>
        <${StepBar} steps=${steps} at=${at} onChoose=${choose} />
        <${Zoomed} pictures=${runs.flatMap((one) => at_(one, open).map((item) => ({ key: `${one.path} ${item.path}`, url: fileUrl(one, item), alt: item.caption || open, head: html`${beside.length > 0 && named(one)}<span class="soft">${item.caption ?? ''}</span>` })))} /></div></${Dialog}>`}
  </div>`;
}

/** @param {KeyboardEvent} event @param {(by: number) => void} go */
function arrows(event, go) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || /** @type {HTMLElement} */ (event.target).matches('input')) return;
  event.preventDefault();
  go(by);
}

/** @param {RunDetail} run */
const named = (run) => html`<${Swatch} ...${colorOf(run, dark.value)} /><b class="cut" title=${run.id}>${titleOf(run)}</b>`;

/** @param {{run: RunDetail, items: MediaItem[], name: string, head: any, onOpen: () => void}} props */
const Picture = ({ run, items, name, head, onOpen }) => html`<figure class="card picture"><figcaption class="picture-head">${head}<span class="sp"></span>
    <span class="muted nowrap" title=${formatTime(items[0]?.time)}>${items.length > 0 ? t('chart.step', { n: items[0].step ?? 0 }) : ''}</span></figcaption>
  ${items.length === 0 && html`<div class="picture-none muted">${t('media.notYet')}</div>`}
  ${items.map((one) => html`<button key=${one.path} class="picture-open" onClick=${onOpen} aria-label=${t('media.enlarge', { name })}><img loading="lazy" src=${fileUrl(run, one)} alt=${one.caption || name} /></button>
    ${one.caption && html`<p class="soft picture-caption">${one.caption}</p>`}`)}</figure>`;
