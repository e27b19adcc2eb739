/** Nested values as rows of 'a/b/c' and a leaf. Lists stay leaves: their positions are no names. */

/** @param {unknown} value @param {string} [prefix] @returns {[string, unknown][]} */
export function flatten(value, prefix = '') {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return prefix ? [[prefix, value]] : [];
  const entries = Object.entries(value);
  if (entries.length === 0 && prefix) return [[prefix, {}]];
  return entries.flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}/${key}` : key));
}
