// @ts-check
/** A viewer over there: where it is seen, the steps on the way to it, what has happened. */
import { formatAgo, formatTime, html } from 'runicorn';
import { State } from './state.js';
import { happened, obstacle, said } from './words.js';

/** @param {{ctx: import('runicorn').Context, session: import('./api.js').ViewerSession, up: boolean, onStop: () => void, onAgain: (install: boolean) => void}} props `up`: the connection is, so that what is wrong is the viewer's */
export function Viewer({ ctx, session, up, onStop, onAgain }) {
  const { t } = ctx;
  const { state, problem: why, url } = session;
  const failed = state === 'failed';
  const there = url !== null && !failed && state !== 'connecting';
  const missing = failed && ['runicorn-missing', 'runicorn-too-old'].includes(why?.code ?? '') && why?.can_install !== false;
  return html`<section class="card remote-viewer" aria-label=${session.root || t('remote.configuredRoot')}><div class="remote-head"><b class="cut mono">${session.root || t('remote.configuredRoot')}</b><${State} ctx=${ctx} state=${state} word=${state === 'connecting' ? t('remote.starting') : undefined} /><span class="sp"></span>
      ${there && html`<a class="button primary" href=${url} target="_blank" rel="noopener">${t('remote.open')}</a>`}
      ${missing && html`<button class="button primary" title=${t('remote.installHow')} onClick=${() => onAgain(true)}>${t('remote.install')}</button>`}
      ${failed && html`<button class="button" onClick=${() => onAgain(false)}>${t('remote.again')}</button>`}
      <button class="button" onClick=${onStop}>${t(failed && url === null ? 'remote.forget' : state === 'connecting' ? 'remote.cancel' : 'remote.stop')}</button></div>
    ${why && (up || failed) && html`<p class=${failed ? 'err' : 'soft'} role=${failed ? 'alert' : undefined}>${said(ctx, why)}</p>`}
    ${missing && (why?.environments ?? []).length > 0 && html`<ul class="remote-lines soft">${why?.environments.map((/** @type {any} */ one) => html`<li key=${one.python}>${obstacle(ctx, one)}</li>`)}</ul>`}
    ${missing && html`<p class="muted">${t('remote.installWhat')}</p>`}
    <p class="muted">${there && html`<span class="mono">${url}</span> · `}${session.version && `Runicorn ${session.version} · `}${session.pid && `${t('remote.process', { pid: session.pid })} · `}<time title=${formatTime(session.started_at)}>${formatAgo(session.started_at)}</time></p>
    ${session.steps.length > 0 && html`<${Steps} ctx=${ctx} steps=${session.steps} />`}
    ${state === 'connecting' && session.log.length > 0 && html`<p class="soft mono remote-last" role="status">${happened(ctx, /** @type {any} */ (session.log.at(-1)))}</p>`}
    ${session.log.length > 0 && html`<details><summary>${t('remote.viewerLog')}</summary><ol class="remote-lines" tabindex="0">${session.log.map((line, index) => html`<li key=${index}><time class="muted">${new Date(line.time * 1000).toLocaleTimeString(ctx.locale.peek())}</time> ${happened(ctx, line)}</li>`)}</ol></details>`}
  </section>`;
}

/** @type {Record<string, [string, string]>} */
const STEP = { done: ['✓', 'ok'], running: ['◌', 'soft'], failed: ['✕', 'err'] };

/** @param {{ctx: import('runicorn').Context, steps: any}} props */
const Steps = ({ ctx, steps }) => html`<ol class="remote-steps" aria-label=${ctx.t('remote.steps')}>${steps.map((/** @type {any} */ step) => html`<li key=${step.name} title=${step.detail ?? ''}>
  <span class=${(STEP[step.state] ?? STEP.running)[1]} aria-hidden="true">${(STEP[step.state] ?? STEP.running)[0]}</span> ${ctx.t(`remote.step.${step.name}`)} <span class="sr">${ctx.t(`remote.stepState.${step.state}`)}</span></li>`)}</ol>`;
