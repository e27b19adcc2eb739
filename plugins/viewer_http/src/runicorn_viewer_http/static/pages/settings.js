/** Settings: what this reader prefers, what the viewer is set to, and how its storage stands. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { query } from '../router.js';
import { SETTINGS } from '../state/commands.js';
import { KeyMap } from '../components/help.js';
import { Page } from '../components/page.js';
import { About } from './settings/about.js';
import { Appearance } from './settings/appearance.js';
import { General } from './settings/general.js';
import { Live } from './settings/live.js';
import { Storage } from './settings/storage.js';

/** @type {Record<string, () => any>} */
const PARTS = {
  general: () => html`<${General} />`, appearance: () => html`<${Appearance} />`, storage: () => html`<${Storage} />`, live: () => html`<${Live} />`,
  keyboard: () => html`<div class="card"><h2>${t('help.title')}</h2><${KeyMap} /></div>`, about: () => html`<${About} />`,
};

export function Settings() {
  const asked = query.value.get('part') ?? 'general';
  const part = asked in PARTS ? asked : 'general';
  const crumbs = html`<span aria-current="page">${t('settings.title')}</span>`;
  return html`<${Page} title=${`${t(`settings.${part}`)} · ${t('settings.title')}`} crumbs=${crumbs}><div class="page">
    <div class="page-head"><h1>${t('settings.title')}</h1></div>
    <div class="settings-page"><nav class="settings-nav" aria-label=${t('settings.title')}>${SETTINGS.map((name) => html`<a key=${name} href=${name === 'plugins' ? '/plugins' : `/settings?part=${name}`} aria-current=${name === part ? 'page' : undefined}>${t(`settings.${name}`)}</a>`)}</nav>
      <div class="settings-part">${PARTS[part]()}</div></div></div></${Page}>`;
}
