/** The runs table of a project: ten thousand runs, any column, filter, groups, changes in place. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { navigate, setQuery, workspaceHref } from '../router.js';
import { locale } from '../i18n/index.js';
import { formatCount } from '../charts/format.js';
import { hasColor } from '../charts/palette.js';
import { ALWAYS, FIRST, isFigure, partsOf, titleOfColumn, widthOf } from '../state/table/columns.js';
import { useRows } from '../state/table/rows-shown.js';
import { readFields } from '../state/table/source.js';
import { knowColours } from '../state/table/colours.js';
import { onList, onNotice, onResync, watchList, watchRuns } from '../state/live.js';
import { problemOf } from '../state/matching.js';
import { choose, chosen, clearChosen } from '../state/table/selection.js';
import * as shown from '../state/table/shown.js';
import * as ws from '../state/workspace.js';
import { Empty, ErrorCard, takeOffer } from '../components/feedback.js';
import { Unknowns } from '../components/no-match.js';
import { FilterBox } from '../components/filter-box.js';
import { Grid, ROW } from '../components/grid/grid.js';
import { layoutOf } from '../components/grid/layout.js';
import { focusOn, useKeys } from '../components/keyboard.js';
import { Page } from '../components/page.js';
import { ProjectTabs } from '../components/project-tabs.js';
import { useUndoKeys } from '../components/undo-keys.js';
import { Bulk, removeAll } from '../components/runs-table/bulk.js';
import { SELECT, cellOf, hrefOf, markOf, runOf } from '../components/runs-table/cell.js';
import { ColumnMenu, move, moveBefore } from '../components/runs-table/column-menu.js';
import { ColumnPicker } from '../components/runs-table/column-picker.js';
import { edit, onEdited } from '../components/runs-table/editor.js';
import { ExportMenu } from '../components/runs-table/export-menu.js';

/** @typedef {import('../state/table/model.js').Item} Item @typedef {import('../components/grid/grid.js').At} At */

/** Rows in sight are asked for again soon after news of the list, a little later after new values, and now and then. */
const LIST_MS = 500;
const VALUES_MS = 1500;
const CALM_MS = 30_000;

/** Where a table was left, to go on there: the runs that it showed, and how far it was scrolled. */
let left = { key: '', top: 0 };

