// @ts-check
/** One machine that is connected: how it is doing, its viewers, and opening another. */
import { formatAgo, formatTime, html } from 'runicorn';
import { nameOf, send, usePolled } from './api.js';
import { Open } from './open.js';
import { State } from './state.js';
import { Status } from './status.js';
import { Viewer } from './viewers.js';
import { problem, said } from './words.js';

/** @typedef {import('./api.js').ViewerSession} ViewerSession @typedef {import('./api.js').Connection} Connection */

/** @param {{ctx: import('runicorn').Context, connection: Connection, alias: boolean, saved: import('./api.js').Saved | undefined, onChanged: () => void, onDisconnect: () => void, onSignIn: () => void}} props */
export function Host({ ctx, connection, alias, saved, onChanged, onDisconnect, onSignIn }) {
  const { t } = ctx;
  const id = connection.connection_id;
  const up = connection.state === 'up' || connection.state === 'degraded';
  const viewers = usePolled(ctx, '/viewer/sessions', 2000);
  /** @type {ViewerSession[]} */
  const mine = (viewers.data ?? []).filter((/** @type {ViewerSession} */ one) => one.connection_id === id);
  const act = async (/** @type {string} */ path, /** @type {Record<string, unknown>} */ body) => {
    try {
      await send(ctx, path, body);
    } catch (error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    viewers.again();
    onChanged();
  };
  return html`<div class="remote-head"><h2 class="cut mono">${nameOf(connection)}</h2><${State} ctx=${ctx} state=${connection.state} /><span class="sp"></span>
      ${connection.state === 'needs-authentication' && html`<button class="button primary" onClick=${onSignIn}>${t('remote.signIn')}</button>`}
      ${connection.state === 'reconnecting' && html`<button class="button primary" onClick=${() => act('/retry', { connection_id: id })}>${t('remote.retryNow')}</button>`}
      <button class="button" onClick=${onDisconnect}>${t('remote.disconnect')}</button></div>
    <${Way} ctx=${ctx} connection=${connection} />
    <${Trouble} ctx=${ctx} connection=${connection} />
    ${up && html`<${Status} ctx=${ctx} id=${id} />`}
    ${mine.map((one) => html`<${Viewer} key=${one.id} ctx=${ctx} session=${one} up=${up} onStop=${() => act('/viewer/stop', { session_id: one.id })} onAgain=${(/** @type {boolean} */ install) => act('/viewer/again', { session_id: one.id, install })} />`)}
    ${up && html`<${Open} ctx=${ctx} connection=${connection} alias=${alias} saved=${saved} onOpened=${() => { viewers.again(); onChanged(); }} />`}`;
}

/** Over which machines, and since when. @param {{ctx: import('runicorn').Context, connection: Connection}} props */
function Way({ ctx: { t }, connection: { host, hostname, port, jump, connected_at: since } }) {
  const parts = [hostname !== host && html`<span class="mono">${hostname}:${port}</span>`, jump.length > 0 && html`<span>${t('remote.through', { hosts: jump.join(' → ') })}</span>`,
    since !== null && html`<time title=${formatTime(since)}>${t('remote.since', { time: formatAgo(since) })}</time>`].filter(Boolean);
  return html`<p class="muted remote-way">${parts.map((part, index) => html`${index > 0 && ' · '}${part}`)}</p>`;
}

/** Why it is not as it should be, and what happens now. @param {{ctx: import('runicorn').Context, connection: Connection}} props */
function Trouble({ ctx, connection: { state, problem: why, retry_at: next } }) {
  const { t } = ctx;
  if (state === 'up' || state === 'stopped' || state === 'connecting') return null;
  const key = { 'host-key-changed': 'remote.key.changedWhy', 'host-key-revoked': 'remote.key.revokedWhy' }[why?.code];
  return html`<div class="notice ${key ? 'bad' : ''}" role="status"><strong>${why ? said(ctx, why) : t(`remote.state.${state}`)}</strong>
    <p class="soft">${t(key ?? `remote.now.${state}`)}${state === 'reconnecting' && next !== null && ` ${t('remote.nextTry', { time: new Date(next * 1000).toLocaleTimeString(ctx.locale.peek()) })}`}</p></div>`;
}
