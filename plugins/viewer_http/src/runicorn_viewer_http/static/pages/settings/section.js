/** A section of the configuration as a form, where the viewer has one of that name. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get } from '../../api.js';
import { ErrorCard } from '../../components/feedback.js';
import { SettingsForm } from '../../components/settings-form.js';

/** @param {{name: string}} props */
export function Section({ name }) {
  const [forms, setForms] = useState(/** @type {Record<string, import('../../types').SectionForm> | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => get('config/schema').then((found) => { setForms(found); setError(null); }, setError);
  useEffect(() => { void load(); }, []);
  if (error) return html`<${ErrorCard} error=${error} what=${t('error.settings')} retry=${load} />`;
  const form = forms?.[name];
  if (!form) return null;
  return html`<div class="card" data-section=${name}><h2>${t('settings.section', { name })}</h2><${SettingsForm} section=${name} form=${form} onSaved=${load} /><p class="soft">${t('settings.nextStart')}</p></div>`;
}
