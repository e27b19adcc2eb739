/** A form made from a section of the configuration. Values are saved for this user, one by one or all at once. */
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { send } from '../api.js';
import { attempt, toast } from './feedback.js';

/** @typedef {import('../types').FieldForm} FieldForm */

/** @param {{section: string, form: import('../types').SectionForm, onSaved: () => void}} props */
export function SettingsForm({ section, form, onSaved }) {
  const [changes, setChanges] = useState(/** @type {Record<string, unknown>} */ ({}));
  /** @param {Record<string, unknown>} values */
  const save = async (values) => {
    if (!(await attempt(() => send('config', { [section]: values }, 'PUT')))) return;
    setChanges({});
    toast(t('plugins.saved'));
    onSaved();
  };
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); save(changes); };
  return html`<form class="settings" onSubmit=${submit}><p class="soft">${form.title}</p>
    ${form.fields.map((field) => html`<div key=${field.key} data-setting=${field.key}><label><span class="name">${field.key}</span>
        <${Input} field=${field} value=${field.key in changes ? changes[field.key] : field.value} onValue=${(/** @type {unknown} */ value) => setChanges({ ...changes, [field.key]: value })} /></label>
      <div class="help">${[field.help, field.secret ? t('plugins.secret') : '', field.kind === 'list' ? t('plugins.list') : '', field.fixed ? t('plugins.setBy', { origin: field.origin }) : ''].filter(Boolean).join(' · ')}
        ${field.origin !== 'default' && !field.fixed && html` <button class="ghost" type="button" onClick=${() => save({ [field.key]: null })}>${t('plugins.reset')}</button>`}</div></div>`)}
    <div><button class="button primary" disabled=${Object.keys(changes).length === 0}>${t('plugins.save')}</button></div></form>`;
}

/** @param {{field: FieldForm, value: any, onValue: (value: unknown) => void}} props */
function Input({ field, value, onValue }) {
  const text = (/** @type {any} */ e) => e.target.value;
  const empty = (/** @type {string} */ typed) => (typed === '' && field.optional ? null : typed);
  if (field.kind === 'switch') return html`<input type="checkbox" checked=${value === true} onChange=${(/** @type {any} */ e) => onValue(e.target.checked)} />`;
  if (field.kind === 'choice') return html`<select class="input" value=${value ?? ''} onChange=${(/** @type {any} */ e) => onValue(empty(text(e)))}>
    ${field.optional && html`<option value=""></option>`}${field.choices.map((choice) => html`<option value=${choice}>${choice}</option>`)}</select>`;
  if (field.kind === 'whole' || field.kind === 'number') {
    const number = (/** @type {any} */ e) => onValue(text(e) === '' ? null : Number(text(e)));
    return html`<input class="input" type="number" step=${field.kind === 'whole' ? '1' : 'any'} value=${value ?? ''} onInput=${number} />`;
  }
  if (field.kind === 'list') {
    const lines = (/** @type {any} */ e) => onValue(text(e).split('\n').map((/** @type {string} */ line) => line.trim()).filter(Boolean));
    return html`<textarea class="input" value=${(value ?? []).join('\n')} onChange=${lines}></textarea>`;
  }
  if (field.kind === 'other') return html`<code class="muted">${JSON.stringify(value)}</code>`;
  return html`<input class="input" type=${field.secret ? 'password' : 'text'} autocomplete="off" spellcheck=${false} value=${value ?? ''} onInput=${(/** @type {any} */ e) => onValue(empty(text(e)))} />`;
}
