/** Light or dark. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { setTheme, theme } from '../../state/prefs.js';

export const Appearance = () => html`<div class="card"><h2>${t('settings.appearance')}</h2>
  <div class="settings-row" role="radiogroup" aria-label=${t('settings.theme')}><span>${t('settings.theme')}</span>${['system', 'light', 'dark'].map((name) => html`<label key=${name} class=${theme.value === name ? 'chip on' : 'chip'}><input class="sr" type="radio" name="theme" value=${name} checked=${theme.value === name} onChange=${() => setTheme(name)} />${t(`settings.theme.${name}`)}</label>`)}</div>
  <p class="soft">${t('settings.motion')} ${t('settings.here')}</p></div>`;
