// @ts-check
/** The page: machines on the left, the chosen one on the right. The address holds which one is chosen. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { nameOf, savedOf, send, useAddress, usePolled } from './api.js';
import { ConnectForm } from './connect.js';
import { Host } from './host.js';
import { HostKey } from './keys.js';
import { Log } from './log.js';
import { Prompt } from './prompts.js';
import { Unlock } from './secrets.js';
import { State } from './state.js';
import { problem } from './words.js';

/** @typedef {import('./api.js').Connection} Connection @typedef {import('./api.js').Target} Target */

/** @param {{ctx: import('runicorn').Context}} props */
export function RemotePage({ ctx }) {
  const { t } = ctx;
  const [chosen, choose] = useAddress(ctx, 'host');
  const [adding, setAdding] = useState(/** @type {Target | null} */ (null));
  const [busy, setBusy] = useState('');
  const [asked, setAsked] = useState(/** @type {{body: import('./api.js').Asked, target: any, again: () => any, turn: number} | null} */ (null));
  const [key, setKey] = useState(/** @type {{error: any, again: () => any} | null} */ (null));
  const sessions = usePolled(ctx, '/sessions', 2000);
  const saved = usePolled(ctx, '/connections', 30000);
  const known = usePolled(ctx, '/hosts', 60000);
  /** @type {Connection[]} */
  const connections = sessions.data ?? [];
  const open = connections.find((one) => one.connection_id === chosen) ?? connections.find((one) => one.host === chosen);
  const log = usePolled(ctx, chosen ? '/log' : null, 2000, { host: open?.host ?? chosen });
  const place = known.data?.secrets;
  /** @type {string[]} */
  const hosts = known.data?.hosts ?? [];
  const refresh = () => { sessions.again(); saved.again(); log.again(); };

  /** One step of the way in: what it answers is a connection, a question or a refusal. @param {any} target @param {() => Promise<any>} step @param {() => any} again begins it anew */
  const advance = async (target, step, again) => {
    setKey(null);
    setBusy(target.host);
    try {
      const done = await step();
      setAsked(null);
      setAdding(null);
      choose(done.connection_id);
      if (target.save) await send(ctx, '/connections', { ...savedOf(saved.data ?? [], done), name: nameOf(target), ...plain(target) });
    } catch (/** @type {any} */ error) {
      const asks = error.code === 'answers-needed';
      setAsked((old) => (asks ? { body: error.body, target, again, turn: (old?.turn ?? 0) + 1 } : null));
      if (String(error.code).startsWith('host-key-')) setKey({ error, again });
      else if (!asks) ctx.toast(problem(ctx, error), { bad: true });
    }
    setBusy('');
    known.again();
    refresh();
  };
  /** @param {any} target @returns {Promise<void>} */
  const connect = (target) => {
    const { save, ...wanted } = target;
    choose(target.host);
    return advance(target, () => send(ctx, '/connect', wanted), () => connect(target));
  };
  /** @param {Connection} one @returns {Promise<void>} */
  const signIn = (one) => advance(one, () => send(ctx, '/sign-in', { connection_id: one.connection_id }), () => signIn(one));
  const answer = (/** @type {string[] | null} */ answers, /** @type {boolean} */ remember) => {
    if (asked) advance(asked.target, () => send(ctx, '/answers', { attempt: asked.body.attempt, answers, remember }), asked.again);
  };
  const disconnect = async (/** @type {Connection} */ one) => {
    try {
      await send(ctx, '/disconnect', { connection_id: one.connection_id });
      choose(one.host);
    } catch (error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    refresh();
  };
  const forget = async (/** @type {any} */ one) => {
    try {
      const done = await send(ctx, `/connections?name=${encodeURIComponent(one.name)}`, undefined, 'DELETE');
      if (done.secrets_left) ctx.toast(t('remote.keep.left'), { bad: true });
    } catch (error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    saved.again();
  };
  if (sessions.error && !sessions.data) return html`<div class="notice bad" role="alert"><strong>${t('remote.failed')}</strong> <div class="soft">${problem(ctx, sessions.error)}</div>
    <div class="row"><button class="button" onClick=${sessions.again}>${t('remote.again')}</button></div></div>`;
  if (!sessions.data) return null;
  const addresses = known.data?.addresses ?? {};
  const taken = new Set(connections.flatMap((one) => [nameOf(one), one.host]));
  const idle = [...(saved.data ?? []).map((/** @type {any} */ each) => ({ ...each, kept: true, address: addresses[each.host] })), ...hosts.map((host) => ({ host, address: addresses[host] }))].filter((each, at, all) => !taken.has(nameOf(each)) && !taken.has(each.host) && all.findIndex((other) => nameOf(other) === nameOf(each)) === at);
  const asking = [saved, known].some((each) => !each.data && !each.error);
  const nothing = !connections.length && !idle.length && !adding && !asking;
  return html`<div class="page-head"><span class="muted">${t('remote.count', { n: connections.length })}</span><span class="sp"></span>
      <button class="button primary" onClick=${() => setAdding({ host: '' })}>${t('remote.add')}</button></div>
    ${asked && html`<${Prompt} key=${asked.turn} ctx=${ctx} asked=${asked.body} busy=${busy !== ''} place=${place} onAnswer=${answer} />`}
    ${key && html`<${HostKey} ctx=${ctx} error=${key.error} onAccepted=${key.again} onCancel=${() => setKey(null)} />`}
    ${adding && html`<${ConnectForm} key=${adding.host} ctx=${ctx} target=${adding} busy=${busy !== ''} place=${place} onConnect=${connect} onCancel=${() => setAdding(null)} />`}
    ${nothing ? html`<${Nothing} ctx=${ctx} />` : html`<div class="remote-split ${open || chosen ? 'open' : ''}">
      <div class="card remote-list">
        ${connections.length > 0 && html`<h2 class="caps">${t('remote.connections')}</h2><ul>${connections.map((one) => html`<li key=${one.connection_id}>
          <button class="remote-row" aria-current=${one === open ? 'true' : undefined} onClick=${() => choose(one.connection_id)}>
            <b class="cut mono">${nameOf(one)}</b> <${State} ctx=${ctx} state=${one.state} /></button></li>`)}</ul>`}
        ${idle.length > 0 && html`<h2 class="caps">${t('remote.known')}</h2><ul>${idle.map((each) => html`<li key=${`${each.kept}${nameOf(each)}`} class="remote-idle">
          <span class="remote-name"><b class="mono cut">${nameOf(each)}</b> <span class="muted cut" title=${about(t, each)}>${about(t, each)}</span></span>
          <button class="button" disabled=${busy !== ''} aria-label=${t('remote.connectTo', { host: nameOf(each) })} onClick=${() => connect(targetOf(each))}>${busy === each.host ? t('remote.connecting') : t('remote.connect')}</button>
          ${each.kept ? html`<button class="ghost" title=${t('remote.forget')} aria-label=${t('remote.forgetHost', { host: nameOf(each) })} onClick=${() => forget(each)}>×</button>`
            : html`<button class="ghost" title=${t('remote.change')} aria-label=${t('remote.changeHost', { host: nameOf(each) })} onClick=${() => setAdding(targetOf(each))}>…</button>`}</li>`)}</ul>`}
        ${place === 'locked' && html`<${Unlock} ctx=${ctx} onUnlocked=${known.again} />`}
      </div>
      <div class="remote-detail">
        ${open ? saved.data && html`<${Host} key=${open.connection_id} ctx=${ctx} connection=${open} alias=${hosts.includes(open.host)} saved=${savedOf(saved.data ?? [], open)} onChanged=${refresh} onDisconnect=${() => disconnect(open)} onSignIn=${() => signIn(open)} />`
          : !chosen && html`<p class="soft remote-hint">${t('remote.choose')}</p>`}
        ${chosen && html`<${Log} ctx=${ctx} entries=${log.data ?? []} />`}
      </div></div>`}`;
}

/** Where from, over which machines, which folder. @param {import('runicorn').Context['t']} t @param {any} each */
const about = (t, each) => [each.kept ? t('remote.saved') : t('remote.fromConfig'), each.address && each.address.hostname !== each.host && each.address.hostname, way(each).length > 0 && t('remote.through', { hosts: way(each).join(' → ') }), each.root].filter(Boolean).join(' · ');

/** @param {any} each @returns {string[]} */
const way = (each) => each.jump ?? each.address?.jump ?? [];

/** What may be kept of a target. @param {any} target */
const plain = ({ save, remember, password, passphrase, ...rest }) => rest;

/** What is asked for: an alias is enough for what the configuration says. @param {any} each @returns {any} */
const targetOf = (each) => Object.fromEntries(['host', 'port', 'username', 'auth', 'key_path', 'jump'].filter((name) => each[name] != null && (each.kept || name === 'host')).map((name) => [name, each[name]]));

/** @param {{ctx: import('runicorn').Context}} props */
const Nothing = ({ ctx }) => html`<div class="empty"><h1>${ctx.t('remote.none')}</h1><p>${ctx.t('remote.noneHow')}</p></div>`;
