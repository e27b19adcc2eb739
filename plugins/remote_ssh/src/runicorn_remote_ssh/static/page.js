// @ts-check
/** The page: machines on the left, the chosen one on the right. The address holds which one is chosen. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { nameOf, problem, send, useAddress, usePolled, useSteps } from './api.js';
import { ConnectForm } from './connect.js';
import { Host } from './host.js';
import { HostKey } from './keys.js';
import { Prompt } from './prompts.js';

/** @typedef {import('./api.js').Connection} Connection @typedef {import('./api.js').Target} Target */

/** A glyph and a colour for each state; the word stands beside it. @type {Record<string, [string, string]>} */
const LOOKS = {
  up: ['●', 'ok'], degraded: ['◐', 'warn'], connecting: ['◌', 'soft'], reconnecting: ['◌', 'warn'],
  'needs-authentication': ['!', 'warn'], failed: ['✕', 'err'], stopped: ['○', 'soft'],
};

/** @param {{ctx: import('runicorn').Context, state: string}} props */
export function State({ ctx, state }) {
  const [glyph, look] = LOOKS[state] ?? ['○', 'soft'];
  return html`<span class="nowrap ${look}"><span aria-hidden="true">${glyph}</span> ${ctx.t(`remote.state.${state}`)}</span>`;
}

