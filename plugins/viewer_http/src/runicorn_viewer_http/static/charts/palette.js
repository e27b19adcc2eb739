/** Colours of runs: eight hues that stay apart for colour-blind readers in both themes, then dashes. */

import { signal } from '@preact/signals';

export const PALETTE = {
  light: ['#5691f5', '#a54900', '#237361', '#7945b3', '#909855', '#2e386b', '#c36fac', '#4d3e00'],
  dark: ['#4175cc', '#e68d5b', '#74b7a4', '#b588f0', '#737b40', '#b8c8ff', '#a0578c', '#ebdba6'],
};
const DASHES = [[], [6, 3], [2, 3]];

/** @type {Map<string, number>} */
const slots = new Map();
/** Folder of a run to the place in the palette that a reader chose. @type {import('@preact/signals').Signal<Record<string, number>>} */
const chosen = signal({});

/** @param {Record<string, number>} colors */
export function overrideColors(colors) {
  chosen.value = colors;
}

/**
 * Give every run its colour. The oldest run of a project comes first, so a colour stays with its run:
 * a newer run takes the next slot and filters change nothing.
 * @param {{id: string, path: string, project: string, created_at: number | null}[]} runs
 */
export function assignColors(runs) {
  /** @type {Map<string, number>} */
  const next = new Map();
  for (const [key, slot] of slots) {
    const project = key.slice(0, key.indexOf('\n'));
    next.set(project, Math.max(next.get(project) ?? 0, slot + 1));
  }
  const oldestFirst = [...runs].sort((a, b) => (a.created_at ?? 0) - (b.created_at ?? 0) || (a.id < b.id ? -1 : 1));
  for (const run of oldestFirst) {
    const key = `${run.project}\n${run.path}`;
    if (slots.has(key)) continue;
    const slot = next.get(run.project) ?? 0;
    slots.set(key, slot);
    next.set(run.project, slot + 1);
  }
}

/** Whether a run has got its colour. @param {{path: string, project: string}} run */
export const hasColor = (run) => slots.has(`${run.project}\n${run.path}`);

/** @param {{path: string, project: string}} run @param {boolean} dark */
export function colorOf(run, dark) {
  return lookAt(chosen.value[run.path] ?? slots.get(`${run.project}\n${run.path}`) ?? 0, dark);
}

/** The place `slot` of the palette: hues, then the same with dashes. @param {number} slot @param {boolean} dark */
export function lookAt(slot, dark) {
  return { color: PALETTE[dark ? 'dark' : 'light'][slot % 8], dash: DASHES[Math.floor(slot / 8) % 3] };
}
