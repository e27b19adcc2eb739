/** Why a filter finds nothing, where it names something that no run has. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get } from '../api.js';
import { setQuery } from '../router.js';

/** @typedef {{field: string, meant: string | null}} Unknown */

/** @param {{project: string, q: string}} props */
export function Unknowns({ project, q }) {
  const [unknown, setUnknown] = useState(/** @type {Unknown[]} */ ([]));
  useEffect(() => {
    const abort = new AbortController();
    setUnknown([]);
    get('v2/runs', { project, q, columns: 'status', per_page: 1 }, { signal: abort.signal, quiet: true }).then((answer) => setUnknown(answer.unknown), () => {});
    return () => abort.abort();
  }, [project, q]);
  return html`${unknown.map(({ field, meant }) => html`<p class="muted" key=${field}>${t('filter.unknown', { field })}${meant && html` ${q.includes(field)
    ? html`<button class="ghost accent" onClick=${() => setQuery({ q: q.replaceAll(field, meant) })}>${t('filter.meant', { word: meant })}</button>`
    : t('filter.perhaps', { word: meant })}`}</p>`)}`;
}