/** @param {{ctx: import('runicorn').Context}} props */
export function RemotePage({ ctx }) {
  const { t } = ctx;
  const [chosen, choose] = useAddress(ctx, 'host');
  const [adding, setAdding] = useState(/** @type {Target | null} */ (null));
  const [busy, setBusy] = useState('');
  const [asked, setAsked] = useState(/** @type {{body: import('./api.js').Asked, target: any} | null} */ (null));
  const [key, setKey] = useState(/** @type {{error: any, target: any} | null} */ (null));
  const sessions = usePolled(ctx, '/sessions', 2000);
  const saved = usePolled(ctx, '/connections', 30000);
  const known = usePolled(ctx, '/hosts', 60000);
  const { steps, note } = useSteps();
  /** @type {Connection[]} */
  const connections = sessions.data ?? [];
  useChanges(connections, (one) => note(one.host, `${t(`remote.state.${one.state}`)}${one.error ? `: ${one.error}` : ''}`, !['up', 'connecting', 'stopped'].includes(one.state)));

  /** One step of the way in: what it answers is a connection, a question or a refusal. @param {any} target @param {() => Promise<any>} step */
  const advance = async (target, step) => {
    const { host, save } = target;
    setKey(null);
    setBusy(host);
    try {
      const done = await step();
      note(host, t('remote.log.connected', { user: done.username, host: done.hostname, port: done.port }));
      setAsked(null);
      setAdding(null);
      choose(done.connection_id);
      if (save) await send(ctx, '/connections', { name: nameOf(target), ...plain(target) });
    } catch (/** @type {any} */ error) {
      const asks = error.code === 'answers-needed';
      setAsked(asks ? { body: error.body, target } : null);
      note(host, problem(ctx, error), !asks && error.code !== 'host-key-unknown');
      if (error.code === 'host-key-unknown' || error.code === 'host-key-changed') setKey({ error, target });
      else if (!asks) ctx.toast(problem(ctx, error), { bad: true });
    }
    setBusy('');
    sessions.again();
    saved.again();
  };
  /** @param {any} target */
  const connect = (target) => {
    const { save, ...wanted } = target;
    choose(target.host);
    note(target.host, t('remote.log.connecting'));
    return advance(target, () => send(ctx, '/connect', wanted));
  };
  const answer = (/** @type {string[] | null} */ answers, /** @type {boolean} */ remember) => {
    if (asked) advance(asked.target, () => send(ctx, '/answers', { attempt: asked.body.attempt, answers, remember }));
  };
  const disconnect = async (/** @type {Connection} */ one) => {
    try {
      await send(ctx, '/disconnect', { connection_id: one.connection_id });
      note(one.host, t('remote.log.disconnected'));
      choose(one.host);
    } catch (error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    sessions.again();
  };
  const forget = async (/** @type {any} */ one) => {
    try {
      await send(ctx, `/connections?name=${encodeURIComponent(one.name)}`, undefined, 'DELETE');
    } catch (error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    saved.again();
  };
  if (sessions.error && !sessions.data) return html`<div class="notice bad" role="alert"><strong>${t('remote.failed')}</strong> <div class="soft">${problem(ctx, sessions.error)}</div>
    <div class="row"><button class="button" onClick=${sessions.again}>${t('remote.retry')}</button></div></div>`;
  if (!sessions.data) return null;
  const open = connections.find((one) => one.connection_id === chosen) ?? connections.find((one) => one.host === chosen);
  const taken = new Set(connections.flatMap((one) => [nameOf(one), one.host]));
  const idle = [...(saved.data ?? []).map((/** @type {any} */ each) => ({ ...each, kept: true })), ...hostsOf(known.data)].filter((each, at, all) => !taken.has(nameOf(each)) && !taken.has(each.host) && all.findIndex((other) => nameOf(other) === nameOf(each)) === at);
  const nothing = !connections.length && !idle.length && !adding;
  return html`<div class="page-head"><span class="muted">${t('remote.count', { n: connections.length })}</span><span class="sp"></span>
      <button class="button primary" onClick=${() => setAdding({ host: '' })}>${t('remote.add')}</button></div>
    ${asked && html`<${Prompt} key=${asked.body.attempt + JSON.stringify(asked.body.questions)} ctx=${ctx} asked=${asked.body} busy=${busy !== ''} keeps=${['keyring', 'file'].includes(known.data?.secrets)} onAnswer=${answer} />`}
    ${key && html`<${HostKey} ctx=${ctx} error=${key.error} onAccepted=${() => connect(key.target)} onCancel=${() => setKey(null)} />`}
    ${adding && html`<${ConnectForm} key=${adding.host} ctx=${ctx} target=${adding} busy=${busy !== ''} onConnect=${connect} onCancel=${() => setAdding(null)} />`}
    ${nothing ? html`<${Nothing} ctx=${ctx} />` : html`<div class="remote-split ${open || chosen ? 'open' : ''}">
      <div class="card remote-list">
        ${connections.length > 0 && html`<h2 class="caps">${t('remote.connections')}</h2><ul>${connections.map((one) => html`<li key=${one.connection_id}>
          <button class="remote-row" aria-current=${one === open ? 'true' : undefined} onClick=${() => choose(one.connection_id)}>
            <b class="cut mono">${nameOf(one)}</b> <${State} ctx=${ctx} state=${one.state} /></button></li>`)}</ul>`}
        ${idle.length > 0 && html`<h2 class="caps">${t('remote.known')}</h2><ul>${idle.map((each) => html`<li key=${`${each.kept}${nameOf(each)}`} class="remote-idle">
          <span class="cut"><b class="mono">${nameOf(each)}</b> <span class="muted">${each.kept ? t('remote.saved') : t('remote.fromConfig')}${each.jump?.length ? ` · ${t('remote.through', { hosts: [each.jump].flat().join(' → ') })}` : ''}</span></span>
          <button class="button" disabled=${busy !== ''} aria-label=${t('remote.connectTo', { host: nameOf(each) })} onClick=${() => connect(targetOf(each))}>${busy === each.host ? t('remote.connecting') : t('remote.connect')}</button>
          ${each.kept ? html`<button class="ghost" title=${t('remote.forget')} aria-label=${t('remote.forgetHost', { host: nameOf(each) })} onClick=${() => forget(each)}>×</button>`
            : html`<button class="ghost" title=${t('remote.change')} aria-label=${t('remote.changeHost', { host: nameOf(each) })} onClick=${() => setAdding(targetOf(each))}>…</button>`}</li>`)}</ul>`}
      </div>
      <div class="remote-detail">
        ${open ? html`<${Host} key=${open.connection_id} ctx=${ctx} connection=${open} note=${note} onDisconnect=${() => disconnect(open)} onSignIn=${() => connect(targetOf(open))} />`
          : !chosen && html`<p class="soft remote-hint">${t('remote.choose')}</p>`}
        ${chosen && html`<${Log} ctx=${ctx} steps=${steps[open?.host ?? chosen] ?? []} />`}
      </div></div>`}`;
}

/** @param {any} data */
const hostsOf = (data) => (data?.hosts ?? []).map((/** @type {string} */ host) => ({ host }));

/** What may be kept of a target. @param {any} target */
const plain = ({ save, password, passphrase, ...rest }) => rest;

/** What is asked for: an alias is enough for what the configuration says. @param {any} each @returns {any} */
const targetOf = (each) => Object.fromEntries(['host', 'port', 'username', 'auth', 'key_path', 'jump'].filter((name) => each[name] != null && (each.kept || name === 'host')).map((name) => [name, each[name]]));

/** @param {Connection[]} connections @param {(one: Connection) => void} changed */
function useChanges(connections, changed) {
  const before = useRef(/** @type {Record<string, string>} */ ({}));
  const said = JSON.stringify(connections.map((one) => [one.connection_id, one.state, one.error]));
  useEffect(() => {
    for (const one of connections) {
      const now = `${one.state} ${one.error ?? ''}`;
      if (before.current[one.connection_id] !== now) changed(one);
      before.current[one.connection_id] = now;
    }
  }, [said]);
}

/** What happened, the newest last. @param {{ctx: import('runicorn').Context, steps: import('./api.js').Step[]}} props */
export function Log({ ctx, steps }) {
  const end = useRef(/** @type {any} */ (null));
  useEffect(() => { if (end.current) end.current.scrollTop = end.current.scrollHeight; }, [steps.length]);
  if (!steps.length) return null;
  return html`<section class="card remote-log" aria-label=${ctx.t('remote.log')}><h3 class="caps">${ctx.t('remote.log')}</h3>
    <ol ref=${end} aria-live="polite" tabindex="0">${steps.map((step, index) => html`<li key=${index} class=${step.bad ? 'err' : ''}>
      <time class="muted">${new Date(step.at * 1000).toLocaleTimeString(ctx.locale.peek())}</time> ${step.text}</li>`)}</ol></section>`;
}

/** @param {{ctx: import('runicorn').Context}} props */
const Nothing = ({ ctx }) => html`<div class="empty"><h1>${ctx.t('remote.none')}</h1><p>${ctx.t('remote.noneHow')}</p></div>`;
