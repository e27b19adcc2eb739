// @ts-check
/** One machine that is connected: how it is doing, its viewers, and opening another. */
import { useState } from 'preact/hooks';
import { formatAgo, formatTime, html } from 'runicorn';
import { nameOf, problem, send, usePolled } from './api.js';
import { Folder } from './folder.js';
import { State } from './page.js';
import { Status } from './status.js';

/** @typedef {import('./api.js').ViewerSession} ViewerSession */

const OTHER = '?';

/** @param {{ctx: import('runicorn').Context, connection: import('./api.js').Connection, note: (of: string, text: string, bad?: boolean) => void, onDisconnect: () => void, onSignIn: () => void}} props */
export function Host({ ctx, connection, note, onDisconnect, onSignIn }) {
  const { t } = ctx;
  const id = connection.connection_id;
  const name = nameOf(connection);
  const of = connection.host;
  const up = connection.state === 'up' || connection.state === 'degraded';
  const viewers = usePolled(ctx, '/viewer/sessions', 2000);
  /** @type {ViewerSession[]} */
  const mine = (viewers.data ?? []).filter((/** @type {ViewerSession} */ one) => one.connection_id === id);
  return html`<div class="remote-head"><h2 class="cut mono">${name}</h2><${State} ctx=${ctx} state=${connection.state} /><span class="sp"></span>
      ${connection.state === 'needs-authentication' && html`<button class="button primary" onClick=${onSignIn}>${t('remote.signIn')}</button>`}
      <button class="button" onClick=${onDisconnect}>${t('remote.disconnect')}</button></div>
    ${connection.error && !up && html`<p class="notice ${connection.state === 'needs-authentication' ? '' : 'bad'}" role="status">${connection.error}</p>`}
    ${up && html`<${Status} ctx=${ctx} id=${id} />`}
    ${mine.map((one) => html`<${Viewer} key=${one.id} ctx=${ctx} session=${one} onStop=${async () => {
      try {
        await send(ctx, '/viewer/stop', { session_id: one.id });
        note(of, t('remote.log.stopped', { root: one.root }));
      } catch (error) {
        ctx.toast(problem(ctx, error), { bad: true });
      }
      viewers.again();
    }} />`)}
    ${up && html`<${Open} ctx=${ctx} id=${id} name=${of} note=${note} onOpened=${viewers.again} />`}`;
}

/** @param {{ctx: import('runicorn').Context, session: ViewerSession & {steps?: {name: string, state: string, detail: string}[], log?: {time: number, text: string}[], version?: string}, onStop: () => void}} props */
function Viewer({ ctx, session, onStop }) {
  const { t } = ctx;
  const there = ['up', 'degraded', 'reconnecting'].includes(session.state);
  return html`<section class="card remote-viewer" aria-label=${session.root}><div class="remote-head"><b class="cut mono">${session.root || t('remote.configuredRoot')}</b><${State} ctx=${ctx} state=${session.state} /><span class="sp"></span>
      ${there && html`<a class="button primary" href=${session.url} target="_blank" rel="noopener">${t('remote.open')}</a>`}
      <button class="button" onClick=${onStop}>${t('remote.stop')}</button></div>
    ${session.error && html`<p class="err">${session.error}</p>`}
    <p class="muted">${there && html`<span class="mono">${session.url}</span> · `}${session.version && `Runicorn ${session.version} · `}${session.pid && `${t('remote.process', { pid: session.pid })} · `}<time title=${formatTime(session.started_at)}>${formatAgo(session.started_at)}</time></p>
    ${(session.steps ?? []).length > 0 && html`<${Steps} ctx=${ctx} steps=${session.steps} />`}
    ${(session.log ?? []).length > 0 && html`<details><summary>${t('remote.viewerLog')}</summary><ol class="remote-lines">${session.log?.map((line, index) => html`<li key=${index}><time class="muted">${new Date(line.time * 1000).toLocaleTimeString(ctx.locale.peek())}</time> ${line.text}</li>`)}</ol></details>`}
  </section>`;
}

/** @type {Record<string, [string, string]>} */
const STEP = { done: ['✓', 'ok'], running: ['◌', 'soft'], failed: ['✕', 'err'] };

