// @ts-check
/** A key that is not on file is shown and asked about; one that has changed is refused, and why is said. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { send } from './api.js';
import { problem } from './words.js';

/** @param {{ctx: import('runicorn').Context, error: any, onAccepted: () => void, onCancel: () => void}} props */
export function HostKey({ ctx, error, onAccepted, onCancel }) {
  const { t } = ctx;
  const { host, port, key_type, fingerprint } = error.body;
  const act = async (/** @type {string} */ path, /** @type {Record<string, unknown>} */ body) => {
    try {
      await send(ctx, path, body);
      onAccepted();
    } catch (failure) {
      ctx.toast(problem(ctx, failure), { bad: true });
    }
  };
  const facts = html`<${Facts} ctx=${ctx} of=${error.body} />`;
  if (error.code === 'host-key-changed') return html`<${Changed} ctx=${ctx} error=${error} facts=${facts} onRemove=${() => act('/known-hosts/remove', { host, port })} onAgain=${onAccepted} onCancel=${onCancel} />`;
  const refused = error.code === 'host-key-revoked' ? 'revoked' : error.code === 'host-key-strict' ? 'strict' : '';
  if (refused) return html`<section class="notice bad remote-key" role="alertdialog" aria-label=${t(`remote.key.${refused}`)}><strong>${t(`remote.key.${refused}`)}</strong>
    <p>${t(`remote.key.${refused}Why`)}</p>${facts}
    <div class="row"><button class="button" onClick=${onCancel}>${t('remote.close')}</button><button class="button primary" onClick=${onAccepted}>${t('remote.again')}</button></div></section>`;
  return html`<section class="notice remote-key" role="alertdialog" aria-label=${t('remote.key.unknown')}><strong>${t('remote.key.unknown')}</strong>
    <p class="soft">${t('remote.key.compare')}</p>${facts}
    <div class="row"><button class="button" onClick=${onCancel}>${t('remote.cancel')}</button>
      <button class="button primary" onClick=${() => act('/known-hosts/accept', { host, port, key_type, fingerprint })}>${t('remote.key.accept')}</button></div></section>`;
}

/** @param {{ctx: import('runicorn').Context, of: any}} props */
const Facts = ({ ctx: { t }, of }) => html`<dl class="remote-facts"><dt>${t('remote.form.host')}</dt><dd class="mono">${of.host}${of.port && of.port !== 22 ? `:${of.port}` : ''}</dd>
  ${of.key_type && html`<dt>${t('remote.key.type')}</dt><dd class="mono">${of.key_type}</dd>`}
  ${of.fingerprint && html`<dt>${t('remote.key.fingerprint')}</dt><dd class="mono remote-fingerprint">${of.fingerprint}</dd>`}
  ${of.where && !of.known && html`<dt>${t('remote.key.revokedIn')}</dt><dd class="mono">${of.where}</dd>`}
  ${of.known && html`<dt>${t('remote.key.onFile')}</dt><dd class="mono remote-fingerprint">${of.known} <span class="soft">${of.where}</span></dd>`}</dl>`;

/** @param {{ctx: import('runicorn').Context, error: any, facts: any, onRemove: () => void, onAgain: () => void, onCancel: () => void}} props */
function Changed({ ctx, error, facts, onRemove, onAgain, onCancel }) {
  const { t } = ctx;
  const { host, steps } = error.body;
  const [typed, setTyped] = useState('');
  return html`<section class="notice bad remote-key" role="alertdialog" aria-label=${t('remote.key.changed')}><strong>${t('remote.key.changed')}</strong>
    <p>${t('remote.key.changedWhy')}</p>${facts}
    <details><summary>${t('remote.key.sure')}</summary><p class="soft">${t('remote.key.sureHow', { host })}</p>
      ${steps?.length > 0 && html`<ul class="remote-commands">${steps.map((/** @type {string} */ step) => html`<li key=${step}><code>${step}</code></li>`)}</ul>`}
      ${(steps ?? []).some((/** @type {string} */ step) => step.startsWith('ssh-keygen')) ? html`<p class="soft">${t('remote.key.yours')}</p>`
        : html`<label class="remote-field"><span>${t('remote.key.typeHost')}</span><input class="input mono" value=${typed} onInput=${(/** @type {any} */ event) => setTyped(event.target.value)} autocomplete="off" /></label>
          <button class="button danger" disabled=${typed.trim() !== host} onClick=${onRemove}>${t('remote.key.remove')}</button>`}</details>
    <div class="row"><button class="button" onClick=${onCancel}>${t('remote.close')}</button><button class="button" onClick=${onAgain}>${t('remote.again')}</button></div></section>`;
}
