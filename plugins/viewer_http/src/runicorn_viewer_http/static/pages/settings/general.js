/** The language, and what the viewer is set to. */
import { html } from '../../html.js';
import { locale, setLocale, t } from '../../i18n/index.js';
import { Section } from './section.js';

export const General = () => html`<div class="card"><h2>${t('settings.general')}</h2>
    <div class="settings-row"><label for="language">${t('settings.language')}</label><select id="language" class="input settings-choice" value=${locale.value} onChange=${(/** @type {any} */ e) => setLocale(e.target.value)}>
      <option value="en" lang="en">English</option><option value="zh-CN" lang="zh-CN">简体中文</option></select></div>
    <p class="soft">${t('settings.here')}</p></div>
  <${Section} name="viewer" /><${Section} name="core" />`;
