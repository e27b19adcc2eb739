// @ts-check
/**
 * A layered drawing of a graph without cycles: the longest path decides the column, the mean place of the neighbours the
 * order inside it (Sugiyama, Tagawa and Toda 1981). An edge over several columns takes a place in each.
 */

/** @typedef {{id: string}} Node @typedef {{source: string, target: string}} Edge */
/** @typedef {{places: Map<string, {column: number, row: number}>, routes: {edge: Edge, points: {column: number, row: number}[]}[], columns: number, rows: number}} Layout */

const SWEEPS = 6;

/** @param {Node[]} nodes @param {Edge[]} edges @returns {Layout} */
export function layered(nodes, edges) {
  const column = columnsOf(nodes, edges);
  /** @type {string[][]} */
  const columns = [];
  const put = (/** @type {string} */ id, /** @type {number} */ at) => { (columns[at] ??= []).push(id); };
  for (const node of nodes) put(node.id, column.get(node.id) ?? 0);
  /** @type {Map<string, string[]>} */
  const before = new Map();
  /** @type {Map<string, string[]>} */
  const after = new Map();
  const link = (/** @type {string} */ a, /** @type {string} */ b) => {
    after.set(a, [...(after.get(a) ?? []), b]);
    before.set(b, [...(before.get(b) ?? []), a]);
  };
  /** @type {{edge: Edge, way: string[]}[]} */
  const ways = [];
  edges.forEach((edge, number) => {
    const from = column.get(edge.source) ?? 0;
    const to = column.get(edge.target) ?? 0;
    const way = [edge.source];
    for (let at = from + 1; at < to; at += 1) {
      const bend = `bend ${number} ${at}`;
      put(bend, at);
      way.push(bend);
    }
    way.push(edge.target);
    for (let n = 1; n < way.length; n += 1) link(way[n - 1], way[n]);
    ways.push({ edge, way });
  });
  /** @type {Map<string, number>} */
  const row = new Map();
  const number = (/** @type {string[]} */ ids) => ids.forEach((id, n) => row.set(id, n));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    const neighbours = down ? before : after;
    for (const ids of down ? columns : columns.toReversed()) {
      const centre = new Map(ids.map((id) => [id, mean((neighbours.get(id) ?? []).map((other) => row.get(other) ?? 0), row.get(id) ?? 0)]));
      ids.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
      number(ids);
    }
  }
  const rows = Math.max(1, ...columns.map((ids) => ids.length));
  /** @type {Map<string, {column: number, row: number}>} */
  const places = new Map();
  columns.forEach((ids, at) => ids.forEach((id, n) => places.set(id, { column: at, row: n + (rows - ids.length) / 2 })));
  const place = (/** @type {string} */ id) => /** @type {{column: number, row: number}} */ (places.get(id));
  return { places, routes: ways.map(({ edge, way }) => ({ edge, points: way.map(place) })), columns: columns.length, rows };
}

/** @param {Node[]} nodes @param {Edge[]} edges */
function columnsOf(nodes, edges) {
  /** @type {Map<string, string[]>} */
  const before = new Map(nodes.map((node) => [node.id, []]));
  for (const edge of edges) before.get(edge.target)?.push(edge.source);
  /** @type {Map<string, number>} */
  const column = new Map();
  const visiting = new Set();
  /** @type {(id: string) => number} */
  const of = (id) => {
    const known = column.get(id);
    if (known !== undefined) return known;
    if (visiting.has(id)) return 0; // a cycle, which the server does not make
    visiting.add(id);
    const found = (before.get(id) ?? []).reduce((most, other) => Math.max(most, of(other) + 1), 0);
    visiting.delete(id);
    column.set(id, found);
    return found;
  };
  for (const node of nodes) of(node.id);
  return column;
}

/** @param {number[]} values @param {number} otherwise */
const mean = (values, otherwise) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise);
