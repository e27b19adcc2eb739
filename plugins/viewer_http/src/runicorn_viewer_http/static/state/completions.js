/** What could come next in a filter: a field, an operator, a value that runs have, or a word that joins. */
import { t } from '../i18n/index.js';
import { RUN_COLUMNS, partsOf } from './table/columns.js';

/** @typedef {{label: string, about: string, insert: string, from: number, to: number}} Offer `from`..`to` is replaced */
/** @typedef {import('./table/source.js').FieldInfo} FieldInfo */
const MOST = 12;
const STATUSES = ['running', 'finished', 'failed', 'crashed', 'interrupted'];
const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '~', 'contains', 'in (', 'is null'];
const FIELD = /^(?:[\w./@:+-]|"(?:\\.|[^"\\])*")+$/;

/** @param {string} text @param {number} caret @param {FieldInfo[]} fields @returns {Offer[]} */
export function completions(text, caret, fields) {
  const before = text.slice(0, caret);
  const word = /(?:"(?:\\.|[^"\\])*"?|[^\s()=<>!~,])*$/.exec(before)?.[0] ?? '';
  const from = caret - word.length;
  const to = caret + (/^[^\s()=<>!~,"]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const head = before.slice(0, from).trimEnd();
  const make = (/** @type {string} */ label, /** @type {string} */ about, insert = `${label} `) => ({ label, about, insert, from, to });
  const starts = (/** @type {string} */ label) => label.toLowerCase().includes(word.toLowerCase().replace(/^"/, '')) && label !== word;

  const operator = /(<=|>=|!=|=|<|>|~|\bhas|\bcontains|\bin\s*\(|,)$/i.exec(head);
  if (operator) {
    const field = fieldBefore(head.slice(0, operator.index), operator[0] === ',');
    return valuesOf(field, fields).filter((value) => starts(value)).slice(0, MOST).map((value) => make(value, field));
  }
  const last = /\S+$/.exec(head)?.[0] ?? '';
  const names = fields.map((field) => field.name);
  if (word === '' && (names.includes(last) || RUN_COLUMNS.includes(last))) {
    const list = last === 'tags' ? ['has', '!=', 'is null'] : OPERATORS;
    return list.map((one) => make(one, t(`filter.op.${OPERATOR_NAMES[one]}`), one === 'in (' ? one : `${one} `));
  }
  // after a whole condition only a joining word makes sense
  if (word === '' && head !== '' && !/(?:\band|\bor|\bnot|\()$/i.test(head)) return ['and', 'or'].map((one) => make(one, t(`filter.${one}`)));
  if (word === '' && head === '') return ['status', 'tags', ...names.filter((name) => /^(?:params|metrics)\./.test(name)).slice(0, 8)].map((name) => make(name, aboutOf(name, fields)));
  return [...RUN_COLUMNS, ...names.filter((name) => partsOf(name).kind !== 'run')].filter(starts).sort((a, b) => rank(a, word) - rank(b, word)).slice(0, MOST).map((name) => make(name, aboutOf(name, fields)));
}

/** @type {Record<string, string>} */
const OPERATOR_NAMES = { '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge', '~': 'matches', contains: 'contains', 'in (': 'in', 'is null': 'null', has: 'has' };

/** What begins with the word comes first. @param {string} name @param {string} word */
const rank = (name, word) => (name.startsWith(word) || partsOf(name).key.startsWith(word) ? 0 : 1);

/** @param {string} name @param {FieldInfo[]} fields */
function aboutOf(name, fields) {
  const field = fields.find((one) => one.name === name);
  return field && field.runs > 0 ? t('runs.count', { n: field.runs }) : '';
}

/** @param {string} head @param {boolean} inList */
function fieldBefore(head, inList) {
  const text = inList ? head.replace(/\bin\s*\([^()]*$/i, '') : head;
  const word = text.trimEnd().split(/[\s(]+/).at(-1) ?? '';
  return FIELD.test(word) ? word : '';
}

/** @param {string} field @param {FieldInfo[]} fields @returns {string[]} */
function valuesOf(field, fields) {
  if (field === 'status') return STATUSES;
  if (field === 'pinned' || field === 'archived') return ['true', 'false'];
  const known = fields.find((one) => one.name === field);
  return (known?.examples ?? []).map((value) => (typeof value === 'string' ? written(value) : String(value)));
}

/** @param {string} text */
const written = (text) => (/^[A-Za-z_][\w./-]*$/.test(text) && !/^(?:and|or|not|true|false|null)$/i.test(text) ? text : JSON.stringify(text));