/** @param {{ctx: import('runicorn').Context, steps: any}} props */
const Steps = ({ ctx, steps }) => html`<ol class="remote-steps" aria-label=${ctx.t('remote.steps')}>${steps.map((/** @type {any} */ step) => html`<li key=${step.name} title=${step.detail ?? ''}>
  <span class=${(STEP[step.state] ?? STEP.running)[1]} aria-hidden="true">${(STEP[step.state] ?? STEP.running)[0]}</span> ${ctx.t(`remote.step.${step.name}`)} <span class="sr">${ctx.t(`remote.stepState.${step.state}`)}</span></li>`)}</ol>`;

/** @param {{ctx: import('runicorn').Context, id: string, name: string, note: (of: string, text: string, bad?: boolean) => void, onOpened: () => void}} props */
function Open({ ctx, id, name, note, onOpened }) {
  const { t } = ctx;
  const [root, setRoot] = useState('');
  const [python, setPython] = useState('');
  const [other, setOther] = useState(/** @type {string | null} */ (null)); // a Python that was not found by itself
  const [settled, setSettled] = useState(''); // the folder when it was last left: environments beside it count too
  const [picking, setPicking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [offer, setOffer] = useState(/** @type {any} */ (null));
  const { data } = usePolled(ctx, '/environments', 120000, { connection_id: id, root: settled });
  const environments = data?.environments ?? [];
  const start = async (/** @type {boolean} */ install) => {
    setBusy(true);
    setOffer(null);
    note(name, t(install ? 'remote.log.installing' : 'remote.log.starting', { root: root || t('remote.configuredRoot') }));
    const chosen = other === null ? python : other.trim();
    const asked = { connection_id: id, root, ...(chosen && { python: chosen }), ...(install && { install: true }) };
    try {
      const session = await send(ctx, '/viewer/start', asked);
      note(name, t('remote.log.started', { url: session.url }));
    } catch (/** @type {any} */ error) {
      note(name, problem(ctx, error), true);
      if (error.code === 'runicorn-missing') setOffer(error);
      else ctx.toast(problem(ctx, error), { bad: true });
    }
    setBusy(false);
    onOpened();
  };
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); start(false); };
  return html`<form class="card remote-form" aria-label=${t('remote.openRuns')} onSubmit=${submit}>
    <label class="remote-field wide"><span>${t('remote.root')}</span><span class="remote-with"><input class="input mono" name="root" value=${root} placeholder=${t('remote.configuredRoot')} onInput=${(/** @type {any} */ event) => setRoot(event.target.value)} onBlur=${() => setSettled(root)} autocomplete="off" spellcheck=${false} />
      <button type="button" class="button" aria-expanded=${picking} onClick=${() => setPicking(!picking)}>${t('remote.browse')}</button></span></label>
    ${picking && html`<${Folder} ctx=${ctx} id=${id} start=${root || '~'} onPick=${(/** @type {string} */ path) => { setRoot(path); setSettled(path); setPicking(false); }} />`}
    <label class="remote-field wide"><span>Python</span><select class="input" value=${other === null ? python : OTHER} onChange=${(/** @type {any} */ event) => { const { value } = event.target; setOther(value === OTHER ? '' : null); setPython(value === OTHER ? '' : value); }}>
      <option value="">${t('remote.bestPython')}</option>${environments.map((/** @type {any} */ one) => html`<option key=${one.python} value=${one.python} disabled=${!one.ready}>${described(one, t)}</option>`)}<option value=${OTHER}>${t('remote.otherPython')}</option></select></label>
    ${other !== null && html`<label class="remote-field wide"><span>${t('remote.pythonPath')}</span><input class="input mono" value=${other} placeholder="/opt/venv/bin/python" onInput=${(/** @type {any} */ event) => setOther(event.target.value)} autocomplete="off" spellcheck=${false} /></label>`}
    ${offer && html`<div class="notice wide" role="alert"><strong>${t('remote.missing')}</strong><p class="soft">${problem(ctx, offer)}</p>
      ${offer.body.can_install !== false && html`<div class="row"><button type="button" class="button primary" onClick=${() => start(true)}>${t('remote.install')}</button><span class="muted">${t('remote.installHow')}</span></div>`}</div>`}
    <div class="remote-buttons"><span class="sp"></span><button class="button primary" disabled=${busy}>${busy ? t('remote.starting') : t('remote.openRuns')}</button></div>
  </form>`;
}

/** @param {any} one @param {import('runicorn').Context['t']} t */
const described = (one, t) => [one.name || one.python, one.kind, one.version && `Python ${one.version}`, one.runicorn ? `Runicorn ${one.runicorn}` : t('remote.noRunicorn')].filter(Boolean).join(' · ');
