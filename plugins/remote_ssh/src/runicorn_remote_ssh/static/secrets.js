// @ts-check
/** Where secrets are kept: the keyring, or a file that its passphrase opens until the viewer ends. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { send } from './api.js';
import { problem } from './words.js';

/** @typedef {import('runicorn').Context} Context */

/**
 * A box "remember it", with the file's passphrase where that is not open yet.
 * @param {Context} ctx @param {string | undefined} place keyring, file (open), locked, none (no file yet)
 * @returns {{on: boolean, view: any, prepared: () => Promise<boolean>}} `prepared`: whether what is sent now can be kept
 */
export function useKeeping(ctx, place) {
  const { t } = ctx;
  const [on, setOn] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [wrong, setWrong] = useState('');
  const shut = place === 'locked' || place === 'none';
  const prepared = async () => {
    if (!on || !shut) return true;
    try {
      await send(ctx, '/secrets/unlock', { passphrase });
      return true;
    } catch (error) {
      setWrong(problem(ctx, error));
      return false;
    }
  };
  const view = place && html`<div class="remote-keeping wide"><label><input type="checkbox" checked=${on} onChange=${(/** @type {any} */ event) => setOn(event.target.checked)} /> ${t(place === 'keyring' ? 'remote.keep.keyring' : 'remote.keep.file')}</label>
    ${on && shut && html`<label class="remote-field"><span>${t(place === 'none' ? 'remote.keep.begin' : 'remote.keep.passphrase')}</span>
      <input class="input" type="password" required autocomplete="off" value=${passphrase} onInput=${(/** @type {any} */ event) => setPassphrase(event.target.value)} /></label>
      ${place === 'none' && html`<p class="muted">${t('remote.keep.beginHow')}</p>`}`}
    ${wrong && html`<p class="err" role="alert">${wrong}</p>`}</div>`;
  return { on: on && Boolean(place), view, prepared };
}

/** The file is locked: what is remembered is of use once it is open. @param {{ctx: Context, onUnlocked: () => void}} props */
export function Unlock({ ctx, onUnlocked }) {
  const { t } = ctx;
  const [passphrase, setPassphrase] = useState('');
  const [wrong, setWrong] = useState('');
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await send(ctx, '/secrets/unlock', { passphrase });
      onUnlocked();
    } catch (error) {
      setWrong(problem(ctx, error));
    }
  };
  return html`<form class="remote-unlock" aria-label=${t('remote.keep.locked')} onSubmit=${submit}><p class="soft">${t('remote.keep.locked')}</p>
    <div class="remote-with"><input class="input" type="password" required autocomplete="off" aria-label=${t('remote.keep.passphrase')} placeholder=${t('remote.keep.passphrase')} value=${passphrase} onInput=${(/** @type {any} */ event) => setPassphrase(event.target.value)} />
      <button class="button">${t('remote.keep.unlock')}</button></div>
    ${wrong && html`<p class="err" role="alert">${wrong}</p>`}</form>`;
}
