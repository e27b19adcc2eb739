/** What the run ran in: one card for each collector. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { ApiError, get, isAbort, seg } from '../../api.js';
import { formatBytes } from '../../charts/bytes.js';
import { formatExact } from '../../charts/format.js';
import { flatten } from '../../state/flatten.js';
import { ErrorCard } from '../../components/feedback.js';
import { Patch, isPatch } from '../../components/patch.js';
import { Tree } from '../../components/tree.js';

/** @param {{run: import('../../types').RunDetail}} props */
export function Environment({ run }) {
  const [state, setState] = useState(/** @type {{data: Record<string, unknown> | null, error: ApiError | null}} */ ({ data: null, error: null }));
  const [tries, again] = useState(0);
  useEffect(() => {
    if (!run.environment) return undefined;
    const abort = new AbortController();
    get(`runs/${seg(run.id)}/environment`, { path: run.path }, { signal: abort.signal })
      .then((data) => setState({ data, error: null }), (error) => { if (!isAbort(error)) setState({ data: null, error }); });
    return () => abort.abort();
  }, [run.id, run.environment, tries]);
  if (!run.environment) return html`<p class="muted tab-empty">${t('environment.none')}</p>`;
  if (state.error) return html`<${ErrorCard} error=${state.error} what=${t('error.environment')} retry=${() => again((n) => n + 1)} />`;
  if (!state.data) return null;
  const patches = flatten(state.data).filter(([key, value]) => isPatch(key, value));
  return html`${patches.map(([key, text]) => html`<section class="card block environment-patch" key=${key} data-patch=${key}><h2>${t('environment.patch')} <span class="muted">${key}</span></h2><${Patch} text=${String(text)} /></section>`)}<div class="columns">${sectionsOf(readable(withoutPatches(state.data))).map(([name, value]) => html`<section class="card block" key=${name}><h2>${name}</h2>
    <div class="environment-values" tabindex="0" role="region" aria-label=${name}>${isObject(value) ? html`<${Tree} value=${value} />` : html`<pre class="break">${formatExact(value)}</pre>`}</div></section>`)}</div>`;
}

/** They have a card of their own. @param {Record<string, unknown>} data @returns {Record<string, unknown>} */
const withoutPatches = (data) => Object.fromEntries(Object.entries(data).filter(([key, value]) => !isPatch(key, value)).map(([key, value]) => [key, isObject(value) ? withoutPatches(value) : value]));

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** As people read it: nothing as a word, lists without brackets, amounts of memory in their units. @param {Record<string, unknown>} data @returns {Record<string, unknown>} */
const readable = (data) => Object.fromEntries(Object.entries(data).map(([key, value]) => [key, inWords(key, value)]));

/** @param {string} key @param {unknown} value @returns {unknown} */
function inWords(key, value) {
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return t('environment.nothing');
  if (key.endsWith('_bytes') && typeof value === 'number') return formatBytes(value);
  if (Array.isArray(value)) return value.some((one) => one !== null && typeof one === 'object') ? readable({ ...value }) : value.map(formatExact).join(key === 'command' ? ' ' : ', ');
  return isObject(value) ? readable(value) : value;
}

/** One card for each part of what a collector gathered; short facts of one collector share a card. @param {Record<string, unknown>} data @returns {[string, unknown][]} */
function sectionsOf(data) {
  return Object.entries(data).flatMap(([collector, value]) => {
    if (!isObject(value)) return [/** @type {[string, unknown]} */ ([collector, value])];
    const parts = Object.entries(value).filter(([, inner]) => isObject(inner) && Object.keys(inner).length > 0);
    const facts = Object.fromEntries(Object.entries(value).filter(([key]) => !parts.some(([part]) => part === key)));
    return /** @type {[string, unknown][]} */ ([...parts, ...(Object.keys(facts).length > 0 ? [[collector, facts]] : [])]);
  });
}
