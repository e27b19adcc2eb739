// @ts-check
/** Every change since the versions were logged. */
import { formatValue, html } from 'runicorn';
import { Ago, Failure, useFetched } from './shared.js';

/** @param {{ctx: import('runicorn').Context, version: import('./shared.js').Version}} props */
export function History({ ctx, version }) {
  const { t } = ctx;
  const { data, error, again } = useFetched(ctx, `/api/model-lifecycle/${encodeURIComponent(version.name)}?type=${encodeURIComponent(version.type)}`);
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`;
  if (!data) return null;
  if (!data.history.length) return html`<p class="soft">${t('artifacts.noHistory')}</p>`;
  return html`<ol class="card artifacts-history">${data.history.toReversed().map((/** @type {any} */ event, /** @type {number} */ n) => html`<li key=${n}>
    <span class="muted"><${Ago} at=${event.at} /></span> <span>${t(`artifacts.event.${event.kind}`, words(ctx, event))}</span> ${event.note && html`<span class="soft">${event.note}</span>`}</li>`)}</ol>`;
}

/** @param {import('runicorn').Context} ctx @param {any} event */
function words(ctx, event) {
  const metrics = Object.entries(event.metrics ?? {}).map(([name, value]) => `${name} ${typeof value === 'number' ? formatValue(value) : value}`).join(', ');
  return { version: event.version, alias: event.alias ?? '', from: event.from ?? ctx.t('artifacts.noStage'), to: event.to ?? '', metrics: event.dataset ? `${metrics} (${event.dataset})` : metrics };
}
