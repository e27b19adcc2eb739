/** What plugins draw: the list from the server, modules loaded when they are first needed, and what went wrong. */
import { signal } from '@preact/signals';
import { get } from '../api.js';
import { addWords, locale } from '../i18n/index.js';

/** @typedef {import('runicorn').Plugin} Plugin */
/** @typedef {{id: string, title: string, titles: Record<string, string>, slot?: string, path?: string}} Part */
/**
 * @typedef {{plugin: string, distribution: string, version: string, base: string, module: string,
 *   files: Record<string, number>, panels: Part[], pages: Part[]}} Entry
 */

export const API_VERSION = 1;
/** `?safe=1`: nothing of a plugin runs in this tab until the next load of the page. */
export const safe = (new URLSearchParams(location.search).get('safe') ?? '0') !== '0';

/** @type {import('@preact/signals').Signal<Entry[]>} */
const entries = signal([]);
/** True when it is known what plugins draw, so that an address of none of them is a wrong one. */
export const known = signal(safe);
/** Why it is not known yet. @type {import('@preact/signals').Signal<Error | null>} */
export const unknown = signal(null);
/** Plugin -> what failed in this browser. @type {import('@preact/signals').Signal<ReadonlyMap<string, string[]>>} */
export const failures = signal(new Map());

/** Ask for the list, after the first paint; again until it has come. */
export async function findPlugins() {
  if (safe) return;
  try {
    entries.value = await get('plugins/panels', {}, { quiet: true });
    known.value = true;
    unknown.value = null;
  } catch (error) {
    unknown.value = asError(error);
    setTimeout(findPlugins, 2000);
  }
}

/** @param {string} slot @returns {{entry: Entry, part: Part}[]} */
export const panelsOf = (slot) =>
  entries.value.flatMap((entry) => entry.panels.filter((part) => part.slot === slot).map((part) => ({ entry, part })));

/** @returns {{entry: Entry, part: Part}[]} */
export const allPages = () => entries.value.flatMap((entry) => entry.pages.map((part) => ({ entry, part })));

/** @param {string} path */
export const pageAt = (path) => allPages().find((page) => page.part.path === path);

/** @param {Part} part */
export const titleOfPart = (part) => part.titles[locale.value] ?? part.titles[locale.value.split('-')[0]] ?? part.title;

/** The modules of one plugin, for the plugins page. @param {string} plugin */
export const modulesOf = (plugin) => entries.value.filter((entry) => entry.plugin === plugin);

/** @type {Map<string, Promise<Plugin>>} */
const loading = new Map();

/** The default export of a plugin's module. @param {Entry} entry */
export function load(entry) {
  const found = loading.get(entry.module) ?? import(entry.module).then((module) => checked(module.default, entry));
  loading.set(entry.module, found);
  // what could not be fetched may be there when it is looked at again
  found.catch(() => loading.delete(entry.module));
  return found;
}

/** @param {any} plugin @param {Entry} entry @returns {Plugin} */
function checked(plugin, entry) {
  if (typeof plugin !== 'object' || plugin === null) throw new TypeError(`${entry.module} has no default export that is an object`);
  if (plugin.apiVersion !== API_VERSION) throw new TypeError(`${entry.module} is for version ${plugin.apiVersion} of panels, this viewer has ${API_VERSION}`);
  addWords(plugin.i18n);
  return plugin;
}

/** Whatever somebody threw, as an error. @param {unknown} thrown */
export const asError = (thrown) => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Keep what failed, for the plugins page. @param {string} plugin @param {unknown} thrown */
export function noteFailure(plugin, thrown) {
  const text = String(asError(thrown));
  const before = failures.peek().get(plugin) ?? [];
  if (!before.includes(text) && before.length < 20) failures.value = new Map(failures.peek()).set(plugin, [...before, text]);
}

// What is thrown later than mount(), in a timer or a listener, is known by the file that it comes from.
/** @param {string} where @param {unknown} thrown */
function blame(where, thrown) {
  const entry = entries.peek().find((one) => where.includes(`${one.base}/`));
  if (entry) noteFailure(entry.plugin, thrown);
}
addEventListener('error', (event) => blame(`${event.filename} ${event.error?.stack ?? ''}`, event.error ?? event.message));
addEventListener('unhandledrejection', (event) => blame(String(event.reason?.stack ?? ''), event.reason));
