// @ts-check
/** Which machine, as whom, and with what. Secrets leave this form with the request and are kept nowhere in the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { useKeeping } from './secrets.js';

const WAYS = ['auto', 'agent', 'key', 'password'];

/** @param {{ctx: import('runicorn').Context, target: any, busy: boolean, place: string | undefined, onConnect: (target: any) => void, onCancel: () => void}} props `place`: where secrets are kept */
export function ConnectForm({ ctx, target, busy, place, onConnect, onCancel }) {
  const { t } = ctx;
  const first = useRef(/** @type {any} */ (null));
  const [form, setForm] = useState({
    host: target.host ?? '', port: target.port ? String(target.port) : '', username: target.username ?? '', auth: target.auth ?? 'auto',
    key_path: target.key_path ?? '', passphrase: '', password: '', jump: [target.jump ?? []].flat().join(', '), save: true,
  });
  useEffect(() => first.current?.focus(), []);
  const set = (/** @type {string} */ name) => (/** @type {any} */ event) => setForm({ ...form, [name]: event.target.type === 'checkbox' ? event.target.checked : event.target.value });
  const secret = form.auth === 'password' ? 'password' : form.auth === 'key' ? 'passphrase' : null;
  const keeping = useKeeping(ctx, secret && form[secret] ? place : undefined);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await keeping.prepared())) return;
    /** @type {Record<string, unknown>} */
    const asked = { host: form.host.trim(), auth: form.auth, save: form.save };
    if (form.port) asked.port = Number(form.port);
    for (const name of /** @type {const} */ (['username', 'key_path'])) if (form[name].trim()) asked[name] = form[name].trim();
    if (secret && form[secret]) asked[secret] = form[secret];
    if (keeping.on) asked.remember = true;
    if (form.jump.trim()) asked.jump = form.jump.split(',').map((/** @type {string} */ hop) => hop.trim()).filter(Boolean);
    onConnect(asked);
  };
  const field = (/** @type {'host' | 'port' | 'username' | 'key_path' | 'jump' | 'password' | 'passphrase'} */ name, /** @type {Record<string, unknown>} */ more = {}) => html`<label class="remote-field"><span>${t(`remote.form.${name}`)}</span>
    <input class="input" name=${name} value=${form[name]} onInput=${set(name)} autocomplete="off" spellcheck=${false} ...${more} /></label>`;
  return html`<form class="card remote-form" aria-label=${t('remote.add')} onSubmit=${submit}>
    ${field('host', { ref: first, required: true, pattern: '[^\\s\\-][^\\s]*', placeholder: 'gpu-box' })}
    ${field('username', { placeholder: t('remote.form.asConfigured') })}
    ${field('port', { inputmode: 'numeric', pattern: '[0-9]{1,5}', placeholder: '22' })}
    <label class="remote-field"><span>${t('remote.form.auth')}</span><select class="input" value=${form.auth} onChange=${set('auth')}>
      ${WAYS.map((way) => html`<option key=${way} value=${way}>${t(`remote.auth.${way}`)}</option>`)}</select></label>
    ${form.auth === 'key' && field('key_path', { placeholder: '~/.ssh/id_ed25519' })}
    ${form.auth === 'key' && field('passphrase', { type: 'password', autocomplete: 'new-password' })}
    ${form.auth === 'password' && field('password', { type: 'password', autocomplete: 'new-password' })}
    ${field('jump', { placeholder: t('remote.form.jumpHint') })}
    ${keeping.view}
    <div class="remote-buttons"><label><input type="checkbox" checked=${form.save} onChange=${set('save')} /> ${t('remote.form.save')}</label><span class="sp"></span>
      <button type="button" class="button" onClick=${onCancel}>${t('remote.cancel')}</button>
      <button class="button primary" disabled=${busy}>${busy ? t('remote.connecting') : t('remote.connect')}</button></div>
  </form>`;
}
