/** How parameters and results go together: parallel coordinates, a scatter plot, rank correlations. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { navigate, setQuery } from '../../router.js';
import { colorOf } from '../../charts/palette.js';
import { Parallel } from '../../charts/plots/parallel.js';
import { viridis } from '../../charts/plots/scale-color.js';
import { Scatter } from '../../charts/plots/scatter.js';
import { columnsOf, placeOf, placeOn, valueAt, varies } from '../../state/columns.js';
import * as compare from '../../state/compare.js';
import { handleOf, hrefOf, titleOf } from '../../state/experiments.js';
import { importances, LEAST_RUNS } from '../../state/importance.js';
import { dark } from '../../state/prefs.js';
import { project } from '../../state/workspace.js';

/** @typedef {import('../../types').RunDetail} RunDetail @typedef {import('../../state/columns.js').Column} Column */

const MOST_AXES = 8;
/** What is lost where a place becomes a value in the address, and a place again. */
const EDGE = 1e-6;

/** @param {{runs: RunDetail[], waiting: boolean}} props */
export function Explore({ runs, waiting }) {
  const columns = useMemo(() => columnsOf(runs).filter(varies), [runs.map((run) => run.path).join('\n'), runs.length, runs.at(-1)]);
  const [box, width] = useWidth();
  if (columns.length === 0) return html`<p class="muted tab-empty">${t(waiting ? 'panel.loading' : 'explore.nothing')}</p>`;
  const by = new Map(columns.map((column) => [column.id, column]));
  const goal = by.get(compare.target.value) ?? goalOf(runs, columns);
  const chosen = compare.axes.value.flatMap((id) => by.get(id) ?? []);
  const found = goal ? importances(columns, goal) : [];
  const axes = chosen.length > 0 ? chosen : defaultAxes(columns, found.map(({ column }) => column), goal);
  const asked = [...compare.brushes.value].flatMap(([id, range]) => { const column = by.get(id); return column ? [{ column, range: /** @type {[number, number]} */ (column.kind === 'number' ? range.map((value) => placeOf(column, value)) : range) }] : []; });
  const passing = new Set(runs.filter((run) => asked.every(({ column, range }) => { const place = placeOn(column, run.path); return place !== null && place >= range[0] - EDGE && place <= range[1] + EDGE; })).map((run) => run.path));
  const brushes = new Map(asked.map(({ column, range }) => [column.id, /** @type {[number, number]} */ (range.map((place) => Math.min(1, Math.max(0, place))))]));
  const brush = (/** @type {string} */ id, /** @type {[number, number] | null} */ range) => {
    const column = by.get(id);
    compare.setBrush(id, range && column?.kind === 'number' ? /** @type {[number, number]} */ (range.map((place) => valueAt(column, place))) : range);
  };
  const isDark = dark.value;
  const lines = runs.map((run) => {
    const place = goal ? placeOn(goal, run.path) : null;
    return { path: run.path, name: titleOf(run), href: hrefOf(run), color: place === null ? colorOf(run, isDark).color : viridis(place, isDark) };
  });
  const x = by.get(compare.across.value) ?? found[0]?.column ?? columns.find((column) => column.id.startsWith('params.')) ?? columns[0];
  const y = by.get(compare.up.value) ?? goal ?? columns[0];
  const select = (/** @type {string} */ label, /** @type {string} */ value, /** @type {(id: string) => void} */ change, /** @type {Column[]} */ among = columns) => html`<label class="chip">${label} <select value=${value} onChange=${(/** @type {any} */ e) => change(e.target.value)}>${among.map((column) => html`<option key=${column.id} value=${column.id}>${column.id}</option>`)}</select></label>`;
  const setAxes = (/** @type {string[]} */ ids) => setQuery({ axis: ids });
  const ids = axes.map((column) => column.id);
  return html`<div class="explore" ref=${box}>
    <section class="card block"><h2>${t('parallel.title')} <span class="muted" aria-live="polite">${t('parallel.count', { n: passing.size, total: runs.length })}</span><span class="sp"></span>
        ${goal && select(t('explore.goal'), goal.id, (id) => setQuery({ target: id }), columns.filter((column) => column.kind === 'number'))}
        <label class="chip"><select value="" aria-label=${t('parallel.add')} onChange=${(/** @type {any} */ e) => setAxes([...ids, e.target.value])}><option value="">+ ${t('parallel.add')}</option>${columns.filter((column) => !ids.includes(column.id)).map((column) => html`<option key=${column.id} value=${column.id}>${column.id}</option>`)}</select></label>
        ${brushes.size > 0 && html`<button class="button" onClick=${compare.clearBrushes}>${t('parallel.clear')}</button>
          <button class="button" disabled=${passing.size === 0} onClick=${() => navigate(`/workspace?${new URLSearchParams([['project', project.peek()], ...runs.filter((run) => passing.has(run.path)).map((run) => /** @type {[string, string]} */ (['show', handleOf(run)]))])}`)}>${t('parallel.open', { n: passing.size })}</button>`}</h2>
      <div class="tags">${axes.map((column) => html`<span key=${column.id} class="tag removable">${column.label}<button class="ghost" aria-label=${t('parallel.remove', { name: column.id })} onClick=${() => setAxes(ids.filter((id) => id !== column.id))}>✕</button></span>`)}</div>
      <p class="muted hint">${t('parallel.hint')}</p>
      ${width > 0 && html`<div class="table-scroll"><${Parallel} columns=${axes} runs=${lines} passing=${passing} brushes=${brushes} onBrush=${brush} width=${Math.max(width - 30, axes.length * 110)} /></div>`}</section>
    <div class="explore-pair">
      <section class="card block"><h2>${t('scatter.title')}<span class="sp"></span>${select('x', x.id, (id) => setQuery({ 'x-axis': id }))}${select('y', y.id, (id) => setQuery({ 'y-axis': id }))}</h2>
        ${width > 0 && html`<${Scatter} x=${x} y=${y} runs=${lines} passing=${passing} width=${Math.max(280, (width > 900 ? (width - 12) * 0.58 : width) - 30)} />`}</section>
      <section class="card block"><h2>${t('importance.title')} <span class="muted">${goal?.label ?? ''}</span></h2><${Importances} found=${found} n=${runs.length} /></section>
    </div></div>`;
}

