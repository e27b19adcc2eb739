// @ts-check
/** From a figure to what is drawn: axes with their traces, and pies. */
import { makeAxis } from './plotly-axes.js';
import { arranged, binned, canCount, isUpright } from './plotly-bars.js';
import { errorsOf, kindOf, list, plain } from './plotly-data.js';

const DRAWN = new Set(['scatter', 'scattergl', 'bar', 'histogram', 'heatmap', 'box', 'pie']);
const MOST = 400_000; // values

/** @typedef {import('./plotly-axes.js').Axis} Axis */
/** @typedef {{x: Axis, y: Axis, traces: any[], bars: Map<any, import('./plotly-bars.js').Bar[]>, bin: number}} Pair */

/** The kinds of traces in a figure that are not drawn; empty where all of it is. @param {any} figure @returns {string[]} */
export function notDrawn(figure) {
  const traces = Array.isArray(figure?.data) ? figure.data : [];
  if (typeof (figure?.layout ?? {}) !== 'object') return ['layout'];
  // what would be drawn otherwise than it is meant
  if (figure.layout?.barnorm) return ['barnorm'];
  if (traces.some((/** @type {any} */ trace) => trace?.groupnorm)) return ['groupnorm'];
  if (traces.some((/** @type {any} */ trace) => trace?.type !== 'heatmap' && ['x', 'y'].some((name) => Array.isArray(list(trace?.[name])[0])))) return ['multicategory'];
  const kinds = traces.filter((/** @type {any} */ trace) => typeof trace !== 'object' || trace === null || !DRAWN.has(trace?.type ?? 'scatter') || (trace.type === 'histogram' && !canCount(trace))).map((/** @type {any} */ trace) => plain(trace?.type) || '?');
  if (kinds.length > 0) return [...new Set(kinds)].map(String);
  const size = traces.reduce((/** @type {number} */ sum, /** @type {any} */ trace) => sum + ['x', 'y', 'z'].reduce((all, name) => all + list(trace?.[name]).reduce((/** @type {number} */ n, value) => n + (Array.isArray(value) ? value.length : 1), 0), 0), 0);
  if (traces.length === 0) return ['–'];
  return size > MOST ? [`> ${MOST}`] : [];
}

/** Traces as they are drawn, with what the template says of their kind. @param {any} figure @returns {any[]} */
export function tracesOf(figure) {
  const template = typeof figure.layout?.template?.data === 'object' ? figure.layout.template.data ?? {} : {};
  return figure.data.map((/** @type {any} */ trace, /** @type {number} */ i) => {
    const type = trace.type === 'scattergl' ? 'scatter' : trace.type ?? 'scatter';
    const shared = figure.layout?.[trace.coloraxis ?? trace.marker?.coloraxis];
    const scale = trace.colorscale ?? shared?.colorscale ?? template[type]?.[0]?.colorscale;
    return { ...trace, type, colorscale: scale, color: `var(--c${(i % 8) + 1})`, name: plain(trace.name) || `${i + 1}`, nth: i, given: trace.type };
  }).filter((/** @type {any} */ trace) => trace.visible !== false && trace.visible !== 'legendonly');
}

/** Pairs of axes with what stands on them. @param {any} layout @param {any[]} traces @returns {Pair[]} */
export function pairsOf(layout, traces) {
  const flat = traces.filter((trace) => trace.type !== 'pie');
  /** @type {Map<string, any[]>} */ const groups = new Map();
  for (const trace of flat) {
    const key = `${axisId(trace.xaxis, 'x')} ${axisId(trace.yaxis, 'y')}`;
    groups.set(key, [...(groups.get(key) ?? []), trace]);
  }
  const made = [...groups].map(([key, held]) => {
    const counted = held.filter((trace) => trace.type === 'histogram');
    const bars = binned(counted);
    const all = stacked(held.map((trace) => (trace.type === 'histogram' ? bars[counted.indexOf(trace)] : trace)));
    const mode = layout.barmode ?? (held.some((trace) => trace.type === 'histogram') ? 'overlay' : 'group');
    return { key, all, placed: arranged(all.filter((trace) => trace.type === 'bar'), counted.length > 0 && mode === 'group' ? 'overlay' : mode), bin: Math.max(0, ...bars.map((bar) => bar.bin ?? 0)) };
  });
  /** @type {Map<string, Axis>} */ const axes = new Map();
  const axis = (/** @type {string} */ id) => {
    let found = axes.get(id);
    if (!found) {
      // axes that match each other hold what stands on any of them
      const ids = related(layout, id, [...groups.keys()].flatMap((key) => key.split(' ')));
      found = makeAxis(id, layout, ...columnsOn(made.filter((group) => group.key.split(' ').some((one) => ids.includes(one))), id[0]));
      axes.set(id, found);
    }
    return found;
  };
  return made.map(({ key, all, placed, bin }) => {
    const [x, y] = key.split(' ');
    return { x: axis(x), y: axis(y), traces: all, bars: placed, bin };
  });
}