export function TablePage() {
  const project = shown.project.value;
  const experiment = shown.experiment.value;
  const group = shown.groupBy.value;
  const columns = shown.columns.value;
  const [picking, pick] = useState(false);
  const [coloured, setColoured] = useState(0);
  const grid = useRef(/** @type {{focus: (at: At) => void} | null} */ (null));
  const anchor = useRef(-1);
  useEffect(() => {
    clearChosen();
    shown.loadColumns(project);
    const over = new AbortController();
    readFields(project, over.signal).then((found) => { if (!over.signal.aborted) shown.fields.value = found; }, () => {});
    knowColours(project).then(() => setColoured((n) => n + 1), () => {});
    return () => { over.abort(); shown.fields.value = []; };
  }, [project]);

  const ids = columns.map((column) => column.id);
  const query = useMemo(() => (shown.columnsKnown.value && project ? { project, name: experiment, q: shown.filter.value, order: shown.order.value.map((sort) => `${sort.down ? '-' : ''}${sort.id}`).join(','),
    columns: [...new Set([...ALWAYS, ...ids])], shown: ids, archived: shown.archivedToo.value || /\barchived\b/.test(shown.filter.value) } : null),
  [shown.columnsKnown.value, project, experiment, shown.filter.value, shown.order.value, ids.join('\n'), shown.archivedToo.value]);
  const key = JSON.stringify([project, experiment, shown.filter.value, shown.order.value, group, shown.archivedToo.value]);
  const keep = useMemo(() => (left = left.key === key ? left : { key, top: 0 }), [key]);
  const rows = useRows(query, group, Math.floor(keep.top / ROW));
  const model = rows.shown?.model;
  const seen = useRef({ from: 0, to: 0 });
  const running = model ? visible(model, seen.current).flatMap((item) => (item.kind === 'row' && item.row.status === 'running' ? [item.row.run] : [])) : [];
  useNews(project, running, rows.refresh);
  // runs that came since, or had not been read when the colours were given
  const bare = coloured > 0 && model && visible(model, seen.current).some((item) => item.kind === 'row' && !hasColor(item.row)) ? rows.shown?.runs : 0;
  useEffect(() => { if (bare) knowColours(project, true).then(() => setColoured((n) => n + 1), () => {}); }, [bare]);
  useEffect(() => { onEdited.add(rows.refresh); return () => { onEdited.delete(rows.refresh); }; });

  const layout = useMemo(() => layoutOf([{ id: SELECT, width: 64, pinned: true }, ...columns.map((column) => ({ id: column.id, width: widthOf(column, group !== ''), pinned: column.pinned ?? false }))]), [columns, group]);
  const sorts = shown.order.value;
  const head = {
    fixed: SELECT, menu: (/** @type {any} */ cell) => html`<${ColumnMenu} id=${cell.id} />`, titleOf: (/** @type {any} */ cell) => titleFor(cell.id),
    sortOf: (/** @type {string} */ id) => { const index = sorts.findIndex((sort) => sort.id === id); return index < 0 ? null : { index, down: sorts[index].down }; },
    actions: { onSort: shown.sortBy, onMove: moveBefore, onResize: (/** @type {string} */ id, /** @type {number | null} */ width) => shown.changeColumn(id, { width: width ?? contentWidth(layout, id) }) },
  };
  const changed = rows.refresh;
  /** @param {At} at @param {Item | undefined} item @param {boolean} range */
  const toggleChosen = (at, item, range) => {
    if (item?.kind !== 'row') return;
    const on = !chosen.peek().has(item.row.path);
    const from = range && anchor.current >= 0 ? Math.min(anchor.current, at.row) : at.row;
    const to = range && anchor.current >= 0 ? Math.max(anchor.current, at.row) : at.row;
    anchor.current = at.row;
    choose(model ? visible(model, { from, to }).flatMap((one) => (one.kind === 'row' ? [one.row] : [])) : [], on);
  };
  /** @param {At} at @param {Item | undefined} item @param {KeyboardEvent} event */
  const onKey = (at, item, event) => {
    const id = layout.cells[at.col]?.id ?? '';
    const { key, altKey, shiftKey } = event;
    const command = event.ctrlKey || event.metaKey;
    if (at.row < 0) return headKey(id, event);
    if (key === 'Escape' && chosen.peek().size > 0) { clearChosen(); return true; }
    if (!item || (command && key !== 'Enter')) return false;
    if (item.kind === 'group') {
      if (key === 'Enter' || key === ' ' || (key === 'ArrowRight' && !item.open) || (key === 'ArrowLeft' && item.open)) { rows.toggle(item.group.key); return true; }
      return false;
    }
    if (key === ' ') { toggleChosen(at, item, shiftKey); return true; }
    if (key === 'F2' || (key === 'Enter' && id !== FIRST && id !== SELECT)) return edit(item.row, id) || key === 'Enter' && (navigate(hrefOf(item.row)), true);
    if (key === 'Enter') { navigate(hrefOf(item.row)); return true; }
    if (key === 'x' || (altKey && event.code === 'KeyX')) { (altKey ? ws.soloRun : ws.toggleRun)(runOf(item.row)); return true; }
    if (key === 'Delete') { removeAll(chosen.peek().size > 0 ? [...chosen.peek().values()] : [item.row], changed); return true; }
    if (key === 'j' || key === 'k') { grid.current?.focus({ row: at.row + (key === 'j' ? 1 : -1), col: at.col }); return true; }
    return false;
  };
  /** @param {At} at @param {Item | undefined} item @param {MouseEvent} event */
  const onPress = (at, item, event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (at.row < 0 || !item) return;
    if (item.kind === 'group') { rows.toggle(item.group.key); return; }
    const id = layout.cells[at.col]?.id;
    if (target.closest('[data-eye]')) (event.altKey ? ws.soloRun : ws.toggleRun)(runOf(item.row));
    else if (id === SELECT) { toggleChosen(at, item, event.shiftKey); if (event.shiftKey) getSelection()?.removeAllRanges(); }
    else if (event.detail === 2 && !target.closest('a')) edit(item.row, id);
  };
  useKeys({
    '/': () => focusOn('#table-filter'),
    j: () => grid.current?.focus({ row: 0, col: 1 }), k: () => grid.current?.focus({ row: 0, col: 1 }),
    c: () => pick(true), u: takeOffer,
  });
  useUndoKeys(takeOffer);

  const crumbs = html`<a class="cut" href=${workspaceHref(project)}>${project}</a>${experiment && html`<span class="muted">/</span><span class="cut">${experiment}</span>`}`;
  const problem = problemOf(rows.error);
  const many = chosen.value;
  const none = rows.shown?.model.total === 0;
  // a filter that cannot be read leaves the answer to the one before
  const asked = rows.shown?.query.q ?? '';
  return html`<${Page} title=${`${project} · ${t('project.table')}`} crumbs=${crumbs} tabs=${html`<${ProjectTabs} />`}>
    <h1 class="sr">${t('table.title', { project })}</h1>
    <div class="table-page">
      <div class="table-bar"><${FilterBox} id="table-filter" value=${shown.filter.value} problem=${problem} fields=${shown.fields.value} onFilter=${(/** @type {string} */ q) => setQuery({ q })} />
        <span class="muted nowrap" aria-live="polite">${rows.shown && (rows.shown.query.q ? t('table.matching', { n: rows.shown.runs }) : t('runs.count', { n: rows.shown.runs }))}${rows.shown?.partial && html` <span class="warn" title=${t('table.partialTitle')}>◌ ${t('table.partial')}</span>`}${rows.shown && rows.shown.groups < rows.shown.allGroups && html` <span class="warn">${t('table.moreGroups', { n: formatCount(rows.shown.groups), total: formatCount(rows.shown.allGroups) })}</span>`}</span><span class="sp"></span>
        <button class=${shown.archivedToo.value ? 'chip on' : 'chip'} aria-pressed=${shown.archivedToo.value} onClick=${() => setQuery({ archived: shown.archivedToo.value ? null : '1' })}>${t('table.archived')}</button>
        <${GroupChoice} group=${group} />${group && html`<button class="ghost" onClick=${() => rows.openAll(true)}>${t('table.openAll')}</button><button class="ghost" onClick=${() => rows.openAll(false)}>${t('table.closeAll')}</button>`}
        <button class="button" onClick=${() => pick(true)}>${t('table.columns')} <span class="muted">${columns.length}</span></button>
        <${ExportMenu} query=${query} columns=${ids} project=${project} /></div>
      ${many.size > 0 && html`<${Bulk} rows=${[...many.values()]} onChanged=${changed} />`}
      ${rows.error && !problem && !(rows.shown && rows.error.code === 'network') && html`<${ErrorCard} error=${rows.error} what=${t('error.runs')} retry=${rows.retry} />`}
      ${none ? html`<${Empty} title=${t(asked ? 'runs.noMatch' : 'workspace.empty', { text: asked, name: project })}>${asked && html`<${Unknowns} project=${project} q=${asked} /><p><button class="button" onClick=${() => setQuery({ q: null })}>${t('action.clearFilter')}</button></p>`}</${Empty}>`
        : model && html`<${Grid} label=${t('table.title', { project })} total=${model.total} layout=${layout} itemAt=${model.at} onNeed=${(/** @type {number} */ from, /** @type {number} */ to) => { seen.current = { from, to }; rows.look(from, to); model.need(from, to); }}
          cell=${cellOf} isSelected=${(/** @type {Item} */ item) => item.kind === 'row' && many.has(item.row.path)} isOpen=${(/** @type {Item} */ item) => (item.kind === 'group' ? item.open : undefined)} markOf=${(/** @type {Item} */ item) => `${markOf(item)}${coloured}${locale.value}`} classOf=${classOf} onKey=${onKey} onPress=${onPress} head=${head} handle=${grid} tree=${group !== ''} keep=${keep} />`}
    </div>
    ${picking && html`<${ColumnPicker} query=${query} onClose=${() => pick(false)} />`}</${Page}>`;
}

