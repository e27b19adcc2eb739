// @ts-check
/** What went wrong and what happened, in the reader's words. */

/** @typedef {import('runicorn').Context} Context @typedef {import('./api.js').Said} Said */

/** A problem: its own sentence where there are no words for it. @param {Context} ctx @param {Said} why */
export function said(ctx, why) {
  const key = `remote.problem.${why.code}`;
  const words = ctx.t(key, { ...why, reason: why.reason ?? why.detail });
  return words === key ? why.detail || why.code : words;
}

/** Why a Python over there cannot run the viewer. @param {Context} ctx @param {{python: string, version: string, runicorn: string | null, obstacle: string, obstacle_code: string}} one */
export const obstacle = (ctx, one) => ctx.t(`remote.obstacle.${one.obstacle_code}`, { ...one, runicorn: one.runicorn ?? '', reason: one.obstacle.replace(/^does not run: /, '') });

/** What a request has come to. @param {Context} ctx @param {any} error */
export const problem = (ctx, error) => (error?.code ? said(ctx, { ...error.body, code: error.code, detail: error.message }) : String(error?.message ?? error));

/** A line of a log. @param {Context} ctx @param {import('./api.js').Entry} entry */
export function happened(ctx, { event, values }) {
  const reason = values.problem ? said(ctx, values.problem) : values.reason ?? '';
  if (event === 'problem') return reason;
  const state = values.state ? ctx.t(`remote.state.${values.state}`) : '';
  if (event === 'state' || event === 'state-because') return reason ? `${state}: ${reason}` : state;
  const step = values.step ? ctx.t(`remote.step.${values.step}`) : '';
  return ctx.t(`remote.event.${event}`, { ...values, reason, step, root: values.root || ctx.t('remote.configuredRoot') });
}
