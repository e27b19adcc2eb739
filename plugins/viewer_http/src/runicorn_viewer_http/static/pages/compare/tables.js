/** What was put in and what came out, side by side. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { setQuery } from '../../router.js';
import { formatValue } from '../../charts/format.js';
import { everything, figure, flipped, rowsOf } from '../../state/compare.js';
import { paramsOf } from '../../state/groups.js';
import { DiffTable } from './diff-table.js';

/** @param {{runs: import('../../types').RunDetail[], remove: ((path: string) => void) | null}} props */
export function Tables({ runs, remove }) {
  if (runs.length === 0) return null;
  const params = rowsOf(runs.map(paramsOf));
  const kind = figure.value;
  const metrics = rowsOf(runs.map((run) => new Map(run.metrics.map((metric) => [metric.key, metric[kind] ?? undefined]))));
  const primary = new Map(runs.flatMap(({ best_metric: best }) => (best?.mode ? [[best.name, best.mode]] : [])));
  const shown = everything.value ? params : params.filter((row) => row.differs);
  const switches = html`<label class="chip"><input type="checkbox" checked=${!everything.value} onChange=${() => setQuery({ same: everything.value ? null : '1' })} /> ${t('compare.onlyDifferent')}</label>
    <label class="chip"><input type="checkbox" checked=${flipped.value} onChange=${() => setQuery({ flip: flipped.value ? null : '1' })} /> ${t('compare.transpose')}</label>`;
  return html`<section class="card block"><h2>${t('compare.params')} <span class="muted">${t('compare.differing', { n: params.filter((row) => row.differs).length, total: params.length })}</span><span class="sp"></span>${switches}</h2>
      ${shown.length > 0 ? html`<${DiffTable} title=${t('compare.params')} runs=${runs} rows=${shown} flipped=${flipped.value} remove=${remove} />` : html`<p class="muted">${t(params.length > 0 ? 'compare.allSame' : 'params.none')}</p>`}</section>
    <section class="card block"><h2>${t('overview.metrics')} <span class="muted">${metrics.length}</span><span class="sp"></span>
      <label class="chip">${t('compare.figure')} <select value=${kind} onChange=${(/** @type {any} */ e) => setQuery({ figure: e.target.value === 'last' ? null : e.target.value })}>${['last', 'min', 'max', 'mean'].map((one) => html`<option value=${one}>${t(`metric.${one}`)}</option>`)}</select></label></h2>
      ${metrics.length > 0 ? html`<${DiffTable} title=${t('overview.metrics')} runs=${runs} rows=${metrics} flipped=${flipped.value} marked=${false} cell=${(/** @type {unknown} */ value, /** @type {unknown} */ base, /** @type {string} */ key, /** @type {boolean} */ isBase) => result(value, isBase ? undefined : base, primary.get(key) ?? guess(key))} />` : html`<p class="muted">${t('overview.noMetrics')}</p>`}</section>`;
}

/** Losses and errors are better when less; of others nothing is known. @param {string} key */
const guess = (key) => (/(^|[/_.])(loss|error|err|perplexity|ppl|mae|mse|rmse)$/i.test(key) ? 'min' : /(^|[/_.])(acc|accuracy|f1|auc|reward|score|bleu|iou|map)$/i.test(key) ? 'max' : null);

/** A value with its difference to the baseline. @param {unknown} value @param {unknown} base @param {string | null} mode */
function result(value, base, mode) {
  if (value === undefined) return html`<span class="muted">–</span>`;
  const by = typeof value === 'number' && typeof base === 'number' ? value - base : NaN;
  if (!by) return formatValue(value);
  const better = mode === null ? null : (by > 0) === (mode === 'max');
  return html`${formatValue(value)} <span class=${better === null ? 'muted' : better ? 'ok' : 'err'}>${by > 0 ? '+' : ''}${formatValue(by).replace(/^-/, '−')} ${by > 0 ? '▲' : '▼'}</span>`;
}
