/** Plain data as YAML that YAML 1.1 and 1.2 readers understand alike. */

const PLAIN = /^[A-Za-z_/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*$/;
/** Words that some reader takes for something else than text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i;

/** @param {unknown} value a JSON value @param {number} [depth] @returns {string} */
export function toYaml(value, depth = 0) {
  const pad = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]\n';
    if (value.every((item) => item === null || typeof item !== 'object')) return `[${value.map(scalar).join(', ')}]\n`;
    return `\n${value.map((item) => `${pad}-${under(item, depth + 1)}`).join('')}`;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}\n';
    return `${depth > 0 ? '\n' : ''}${entries.map(([key, inner]) => `${pad}${text(key)}:${under(inner, depth + 1)}`).join('')}`;
  }
  return `${scalar(value)}\n`;
}

/** @param {unknown} value @param {number} depth @returns {string} */
function under(value, depth) {
  const written = toYaml(value, depth);
  return written.startsWith('\n') ? written : ` ${written}`;
}

/** @param {unknown} value */
const scalar = (value) => (typeof value === 'string' ? text(value) : typeof value === 'number' ? number(value) : JSON.stringify(value ?? null));

/** JSON's quotes are YAML's. @param {string} value */
const text = (value) => (PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value));

/** YAML 1.1 wants a point before an exponent, else it reads a text. @param {number} value */
const number = (value) => String(value).replace(/^(-?\d+)e/, '$1.0e');
