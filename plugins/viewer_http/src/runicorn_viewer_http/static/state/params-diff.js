/** How the parameters of one run differ from those of another. */
import { flatten } from './flatten.js';

/** @typedef {{kind: 'changed' | 'added' | 'removed', base: unknown}} Difference */

/**
 * Keys as `flatten` makes them -> how they differ; what is equal is left out.
 * @param {Record<string, unknown>} params @param {Record<string, unknown>} base @returns {Map<string, Difference>}
 */
export function differences(params, base) {
  const mine = new Map(flatten(params));
  const theirs = new Map(flatten(base));
  /** @type {Map<string, Difference>} */
  const found = new Map();
  for (const [key, value] of mine) {
    if (!theirs.has(key)) found.set(key, { kind: 'added', base: undefined });
    else if (JSON.stringify(theirs.get(key)) !== JSON.stringify(value)) found.set(key, { kind: 'changed', base: theirs.get(key) });
  }
  for (const [key, value] of theirs) if (!mine.has(key)) found.set(key, { kind: 'removed', base: value });
  return found;
}

/** The parameters with those that only the other run has, so that a tree can show both. @param {Record<string, unknown>} params @param {Record<string, unknown>} base */
export function joined(params, base) {
  /** @type {Record<string, unknown>} */
  const out = { ...params };
  for (const [key, value] of Object.entries(base)) {
    if (!Object.hasOwn(out, key)) out[key] = value;
    else if (isObject(out[key]) && isObject(value)) out[key] = joined(/** @type {any} */ (out[key]), value);
  }
  return out;
}

/** Only the leaves that are among `keys`. @param {Record<string, unknown>} params @param {{has: (key: string) => boolean}} keys @param {string} [prefix] */
export function only(params, keys, prefix = '') {
  /** @type {Record<string, unknown>} */
  const out = {};
  for (const [key, value] of Object.entries(params)) {
    const path = prefix ? `${prefix}/${key}` : key;
    if (keys.has(path)) out[key] = value;
    else if (isObject(value)) {
      const kept = only(value, keys, path);
      if (Object.keys(kept).length > 0) out[key] = kept;
    }
  }
  return out;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0;