/** Areas that stand on each other. @param {any[]} traces @returns {any[]} */
function stacked(traces) {
  /** @type {Map<string, Map<string, number>>} */ const groups = new Map();
  return traces.map((trace) => {
    if (trace.type !== 'scatter' || !trace.stackgroup) return trace;
    const first = !groups.has(trace.stackgroup);
    const held = groups.get(trace.stackgroup) ?? new Map();
    groups.set(trace.stackgroup, held);
    const x = list(trace.x);
    const y = list(trace.y).map((value, i) => {
      const key = String(x[i] ?? i);
      held.set(key, (held.get(key) ?? 0) + (Number(value) || 0));
      return held.get(key);
    });
    return { ...trace, y, fill: first ? 'tozeroy' : 'tonexty' };
  });
}

/** @param {any} given @param {string} letter */
const axisId = (given, letter) => (typeof given === 'string' && new RegExp(`^${letter}\\d{0,3}$`).test(given) ? given : letter);

/** @param {any} layout @param {string} id @param {string[]} known */
function related(layout, id, known) {
  const root = (/** @type {string} */ one) => {
    for (let steps = 0; steps < 5; steps += 1) {
      const next = layout[`${one[0]}axis${one.slice(1)}`]?.matches;
      if (typeof next !== 'string' || next === one) return one;
      one = next;
    }
    return one;
  };
  return [...new Set(known)].filter((one) => one[0] === id[0] && (one === id || root(one) === root(id)));
}

/** All values that traces put on their x or y axis. @param {any[]} groups @param {string} letter @returns {[any[][], {zero: boolean, tight: boolean, extra: number[][]}]} */
function columnsOn(groups, letter) {
  /** @type {any[][]} */ const columns = [];
  /** @type {number[][]} */ const extra = [];
  let zero = false, tight = false;
  for (const { all, placed, bin } of groups) {
    for (const trace of all) {
      if (trace.type === 'bar') {
        const bars = placed.get(trace) ?? [];
        if ((letter === 'x') === isUpright(trace)) {
          const places = bars.map((/** @type {any} */ bar) => bar.along);
          columns.push(places);
          const half = bin > 0 ? bin / 2 : halfGap(places);
          if (kindOf(places) === 'linear') extra.push(places.flatMap((/** @type {any} */ place) => [Number(place) - half, Number(place) + half]));
          tight ||= bin > 0;
        } else {
          zero = true;
          extra.push((errorsOf(trace[`error_${letter}`], bars.map((/** @type {any} */ bar) => bar.to)) ?? []).flatMap(([down, up], i) => [bars[i].to - down, bars[i].to + up]));
          extra.push(bars.flatMap((/** @type {any} */ bar) => [bar.from, bar.to]));
        }
      } else if (trace.type === 'heatmap') {
        tight = true;
        const { across, down } = cellsOf(trace);
        columns.push(letter === 'x' ? across : down);
        const places = letter === 'x' ? across : down, half = halfGap(places);
        if (kindOf(places) === 'linear') extra.push([Number(places[0]) - half, Number(places.at(-1)) + half]);
      } else if (trace.type === 'box') {
        const along = (letter === 'x') === isUpright(trace);
        columns.push(along ? boxesOf(trace).map((box) => box.name) : list(trace[letter]));
      } else {
        const own = list(trace[letter]);
        columns.push(own.length > 0 ? own : list(trace[letter === 'x' ? 'y' : 'x']).map((_, i) => i));
        extra.push((errorsOf(trace[`error_${letter}`], own.map(Number)) ?? []).flatMap(([down, up], i) => [Number(own[i]) - down, Number(own[i]) + up]));
        zero ||= letter === 'y' && trace.fill === 'tozeroy';
      }
    }
  }
  return [columns, { zero, tight, extra }];
}

/** Half the smallest distance of two places. @param {any[]} places */
export function halfGap(places) {
  const sorted = [...new Set(places.map(Number))].filter(Number.isFinite).sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((place, i) => place - sorted[i]);
  return gaps.length > 0 ? Math.min(...gaps) / 2 : 0.5;
}

/** The values of a heatmap and where its columns and rows stand. @param {any} trace @returns {{z: any[][], across: any[], down: any[]}} */
export function cellsOf(trace) {
  const z = list(trace.z).map(list);
  const width = Math.max(0, ...z.map((row) => row.length));
  const places = (/** @type {any} */ given, /** @type {number} */ n) => {
    const own = list(given);
    if (own.length === n) return own;
    return own.length === n + 1 && kindOf(own) === 'linear' ? own.slice(1).map((end, i) => (Number(end) + Number(own[i])) / 2) : Array.from({ length: n }, (_, i) => i);
  };
  return { z, across: places(trace.x, width), down: places(trace.y, z.length) };
}

/** A box for each name that a trace has. @param {any} trace @returns {{name: string, values: number[]}[]} */
export function boxesOf(trace) {
  const upright = isUpright(trace);
  const values = list(upright ? trace.y : trace.x).map(Number), names = list(upright ? trace.x : trace.y);
  /** @type {Map<string, number[]>} */ const held = new Map();
  values.forEach((value, i) => { const name = String(names[i] ?? trace.name); if (!held.has(name)) held.set(name, []); held.get(name)?.push(value); });
  return [...held].map(([name, own]) => ({ name, values: own }));
}