/** @param {{found: import('../../state/importance.js').Importance[], n: number}} props */
function Importances({ found, n }) {
  if (found.length === 0) return html`<p class="muted">${t('importance.none', { n: LEAST_RUNS })}</p>`;
  return html`<div class="table-scroll"><table class="table importance"><thead><tr><th scope="col">${t('importance.param')}</th><th scope="col" class="num">ρ</th><th scope="col"><span class="sr">${t('importance.title')}</span></th><th scope="col" class="num">${t('importance.runs')}</th></tr></thead>
    <tbody>${found.map(({ column, category, rho, n: used }) => html`<tr key=${column.id}><th scope="row" class="break">${column.label}${category !== null && html` <span class="muted">= ${category}</span>`}</th><td class="num">${rho.toFixed(3).replace(/^-/, '−')}</td>
      <td><svg width="104" height="10" aria-hidden="true"><line x1="52" x2="52" y1="0" y2="10" stroke="var(--line-strong)" /><rect x=${rho < 0 ? 52 + rho * 50 : 52} y="1" width=${Math.max(1, Math.abs(rho) * 50)} height="8" rx="2" fill=${rho < 0 ? 'var(--c2)' : 'var(--c1)'} /></svg></td><td class=${`num ${used < n ? 'warn' : 'muted'}`}>${used}</td></tr>`)}</tbody></table></div>
    <p class="muted hint">${t('importance.note')}</p>`;
}

/** The primary metric's best values, else the last values of something that looks like a result. @param {RunDetail[]} runs @param {Column[]} columns */
function goalOf(runs, columns) {
  const best = runs.find((run) => run.best_metric)?.best_metric;
  const metrics = columns.filter((column) => column.id.startsWith('metrics.') && column.kind === 'number');
  return metrics.find((column) => best && column.id === `metrics.${best.name}.${best.mode === 'min' ? 'min' : 'max'}`)
    ?? metrics.find((column) => /(val|eval|test).*(loss|acc|f1|score).*\.last$/.test(column.id)) ?? metrics.find((column) => column.id.endsWith('.last'));
}

/** @param {Column[]} columns @param {Column[]} important @param {Column | undefined} goal */
function defaultAxes(columns, important, goal) {
  const params = [...new Set([...important, ...columns.filter((column) => column.id.startsWith('params.'))])].filter((column) => column.kind === 'number' || column.categories.length <= 20);
  const rest = goal ? [goal] : columns.filter((column) => column.id.startsWith('metrics.') && column.id.endsWith('.last')).slice(0, 2);
  return [...params.slice(0, MOST_AXES - rest.length), ...rest];
}

/** @returns {[import('preact').RefObject<HTMLDivElement | null>, number]} */
function useWidth() {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const watcher = new ResizeObserver(() => setWidth(el.clientWidth));
    watcher.observe(el);
    return () => watcher.disconnect();
  });
  return [box, width];
}
