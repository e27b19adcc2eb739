// @ts-check
/** A key that is not on file is shown and asked about; one that has changed is refused, and why is said. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { problem, send } from './api.js';

/** @param {{ctx: import('runicorn').Context, error: any, onAccepted: () => void, onCancel: () => void}} props */
export function HostKey({ ctx, error, onAccepted, onCancel }) {
  const { t } = ctx;
  const { host, port, key_type, fingerprint } = error.body;
  const [typed, setTyped] = useState('');
  const changed = error.code === 'host-key-changed';
  const act = async (/** @type {string} */ path, /** @type {Record<string, unknown>} */ body) => {
    try {
      await send(ctx, path, body);
      onAccepted();
    } catch (failure) {
      ctx.toast(problem(ctx, failure), { bad: true });
    }
  };
  const facts = html`<dl class="remote-facts"><dt>${t('remote.form.host')}</dt><dd class="mono">${host}${port && port !== 22 ? `:${port}` : ''}</dd>
    ${key_type && html`<dt>${t('remote.key.type')}</dt><dd class="mono">${key_type}</dd>`}
    ${fingerprint && html`<dt>${t('remote.key.fingerprint')}</dt><dd class="mono remote-fingerprint">${fingerprint}</dd>`}</dl>`;
  if (!changed) return html`<section class="notice remote-key" role="alertdialog" aria-label=${t('remote.key.unknown')}><strong>${t('remote.key.unknown')}</strong>
    <p class="soft">${t('remote.key.compare')}</p>${facts}
    <div class="row"><button class="button" onClick=${onCancel}>${t('remote.cancel')}</button>
      <button class="button primary" onClick=${() => act('/known-hosts/accept', { host, port, key_type, fingerprint })}>${t('remote.key.accept')}</button></div></section>`;
  return html`<section class="notice bad remote-key" role="alertdialog" aria-label=${t('remote.key.changed')}><strong>${t('remote.key.changed')}</strong>
    <p>${t('remote.key.changedWhy')}</p>${facts}<p class="soft">${error.message}</p>
    <details><summary>${t('remote.key.sure')}</summary><p class="soft">${t('remote.key.sureHow', { host })}</p>
      <label class="remote-field"><span>${t('remote.key.typeHost')}</span><input class="input mono" value=${typed} onInput=${(/** @type {any} */ event) => setTyped(event.target.value)} autocomplete="off" /></label>
      <button class="button danger" disabled=${typed.trim() !== host} onClick=${() => act('/known-hosts/remove', { host, port })}>${t('remote.key.remove')}</button></details>
    <div class="row"><button class="button" onClick=${onCancel}>${t('remote.close')}</button></div></section>`;
}
