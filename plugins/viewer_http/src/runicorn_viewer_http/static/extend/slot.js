/** Places for panels of plugins, and their pages. */
import { computed, signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { colorOf } from '../charts/palette.js';
import { query } from '../router.js';
import { dark } from '../state/prefs.js';
import { experiments, titleOf, watchExperiments } from '../state/experiments.js';
import { watchRuns } from '../state/live.js';
import { Page } from '../components/page.js';
import { Mounted } from './mounted.js';
import { panelsOf, titleOfPart } from './registry.js';

/** @typedef {import('./registry.js').Entry} Entry @typedef {import('./registry.js').Part} Part */

/** Rows as plugins see them. @param {any[]} rows */
const runsOf = (rows) => rows.map((row) => ({ ...row, title: titleOf(row), ...colorOf(row, dark.value) }));

/** Values of a component as signals that stay the same. @param {Record<string, any>} values @returns {any} */
function useSignals(values) {
  const signals = useMemo(() => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, signal(value)])), []);
  useLayoutEffect(() => { for (const [key, value] of Object.entries(values)) signals[key].value = value; });
  return signals;
}

/** @typedef {{project: string, runs?: any[], visible?: any[], media?: any[], step?: number | null}} Given */

/** @param {Given} given @returns {import('./context.js').Scope} */
function useScope({ project, runs = [], visible = runs, media = [], step = null }) {
  const raw = useSignals({ project, runs, visible, media, step });
  return useMemo(() => ({ project: raw.project, runs: computed(() => runsOf(raw.runs.value)), visible: computed(() => runsOf(raw.visible.value)), media: raw.media, step: raw.step }), []);
}

/** @typedef {(panel: string, match: ((item: any) => boolean) | null) => void} OnTaken a panel draws what it matches in place of the viewer; null: it does no longer */

/** All panels of one slot. @param {Given & {name: string, onTaken?: OnTaken}} props */
export function Slot({ name, onTaken, ...given }) {
  const scope = useScope(given);
  return html`${panelsOf(name).map(({ entry, part }) => html`<${Framed} key=${part.id} entry=${entry} part=${part} scope=${scope} waits=${name === 'media'} onTaken=${onTaken} />`)}`;
}

/** @param {{entry: Entry, part: Part, scope: import('./context.js').Scope, waits: boolean, onTaken?: OnTaken}} props */
function Framed({ entry, part, scope, waits, onTaken }) {
  const [shown, show] = useState(!waits);
  return html`<section class="card plugin-panel" data-panel=${part.id} aria-label=${titleOfPart(part)} hidden=${!shown}>
    <header class="panel-head"><h2 class="cut">${titleOfPart(part)}</h2><span class="sp"></span><span class="muted">${entry.plugin}</span></header>
    <${Mounted} entry=${entry} part=${part} kind="panels" scope=${scope} onShown=${() => show(true)} onTaken=${onTaken} /></section>`;
}

/** One panel that has a place for itself: a tab of a run. @param {Given & {entry: Entry, part: Part}} props */
export function Alone({ entry, part, ...given }) {
  return html`<${Mounted} entry=${entry} part=${part} kind="panels" scope=${useScope(given)} />`;
}

/** A plugin's page. @param {{entry: Entry, part: Part}} props */
export function PluginPage({ entry, part }) {
  const project = query.value.get('project') ?? '';
  useEffect(() => watchExperiments(project), [project]);
  useEffect(() => () => watchRuns([]), []);
  const base = useScope({ project, runs: experiments.value ?? [] });
  const scope = useMemo(() => {
    const watched = new Set();
    return { ...base, watch: (/** @type {string} */ run) => watchRuns([...watched.add(run)]) };
  }, []);
  const title = titleOfPart(part);
  return html`<${Page} title=${title} crumbs=${html`<span aria-current="page">${title}</span>`}><div class="page plugin-page" data-page=${part.id}>
    <div class="page-head"><h1>${title}</h1></div><${Mounted} entry=${entry} part=${part} kind="pages" scope=${scope} /></div></${Page}>`;
}
