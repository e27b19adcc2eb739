/** What a project's pages remember beside its runs, for everybody who uses the root: columns of the table, saved views. */
import { signal } from '@preact/signals';
import { apiUrl, get, isAbort, request } from '../../api.js';

/** @typedef {{page: string, search: string, columns?: import('./columns.js').Column[], saved_at: number}} View `search` is the address without the project */

/** @param {string} view @returns {Promise<any>} */
export const readDocument = (view) => get('ui-preferences', { view }, { quiet: true });
/** @param {string} view @param {unknown} document */
export const writeDocument = (view, document) => request(apiUrl('ui-preferences', { view }), { method: 'PUT', body: document, quiet: true });

/** Views by name of the project whose pages are open. @type {import('@preact/signals').Signal<Record<string, View>>} */
export const views = signal({});
let of = '';

/** @param {string} project */
export async function loadViews(project) {
  if (of !== project) views.value = {};
  of = project;
  try {
    const found = await readDocument(`views:${project}`);
    if (of === project) views.value = found.views ?? {};
  } catch (error) {
    if (!isAbort(error) && of === project) views.value = {};
  }
}

/** Read, change and write, so that a view that somebody else saved meanwhile stays. @param {string} project @param {(all: Record<string, View>) => void} change */
async function changeViews(project, change) {
  const all = { ...((await readDocument(`views:${project}`)).views ?? {}) };
  change(all);
  await writeDocument(`views:${project}`, { views: all });
  if (of === project) views.value = all;
}

/** @param {string} project @param {string} name @param {View} view */
export const saveView = (project, name, view) => changeViews(project, (all) => { all[name] = view; });
/** @param {string} project @param {string} name */
export const removeView = (project, name) => changeViews(project, (all) => { delete all[name]; });
