/** The bar on top of every page: where you are, whether it is live, language, theme, help. */
import { html } from '../html.js';
import { locale, setLocale, t } from '../i18n/index.js';
import { nextTheme, theme } from '../state/prefs.js';
import { following, liveState } from '../state/live.js';
import { running } from '../state/experiments.js';
import { lastAnswer, offline, pending } from '../api.js';
import { Mark, icons } from './icons.js';
import { helpOpen } from './help.js';
import { paletteOpen } from './palette.js';
import { path } from '../router.js';
import { allPages, safe, titleOfPart } from '../extend/registry.js';

/** @type {Record<string, string>} */
const TONES = { live: 'ok', offline: 'err', polling: 'ok', reconnecting: 'warn' };

/** @param {{children?: any, tabs?: any}} props */
export function TopBar({ children, tabs }) {
  const next = /** @type {Record<string, () => any>} */ ({ system: icons.auto, light: icons.sun, dark: icons.moon })[theme.value];
  return html`<header class="top">
    <a class="brand" href="/" title=${t('nav.projects')}><${Mark} /><b>Runicorn</b></a>
    <nav class="crumbs" aria-label=${t('nav.where')}>${children}</nav>${tabs}
    <span class="sp"></span>
    ${allPages().map(({ part }) => html`<a key=${part.id} class="top-page cut" href=${part.path} aria-current=${path.value === part.path ? 'page' : undefined}>${titleOfPart(part)}</a>`)}
    <${LiveLabel} />
    <button class="ghost" onClick=${() => { paletteOpen.value = true; }} title=${t('palette.open')} aria-label=${t('palette.open')}>${icons.search()}</button>
    <a class="ghost wide-only" href="/system" title=${t('system.title')} aria-label=${t('system.title')}>${icons.chip()}</a>
    <a class="ghost" href="/settings" title=${t('settings.title')} aria-label=${t('settings.title')}>${icons.gear()}</a>
    <a class="ghost wide-only" href="/recycle-bin" title=${t('nav.recycleBin')} aria-label=${t('nav.recycleBin')}>${icons.trash()}</a>
    <a class="ghost wide-only" href="/plugins" title=${t('nav.plugins')} aria-label=${t('nav.plugins')}>${icons.plug()}</a>
    <button class="ghost lang" onClick=${() => setLocale(locale.value === 'en' ? 'zh-CN' : 'en')} title=${t('nav.language')}
      aria-label=${t('nav.language')} lang=${locale.value === 'en' ? 'zh-CN' : 'en'}>${locale.value === 'en' ? '中' : 'EN'}</button>
    <button class="ghost" onClick=${nextTheme} title=${t(`theme.${theme.value}`)} aria-label=${t(`theme.${theme.value}`)}>${next()}</button>
    <button class="ghost" onClick=${() => { helpOpen.value = true; }} title=${t('nav.help')} aria-label=${t('nav.help')}>${icons.help()}</button>
  </header>`;
}

function LiveLabel() {
  const state = liveState.value;
  const n = running.value.length || following.value;
  const tone = TONES[state] ?? 'muted';
  const glyph = state === 'live' ? '●' : '◌';
  const text = state === 'idle' ? (n > 0 ? t('live.running', { n }) : t('live.idle')) : state === 'live' ? t('live.live', { n }) : t(`live.${state}`);
  return html`<span class=${`live nowrap ${state === 'idle' && n > 0 ? 'ok' : tone}`} data-live=${state} title=${t('live.title')}>
    <span aria-hidden="true">${state === 'idle' && n > 0 ? '●' : glyph}</span> <span class="live-text">${text}</span></span>`;
}

/** Below the bar: a thin line while something loads, and a banner while the viewer cannot be reached. */
export function Banner() {
  const time = new Intl.DateTimeFormat(locale.value, { timeStyle: 'medium' }).format(lastAnswer.value);
  return html`${safe && html`<div class="banner" role="status">${t('extend.safe')} <a href=${location.pathname}>${t('extend.leaveSafe')}</a></div>`}${offline.value && html`<div class="banner" role="alert"><span aria-hidden="true">◌</span> ${t('offline.banner', { time })}</div>`}
    ${pending.value > 0 && !offline.value && html`<div class="progress late" aria-hidden="true"></div>`}`;
}
