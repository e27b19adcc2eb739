/** Which runs are not, or not wholly, in the picture, and why: none is left out in silence. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { titleOf } from '../state/experiments.js';

/** So many are named. */
const MOST = 3;

/** @param {{runs: readonly import('../types').RunDetail[]}} props */
export function Unreadable({ runs }) {
  const hurt = runs.filter((run) => run.unreadable);
  if (hurt.length === 0) return null;
  return html`<div class="notice bad unreadable" role="alert"><strong>${t('run.unreadable', { n: hurt.length })}</strong>
    ${hurt.slice(0, MOST).map((run) => html`<div class="soft" key=${run.path}>${titleOf(run)}: ${run.unreadable}</div>`)}
    ${hurt.length > MOST && html`<div class="soft">${t('run.unreadableMore', { n: hurt.length - MOST })}</div>`}</div>`;
}
