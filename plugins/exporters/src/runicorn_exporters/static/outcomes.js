// @ts-check
/** What would come, or what came, run by run. */
import { formatValue, html, runHref } from 'runicorn';

/** @typedef {import('./server.js').Outcome} Outcome */

const SHOWN = 500;
const BROUGHT = ['added', 'updated', 'replaced', 'renamed'];
/** @type {Record<string, string>} */
const TONES = { added: 'ok', updated: 'ok', renamed: 'ok', replaced: 'warn', failed: 'err' };

/** In the reader's language; an importer of another plugin is called as it calls itself. @param {import('runicorn').Context} ctx @param {{name: string, title: string}} importer */
export function titleOf(ctx, { name, title }) {
  const key = `exporters.importer.${name}`;
  const known = ctx.t(key);
  return known === key ? title : known;
}

/** Powers of ten, as disks are sold. @param {number} bytes */
export function formatBytes(bytes) {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB', 'TB']) {
    if (value < 999.5 || unit === 'TB') return `${unit === 'B' || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return '';
}

/** @param {{ctx: import('runicorn').Context, result: import('./server.js').Result, onBring: () => void}} props */
export function Outcomes({ ctx, result, onBring }) {
  const { t } = ctx;
  const { preview, outcomes } = result;
  const runs = outcomes.filter((one) => !one.part);
  const count = (/** @type {(one: Outcome) => boolean} */ of) => runs.filter(of).length;
  const points = runs.reduce((sum, one) => sum + one.points, 0);
  const failed = outcomes.filter((one) => one.became === 'failed').length;
  const kept = count((one) => one.became === 'there' || one.became === 'skipped');
  const parts = outcomes.some((one) => one.part && one.became === 'added');
  return html`<section aria-label=${t(preview ? 'exporters.wouldCome' : 'exporters.came')}>
    <div class="importing-sum"><p role="status"><b>${t(`exporters.${result.runs ? 'sum' : 'none'}${preview ? 'Preview' : ''}`, { n: result.runs })}</b>${points > 0 && html` · ${t('exporters.points', { n: points })}`}
        ${kept > 0 && html` · <span class="soft">${t('exporters.kept', { n: kept })}</span>`}${failed > 0 && html` · <span class="err">${t('exporters.failed', { n: failed })}</span>`}
        <span class="muted"> · ${titleOf(ctx, { name: result.importer, title: result.title })}</span></p>
      <span class="sp"></span>${preview && html`<button class="button primary" disabled=${result.runs === 0 && !parts} onClick=${onBring}>${t(result.runs ? 'exporters.bring' : 'exporters.bringNone', { n: result.runs })}</button>`}</div>
    <div class="card importing-table"><table><thead><tr><th>${t('exporters.run')}</th><th>${t('exporters.becomes')}</th><th class="num">${t('exporters.pointsHead')}</th><th class="num">${t('exporters.lines')}</th><th class="num">${t('exporters.media')}</th><th class="num">${t('exporters.artifacts')}</th><th>${t('exporters.leftOut')}</th></tr></thead>
      <tbody>${outcomes.slice(0, SHOWN).map((one) => html`<${Row} key=${one.part || one.source + one.run} ctx=${ctx} outcome=${one} preview=${preview} />`)}</tbody></table>
      ${outcomes.length > SHOWN && html`<p class="soft importing-none">${t('exporters.moreRuns', { n: outcomes.length - SHOWN })}</p>`}</div></section>`;
}

/** @param {{ctx: import('runicorn').Context, outcome: Outcome, preview: boolean}} props */
function Row({ ctx, outcome, preview }) {
  const { t } = ctx;
  const { run, became, part } = outcome;
  const id = run.split('/').at(-1) ?? run;
  const here = part === '' && (became === 'there' || became === 'skipped' || (!preview && BROUGHT.includes(became)));
  const left = Object.entries(outcome.left_out).map(([what, n]) => `${what}: ${formatValue(n)}`);
  const number = (/** @type {number} */ n) => (n ? formatValue(n) : '');
  return html`<tr><td class="cut" title=${run}>${here ? html`<a href=${`${runHref({ id })}?${new URLSearchParams({ path: run })}`}>${run}</a>` : part ? t('exporters.part', { name: part }) : run || outcome.source}</td>
    <td class="importing-became"><span class=${TONES[became] ?? 'soft'}>${t(`exporters.became.${became}`)}</span>${[outcome.reason, ...outcome.told].filter(Boolean).map((text) => html`<div class="soft" key=${text}>${text}</div>`)}</td>
    <td class="num">${number(outcome.points)}</td><td class="num">${number(outcome.lines)}</td><td class="num">${number(outcome.media)}</td><td class="num">${number(outcome.artifacts)}</td><td class="soft importing-left">${left.map((text) => html`<div key=${text}>${text}</div>`)}</td></tr>`;
}
