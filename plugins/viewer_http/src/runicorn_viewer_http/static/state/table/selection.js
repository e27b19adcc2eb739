/** Which runs are chosen, by folder, and what is done with all of them at once; each act can be taken back. */
import { signal } from '@preact/signals';
import { send } from '../../api.js';

/** @typedef {import('./source.js').RunRow} RunRow */
/** Most that one request may name. */
const MOST = 1000;

/** @type {import('@preact/signals').Signal<ReadonlyMap<string, RunRow>>} */
export const chosen = signal(new Map());

export const clearChosen = () => { chosen.value = new Map(); };

/** @param {RunRow[]} rows @param {boolean} on */
export function choose(rows, on) {
  const next = new Map(chosen.peek());
  for (const row of rows) {
    if (on) next.set(row.path, row);
    else next.delete(row.path);
  }
  chosen.value = next;
}

/** @param {string} path @param {string[]} ids @param {Record<string, unknown>} [more] */
async function each(path, ids, more = {}) {
  for (let i = 0; i < ids.length; i += MOST) await send(path, { run_ids: ids.slice(i, i + MOST), ...more });
}

/** What was done, and the way back. @typedef {{undo: () => Promise<void>}} Done */

/** @param {RunRow[]} rows @param {boolean} value @returns {Promise<Done>} */
export async function archive(rows, value) {
  const changed = rows.filter((row) => row.archived !== value).map((row) => row.path);
  await each('experiments/archive', changed, { value });
  return { undo: () => each('experiments/archive', changed, { value: !value }) };
}

/** @param {RunRow[]} rows @param {boolean} value @returns {Promise<Done>} */
export async function pin(rows, value) {
  const changed = rows.filter((row) => row.pinned !== value).map((row) => row.path);
  await each('experiments/pin', changed, { value });
  return { undo: () => each('experiments/pin', changed, { value: !value }) };
}

/** @param {RunRow[]} rows @returns {Promise<Done>} */
export async function remove(rows) {
  const ids = rows.map((row) => row.path);
  await each('runs/soft-delete', ids);
  return { undo: () => each('recycle-bin/restore', ids) };
}

/** Give every run a tag, or take it from them. @param {RunRow[]} rows @param {string} tag @param {boolean} on @returns {Promise<Done>} */
export async function tagAll(rows, tag, on) {
  const changed = rows.filter((row) => row.tags.includes(tag) !== on);
  await setTags(changed.map((row) => [row.path, on ? [...row.tags, tag] : row.tags.filter((one) => one !== tag)]));
  return { undo: () => setTags(changed.map((row) => [row.path, row.tags])) };
}

/** Runs that end up with the same tags are named in one request. @param {[string, string[]][]} wanted */
async function setTags(wanted) {
  /** @type {Map<string, {ids: string[], tags: string[]}>} */
  const groups = new Map();
  for (const [path, tags] of wanted) {
    const key = JSON.stringify(tags);
    const group = groups.get(key) ?? { ids: [], tags };
    group.ids.push(path);
    groups.set(key, group);
  }
  for (const { ids, tags } of groups.values()) await each('experiments/tag', ids, { value: tags });
}
