// @ts-check
/** Runs and versions as a graph, and the same as a list. */
import { useEffect, useRef } from 'preact/hooks';
import { html, runHref } from 'runicorn';
import { layered } from './layout.js';
import { Failure, formatBytes, runMark, runName, useAddress, useFetched } from './shared.js';

/** @typedef {{id: string, kind: 'artifact' | 'run' | 'reference', label: string, data: any}} Node */

const WIDTH = 190;
const HEIGHT = 44;
const GAP_X = 70;
const GAP_Y = 18;
const MARGIN = 16;

/** @param {{ctx: import('runicorn').Context, path: string, start: string, onGo: (name: string, version: number) => void}} props */
export function Lineage({ ctx, path, start, onGo }) {
  const { t } = ctx;
  const [deep, setDepth] = useAddress(ctx, 'depth');
  const [as, setAs] = useAddress(ctx, 'as');
  const depth = Number(deep) || 3;
  const list = as === 'list';
  const { data, error, again } = useFetched(ctx, `${path}${path.includes('?') ? '&' : '?'}max_depth=${depth}`);
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`;
  if (!data) return null;
  const go = (/** @type {Node} */ node) => {
    if (node.kind === 'run') ctx.navigate(runHref(node.data));
    if (node.kind === 'artifact') onGo(`${node.data.type}/${node.data.name}`, node.data.version);
  };
  return html`<div class="artifacts-lineage-head">
      <label class="chip">${t('artifacts.depth')} <select value=${depth} onChange=${(/** @type {any} */ event) => setDepth(event.target.value)}>${[1, 2, 3, 5, 10].map((n) => html`<option key=${n} value=${n}>${n}</option>`)}</select></label>
      <button class="chip" aria-pressed=${list} onClick=${() => setAs(list ? '' : 'list')}>${t(list ? 'artifacts.asGraph' : 'artifacts.asList')}</button>
      ${!list && html`<button class=${as === 'fit' ? 'chip on' : 'chip'} aria-pressed=${as === 'fit'} onClick=${() => setAs(as === 'fit' ? '' : 'fit')}>${t('artifacts.fit')}</button>`}
      ${data.truncated && html`<span class="soft">${t('artifacts.more')}</span>`}</div>
    ${!data.nodes.length ? html`<p class="soft">${t('artifacts.noLineage')}</p>` : list ? html`<${List} ctx=${ctx} graph=${data} go=${go} />` : html`<${Graph} ctx=${ctx} graph=${data} start=${start} fit=${as === 'fit'} go=${go} />`}`;
}

/** @param {{ctx: import('runicorn').Context, graph: {nodes: Node[], edges: any[]}, start: string, fit: boolean, go: (node: Node) => void}} props */
function Graph({ ctx, graph, start, fit, go }) {
  const { places, routes, columns, rows } = layered(graph.nodes, graph.edges);
  const x = (/** @type {number} */ column) => MARGIN + column * (WIDTH + GAP_X);
  const y = (/** @type {number} */ row) => MARGIN + row * (HEIGHT + GAP_Y);
  const width = x(columns - 1) + WIDTH + MARGIN;
  const height = y(rows - 1) + HEIGHT + MARGIN;
  const box = useRef(/** @type {any} */ (null));
  const { column, row } = places.get(start) ?? { column: 0, row: 0 };
  useEffect(() => {
    box.current.scrollLeft = x(column) + WIDTH / 2 - box.current.clientWidth / 2;
    box.current.scrollTop = y(row) + HEIGHT / 2 - box.current.clientHeight / 2;
  }, [start, column, row, columns, fit]);
  return html`<div class=${fit ? 'card artifacts-graph fit' : 'card artifacts-graph'} ref=${box}><svg style=${{ maxWidth: fit ? `${width}px` : undefined }} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label=${ctx.t('artifacts.graph')}>
    <g class="edges" aria-hidden="true">${routes.map(({ edge, points }) => html`<path key=${`${edge.source} ${edge.target}`} d=${curve(points.map((p) => ({ left: x(p.column), middle: y(p.row) + HEIGHT / 2 })))} />`)}</g>
    ${graph.nodes.map((node) => {
    const place = /** @type {{column: number, row: number}} */ (places.get(node.id));
    const still = node.kind === 'reference' || node.data.missing;
    const act = (/** @type {any} */ event) => { if (event.type === 'click' || event.key === 'Enter' || event.key === ' ') { event.preventDefault(); go(node); } };
    return html`<g key=${node.id} class="node ${node.kind} ${node.id === start ? 'here' : ''} ${node.data.deleted ? 'gone' : ''}" transform=${`translate(${x(place.column)} ${y(place.row)})`}
      role=${still ? undefined : 'link'} tabindex=${still ? undefined : 0} aria-label=${`${ctx.t(`artifacts.kind.${node.kind}`)} ${titleOf(node)} ${node.kind === 'run' ? runMark(node.data) : ''}`.trim()} onClick=${still ? undefined : act} onKeyDown=${still ? undefined : act}>
      <title>${node.label}</title><rect width=${WIDTH} height=${HEIGHT} rx=${node.kind === 'run' ? HEIGHT / 2 : 6} />
      <text x="14" y="18">${clip(node.kind === 'artifact' ? `${node.data.name} v${node.data.version}` : titleOf(node))}</text><text x="14" y="34" class="under">${clip(under(ctx, node))}</text></g>`;
  })}</svg></div>`;
}

/** @param {import('runicorn').Context} ctx @param {Node} node */
function under(ctx, node) {
  if (node.kind === 'run') return [node.data.project, runMark(node.data)].filter(Boolean).join(' · ');
  if (node.kind === 'reference') return node.data.size ? formatBytes(node.data.size) : ctx.t('artifacts.kind.reference');
  return [node.data.type, node.data.size === undefined ? '' : formatBytes(node.data.size), ...(node.data.aliases ?? []).filter((/** @type {string} */ alias) => alias !== 'latest').slice(0, 1)].filter(Boolean).join(' · ');
}

/** @param {Node} node */
const titleOf = (node) => (node.kind === 'run' ? runName(node.data) : node.label);

const MOST = 25;
/** As much of a text as a box is wide; a Chinese letter takes the room of two. @param {string} text */
function clip(text) {
  let room = MOST;
  const letters = [...text];
  const end = letters.findIndex((letter) => { room -= letter > '\u1100' ? 2 : 1; return room < 0; });
  return end < 0 ? text : `${letters.slice(0, end - 1).join('')}…`;
}

/** From the right side of one box to the left side of the next. @param {{left: number, middle: number}[]} points */
function curve(points) {
  let path = `M ${points[0].left + WIDTH} ${points[0].middle}`;
  for (let n = 1; n < points.length; n += 1) {
    const from = { x: points[n - 1].left + WIDTH, y: points[n - 1].middle };
    const to = { x: points[n].left, y: points[n].middle };
    const half = (to.x - from.x) / 2;
    path += ` C ${from.x + half} ${from.y} ${to.x - half} ${to.y} ${to.x} ${to.y}`;
    if (n < points.length - 1) path += ` L ${to.x + WIDTH} ${to.y}`;
  }
  return path;
}

/** The graph for those who read it: each node with what it comes from. @param {{ctx: import('runicorn').Context, graph: {nodes: Node[], edges: any[]}, go: (node: Node) => void}} props */
function List({ ctx, graph, go }) {
  const { t } = ctx;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const link = (/** @type {string} */ id) => {
    const node = byId.get(id);
    if (!node) return null;
    return node.kind === 'reference' ? html`<span key=${id} class="mono">${node.label}</span> ` : html`<button key=${id} class="chip" onClick=${() => go(node)}>${titleOf(node)}</button> `;
  };
  return html`<div class="card table-scroll"><table class="table"><thead><tr><th scope="col">${t('artifacts.tab.lineage')}</th><th scope="col">${t('artifacts.comesFrom')}</th><th scope="col">${t('artifacts.becomes')}</th></tr></thead>
    <tbody>${graph.nodes.map((node) => html`<tr key=${node.id}><th scope="row" class="wrap"><span class="muted">${t(`artifacts.kind.${node.kind}`)}</span> ${titleOf(node)} ${node.kind === 'run' && html`<span class="muted mono">${runMark(node.data)}</span>`}</th>
      <td class="wrap">${graph.edges.filter((edge) => edge.target === node.id).map((edge) => link(edge.source))}</td><td class="wrap">${graph.edges.filter((edge) => edge.source === node.id).map((edge) => link(edge.target))}</td></tr>`)}</tbody></table></div>`;
}
