/** Words in the reader's language. English is the key set and the fall-back. */
import { effect, signal } from '@preact/signals';
import en from './en.js';

/** @typedef {Record<string, string>} Dictionary */
/** @type {Record<string, () => Promise<{default: Dictionary}>>} */
const LOADERS = { en: async () => ({ default: en }), 'zh-CN': () => import('./zh-CN.js'), 'en-XA': () => import('./pseudo.js') };

const asked = new URLSearchParams(location.search).get('lang') ?? stored('runicorn.locale') ?? navigator.languages.join(' ');
/** Chosen language: 'en' or 'zh-CN'. */
export const locale = signal(/^zh\b|^zh-/.test(asked) ? 'zh-CN' : asked === 'en-XA' ? 'en-XA' : 'en');
/** @type {import('@preact/signals').Signal<Dictionary>} */
const dictionary = signal(/** @type {Dictionary} */ (en));
/** Words of plugins by language; ours come first. @type {import('@preact/signals').Signal<Record<string, Dictionary>>} */
const words = signal({});

/** Add what a plugin brings: language -> key -> text. @param {Record<string, Dictionary> | undefined} more */
export function addWords(more) {
  if (more === undefined) return;
  const next = { ...words.peek() };
  for (const [language, texts] of Object.entries(more)) next[language] = { ...texts, ...next[language] };
  words.value = next;
}

/** @param {string} key */
const wordOf = (key) => [locale.value, locale.value.split('-')[0], 'en'].map((language) => words.value[language]?.[key]).find((text) => typeof text === 'string');

effect(() => {
  const wanted = locale.value;
  document.documentElement.lang = wanted;
  LOADERS[wanted]().then((module) => { if (locale.peek() === wanted) dictionary.value = module.default; });
});

/** @param {string} value */
export function setLocale(value) {
  locale.value = value;
  try { localStorage.setItem('runicorn.locale', value); } catch { /* storage is blocked: the choice lasts for this page */ }
}

/** @param {string} key */
function stored(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

/**
 * The text of `key` with `{name}` and `{n, plural, one{# run} other{# runs}}` filled in.
 * @param {string} key @param {Record<string, string | number>} [vars]
 */
export function t(key, vars) {
  const text = dictionary.value[key] ?? /** @type {Dictionary} */ (en)[key] ?? wordOf(key) ?? key;
  return vars ? fill(text, vars) : text;
}

/** Making them takes longer than using them a hundred times. @type {{locale: string, plural: Intl.PluralRules, number: Intl.NumberFormat} | null} */
let counting = null;

/** How the language counts. @param {string} language */
function counts(language) {
  if (counting?.locale !== language) counting = { locale: language, plural: new Intl.PluralRules(language), number: new Intl.NumberFormat(language) };
  return counting;
}

/** @param {string} text @param {Record<string, string | number>} vars */
function fill(text, vars) {
  const chosen = text.replace(/\{(\w+), plural,((?: \w+\{[^{}]*\})+)\}/g, (_, name, forms) => {
    const n = Number(vars[name]);
    const { plural, number } = counts(locale.value);
    const form = plural.select(n);
    const found = new Map([...forms.matchAll(/(\w+)\{([^{}]*)\}/g)].map((m) => [m[1], m[2]]));
    return (found.get(form) ?? found.get('other') ?? '').replaceAll('#', number.format(n));
  });
  return chosen.replace(/\{(\w+)\}/g, (_, name) => String(vars[name] ?? ''));
}
