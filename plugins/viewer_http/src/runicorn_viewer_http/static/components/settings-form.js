/** A form made from a section of the configuration. Values are saved for this user, one by one or all at once. */
import { useSignal } from '@preact/signals';
import { html } from '../html.js';
import { locale, t } from '../i18n/index.js';
import { send } from '../api.js';
import { attempt, toast } from './feedback.js';

/** @typedef {import('../types').FieldForm} FieldForm */

/** @param {{section: string, form: import('../types').SectionForm, onSaved: () => unknown}} props `onSaved` reads the form again */
export function SettingsForm({ section, form, onSaved }) {
  // a signal, not state: Save and the next field read what was typed, not what was last drawn
  const typed = useSignal(/** @type {Record<string, unknown>} */ ({}));
  const changes = typed.value;
  /** @param {string} key @param {unknown} value */
  const change = (key, value) => { typed.value = { ...typed.peek(), [key]: value }; };
  /** @param {Record<string, unknown>} values */
  const save = async (values) => {
    const sent = typed.peek();
    if (!(await attempt(() => send('config', { [section]: values }, 'PUT')))) return;
    toast(t('plugins.saved'));
    // the boxes keep what was typed until the form has it
    await onSaved();
    // what was typed meanwhile is still to be saved
    typed.value = Object.fromEntries(Object.entries(typed.peek()).filter(([key, value]) => !(key in values) || value !== sent[key]));
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    save(Object.fromEntries(Object.entries(typed.peek()).map(([key, value]) => [key, form.fields.find((field) => field.key === key)?.kind === 'list' ? listed(value) : value])));
  };
  return html`<form class="settings" onSubmit=${submit}>${locale.value === 'en' && html`<p class="soft">${form.title}</p>`}
    ${form.fields.map((field) => html`<div key=${field.key} data-setting=${field.key}><${field.kind === 'several' ? 'div' : 'label'} class="setting" role=${field.kind === 'several' ? 'group' : undefined} aria-label=${field.kind === 'several' ? field.key : undefined}><span class="name">${field.key}</span>
        <${Input} field=${field} value=${field.key in changes ? changes[field.key] : field.value} onValue=${(/** @type {unknown} */ value) => change(field.key, value)} /></${field.kind === 'several' ? 'div' : 'label'}>
      <div class="help">${[field.help[locale.value] ?? field.help.en, field.secret ? t('plugins.secret') : '', field.kind === 'list' ? t('plugins.list') : '', field.fixed ? t('plugins.setBy', { origin: field.origin.replace(/^variable /, '') }) : ''].filter(Boolean).join(' · ')}
        ${field.origin !== 'default' && !field.fixed && html` <button class="ghost" type="button" onClick=${() => save({ [field.key]: null })}>${t('plugins.reset')}</button>`}</div></div>`)}
    <div><button class="button primary" disabled=${Object.keys(changes).length === 0}>${t('plugins.save')}</button></div></form>`;
}

/** A list is kept as the lines that are typed until it is saved: a line being typed may end in a space. @param {any} value */
const listed = (value) => value.map((/** @type {string} */ line) => line.trim()).filter(Boolean);

/** @param {{field: FieldForm, value: any, onValue: (value: unknown) => void}} props */
function Input({ field, value, onValue }) {
  const text = (/** @type {any} */ e) => e.target.value;
  const empty = (/** @type {string} */ typed) => (typed === '' && field.optional ? null : typed);
  if (field.kind === 'switch') return html`<input type="checkbox" checked=${value === true} onChange=${(/** @type {any} */ e) => onValue(e.target.checked)} />`;
  if (field.kind === 'choice') return html`<select class="input" value=${value ?? ''} onChange=${(/** @type {any} */ e) => onValue(empty(text(e)))}>
    ${field.optional && html`<option value=""></option>`}${field.choices.map((choice) => html`<option value=${choice}>${choice}</option>`)}</select>`;
  if (field.kind === 'several') {
    const chosen = Array.isArray(value) ? value : [];
    const turn = (/** @type {string} */ choice, /** @type {boolean} */ on) => onValue(field.choices.filter((one) => (one === choice ? on : chosen.includes(one))));
    return html`<span class="several">${field.choices.map((choice) => html`<label key=${choice}><input type="checkbox" checked=${chosen.includes(choice)} onChange=${(/** @type {any} */ e) => turn(choice, e.target.checked)} />${choice}</label>`)}</span>`;
  }
  if (field.kind === 'whole' || field.kind === 'number') {
    const number = (/** @type {any} */ e) => onValue(text(e) === '' ? null : Number(text(e)));
    return html`<input class="input" type="number" step=${field.kind === 'whole' ? '1' : 'any'} value=${value ?? ''} onInput=${number} />`;
  }
  if (field.kind === 'list') {
    return html`<textarea class="input" value=${(value ?? []).join('\n')} onInput=${(/** @type {any} */ e) => onValue(text(e).split('\n'))}></textarea>`;
  }
  if (field.kind === 'other') return html`<code class="muted">${JSON.stringify(value)}</code>`;
  return html`<input class="input" type=${field.secret ? 'password' : 'text'} autocomplete="off" spellcheck=${false} value=${value ?? ''} onInput=${(/** @type {any} */ e) => onValue(empty(text(e)))} />`;
}
