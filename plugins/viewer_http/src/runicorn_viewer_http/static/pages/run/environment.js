/** What the run ran in: one card for each collector. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { ApiError, get, isAbort, seg } from '../../api.js';
import { ErrorCard } from '../../components/feedback.js';
import { Tree } from '../../components/tree.js';

/** @param {{run: import('../../types').RunDetail}} props */
export function Environment({ run }) {
  const [state, setState] = useState(/** @type {{data: Record<string, unknown> | null, error: ApiError | null}} */ ({ data: null, error: null }));
  useEffect(() => {
    if (!run.environment) return undefined;
    const abort = new AbortController();
    get(`runs/${seg(run.id)}/environment`, { path: run.path }, { signal: abort.signal })
      .then((data) => setState({ data, error: null }), (error) => { if (!isAbort(error)) setState({ data: null, error }); });
    return () => abort.abort();
  }, [run.id, run.environment]);
  if (!run.environment) return html`<p class="muted tab-empty">${t('environment.none')}</p>`;
  if (state.error) return html`<${ErrorCard} error=${state.error} what=${t('error.environment')} />`;
  if (!state.data) return null;
  return html`<div class="columns">${Object.entries(state.data).map(([name, value]) => html`<section class="card block" key=${name}><h3>${name}</h3>
    ${value !== null && typeof value === 'object' && !Array.isArray(value) ? html`<${Tree} value=${value} />` : html`<pre class="break">${JSON.stringify(value, null, 2)}</pre>`}</section>`)}</div>`;
}