/** Ask again when something has changed. @param {string} project @param {string[]} running runs in sight @param {() => void} refresh */
function useNews(project, running, refresh) {
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => watchList(project), [project]);
  useEffect(() => watchRuns(running), [running.join('\n')]);
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const within = (/** @type {number} */ ms) => () => { timer ??= setTimeout(() => { timer = undefined; latest.current(); }, ms); };
    const stops = [onList(within(LIST_MS)), onNotice(within(VALUES_MS)), onResync(within(0))];
    const calm = setInterval(() => latest.current(), CALM_MS);
    return () => { clearTimeout(timer); clearInterval(calm); stops.forEach((stop) => stop()); watchRuns([]); };
  }, []);
}

/** @param {Item} item */
const classOf = (item) => (item.kind === 'group' ? 'group' : item.row.archived ? 'archived' : '');

/** @param {import('../state/table/model.js').Model} model @param {{from: number, to: number}} lines @returns {Item[]} */
function visible(model, { from, to }) {
  const found = [];
  for (let i = from; i <= to; i += 1) { const item = model.at(i); if (item) found.push(item); }
  return found;
}

/** @param {string} id */
function titleFor(id) {
  if (id === SELECT) return html`<span class="sr">${t('table.choice')}</span>`;
  const { figure } = partsOf(id);
  return html`<span class=${isFigure(id) || shown.isNumeric(id) ? 'right' : ''} title=${id}>${titleOfColumn(id)}${figure && html`<span class="grid-figure">${t(`metric.${figure}`)}</span>`}</span>`;
}

