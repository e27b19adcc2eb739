/** Pictures of some runs by step, moved and enlarged together, and below them what plugins show of other kinds. */
import { useCallback, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { query, setQuery } from '../router.js';
import { formatTime } from '../charts/format.js';
import { colorOf } from '../charts/palette.js';
import { currentOf, fileUrl } from '../state/media.js';
import { dark } from '../state/prefs.js';
import { hrefOf, titleOf } from '../state/experiments.js';
import { Slot } from '../extend/slot.js';
import { Dialog } from './dialog.js';
import { StepBar } from './step-bar.js';
import { Swatch } from './swatch.js';
import { Zoomed } from './zoomed.js';

/** @typedef {import('../types').MediaItem} MediaItem @typedef {import('../types').RunDetail} RunDetail */

/**
 * @param {{runs: RunDetail[], lists: ReadonlyMap<string, MediaItem[]>, test?: (key: string) => boolean, single: boolean, folded?: boolean, children?: any}} props
 * `single`: of one run, whose name needs not be said; `folded`: what plugins show waits until it is opened
 */
export function MediaBoard({ runs, lists, test = () => true, single, folded = false, children }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const [taken, setTaken] = useState(/** @type {ReadonlyMap<string, (item: any) => boolean>} */ (new Map()));
  const onTaken = useCallback((/** @type {string} */ panel, /** @type {((item: any) => boolean) | null} */ match) => setTaken((old) => {
    const next = new Map(old);
    if (match) next.set(panel, match);
    else next.delete(panel);
    return next;
  }), []);
  const elsewhere = (/** @type {MediaItem} */ item) => [...taken.values()].some((match) => match(item));
  const of = new Map(runs.map((one) => [one.path, (lists.get(one.path) ?? []).filter((item) => test(item.key))]));
  const steps = [...new Set([...of.values()].flat().map((item) => item.step ?? 0))].sort((a, b) => a - b);
  const asked = Number(query.value.get('step') ?? NaN);
  const at = Number.isFinite(asked) ? Math.max(0, steps.findLastIndex((step) => step <= asked)) : steps.length - 1;
  const step = steps[at];
  const pictures = new Map(runs.map((one) => [one.path, (of.get(one.path) ?? []).filter((item) => item.type === 'image' && !elsewhere(item))]));
  const keys = [...new Set([...pictures.values()].flat().map((item) => item.key))].sort();
  const choose = (/** @type {number} */ index) => setQuery({ step: index >= steps.length - 1 ? null : String(steps[Math.max(0, index)]) });
  const here = (/** @type {RunDetail} */ one, /** @type {string} */ key) => currentOf(pictures.get(one.path) ?? [], key, step);
  const others = (/** @type {RunDetail} */ one) => html`<${Slot} key=${one.path} name="media" project=${one.project} runs=${[one]} step=${step} onTaken=${folded ? undefined : onTaken} media=${(of.get(one.path) ?? []).map((item) => ({ ...item, url: fileUrl(one, item) }))} />`;
  const more = runs.filter((one) => (of.get(one.path) ?? []).some((item) => item.type !== 'image'));
  return html`<div class="media">${steps.length > 0 && html`<${StepBar} steps=${steps} at=${at} onChoose=${choose}>${children}</${StepBar}>`}
    ${single ? html`<div class="images">${keys.map((key) => html`<${Picture} key=${key} run=${runs[0]} items=${here(runs[0], key)} name=${key} head=${html`<b class="cut" title=${key}>${key}</b>`} onOpen=${() => setOpen(key)} />`)}</div>`
      : keys.map((key) => html`<section class="media-key" key=${key}><h2>${key}</h2><div class="images">${runs.map((one) => html`<${Picture} key=${one.path} run=${one} items=${here(one, key)} name=${key} head=${named(one)} onOpen=${() => setOpen(key)} />`)}</div></section>`)}
    ${folded ? more.map((one) => html`<${Folded} key=${one.path} run=${one}>${() => others(one)}</${Folded}>`) : runs.map(others)}
    ${open && html`<${Dialog} wide=${true} title=${`${open} · ${t('chart.step', { n: step })}`} onClose=${() => setOpen(null)}>
      <div onKeyDown=${(/** @type {KeyboardEvent} */ e) => arrows(e, (by) => choose(Math.min(steps.length - 1, at + by)))}>
        <${StepBar} steps=${steps} at=${at} onChoose=${choose} />
        <${Zoomed} pictures=${runs.flatMap((one) => here(one, open).map((item) => ({ key: `${one.path} ${item.path}`, url: fileUrl(one, item), alt: item.caption || open, ratio: item.width && item.height ? item.width / item.height : null, head: html`${!single && named(one)}<span class="soft">${item.caption ?? ''}</span>` })))} /></div></${Dialog}>`}
  </div>`;
}

/** What a run has beside pictures, once somebody wants to see it. @param {{run: RunDetail, children: () => any}} props */
function Folded({ run, children }) {
  const [open, setOpen] = useState(false);
  return html`<details class="media-more" onToggle=${(/** @type {any} */ event) => setOpen(event.target.open)}><summary>${t('media.othersOf', { name: titleOf(run) })}</summary>${open && children()}</details>`;
}

/** @param {KeyboardEvent} event @param {(by: number) => void} go */
function arrows(event, go) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || /** @type {HTMLElement} */ (event.target).matches('input')) return;
  event.preventDefault();
  go(by);
}

/** @param {RunDetail} run */
const named = (run) => html`<${Swatch} ...${colorOf(run, dark.value)} /><a class="cut picture-run" href=${hrefOf(run)} title=${run.id}>${titleOf(run)}</a>`;

/** @param {{run: RunDetail, items: MediaItem[], name: string, head: any, onOpen: () => void}} props */
const Picture = ({ run, items, name, head, onOpen }) => html`<figure class="card picture"><figcaption class="picture-head">${head}<span class="sp"></span>
    <span class="muted nowrap" title=${formatTime(items[0]?.time)}>${items.length > 0 ? t('chart.step', { n: items[0].step ?? 0 }) : ''}</span></figcaption>
  ${items.length === 0 && html`<div class="picture-none muted">${t('media.notYet')}</div>`}
  <div class=${items.length > 1 ? 'pictures several' : 'pictures'}>${items.map((one) => html`<div key=${one.path}><button class="picture-open" onClick=${onOpen} aria-label=${t('media.enlarge', { name })}><img loading="lazy" src=${fileUrl(run, one)} alt=${one.caption ? '' : name} /></button>
    ${one.caption && html`<p class="soft picture-caption" title=${items.length > 1 ? one.caption : undefined}>${one.caption}</p>`}</div>`)}</div></figure>`;