/** Keys in the head: sort, move, resize. @param {string} id @param {KeyboardEvent} event */
function headKey(id, event) {
  if (id === SELECT) return false;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === 'Enter' || event.key === ' ') { shown.sortBy(id, event.shiftKey); return true; }
  if (by && event.altKey && event.shiftKey) {
    const column = shown.columns.peek().find((one) => one.id === id);
    if (column) shown.changeColumn(id, { width: Math.max(48, widthOf(column) + by * 16) });
    return true;
  }
  if (by && event.altKey) { move(id, by); return true; }
  if (event.key === 'ArrowDown' && event.altKey) { /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).querySelector('[aria-haspopup=menu]'))?.click(); return true; }
  return false;
}

/** As wide as what is in sight of a column needs. @param {import('../components/grid/layout.js').Layout} layout @param {string} id */
function contentWidth(layout, id) {
  const index = layout.cells.find((cell) => cell.id === id)?.index;
  const widths = [...document.querySelectorAll(`.grid [data-col="${index}"]`)].map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().width + [...cell.querySelectorAll('.cut')].reduce((more, inner) => more + inner.scrollWidth - inner.clientWidth, 0);
  });
  return Math.min(600, Math.max(48, Math.ceil(Math.max(...widths)) + 24));
}

/** @param {{group: string}} props */
function GroupChoice({ group }) {
  const names = [...new Set(['name', 'status', 'host', 'group', 'job_type', 'tags', ...shown.fields.value.filter((field) => partsOf(field.name).kind === 'params' && field.differing).map((field) => field.name), ...(group ? [group] : [])])];
  return html`<label class=${group ? 'chip on' : 'chip'}>${t('table.groupBy')} <select value=${group} onChange=${(/** @type {any} */ e) => setQuery({ group: e.target.value }, { push: true })}>
    <option value="">${t('table.noGroup')}</option>${names.map((name) => html`<option key=${name} value=${name}>${titleOfColumn(name)}</option>`)}</select></label>`;
}
