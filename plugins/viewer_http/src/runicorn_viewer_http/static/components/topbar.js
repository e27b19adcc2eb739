/** The bar on top of every page: where you are, whether it is live, language, theme, help. */
import { html } from '../html.js';
import { locale, setLocale, t } from '../i18n/index.js';
import { nextTheme, theme } from '../state/prefs.js';
import { following, liveState } from '../state/live.js';
import { experiments, running } from '../state/experiments.js';
import { lastAnswer, offline, pending } from '../api.js';
import { Mark, icons } from './icons.js';
import { helpOpen } from './help.js';
import { Menu } from './menu.js';
import { paletteOpen } from './palette.js';
import { navigate, path } from '../router.js';
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
    ${allPages().map(({ part }) => html`<a key=${part.id} class="top-page cut in-bar" href=${part.path} aria-current=${path.value === part.path ? 'page' : undefined}>${titleOfPart(part)}</a>`)}
    <${LiveLabel} />
    <button class="ghost" onClick=${() => { paletteOpen.value = true; }} title=${t('palette.open')} aria-label=${t('palette.open')}>${icons.search()}</button>
    ${places().map(({ href, title, icon }) => html`<a key=${href} class="ghost in-bar" href=${href} title=${title} aria-label=${title}>${icon()}</a>`)}
    <button class="ghost lang in-bar" onClick=${otherLanguage} title=${t('nav.language')} aria-label=${t('nav.language')} lang=${locale.value === 'en' ? 'zh-CN' : 'en'}>${locale.value === 'en' ? '中' : 'EN'}</button>
    <button class="ghost in-bar" onClick=${nextTheme} title=${t(`theme.${theme.value}`)} aria-label=${t(`theme.${theme.value}`)}>${next()}</button>
    <button class="ghost in-bar" onClick=${openHelp} title=${t('nav.help')} aria-label=${t('nav.help')}>${icons.help()}</button>
    <span class="in-menu"><${Menu} className="ghost" align="right" label=${t('nav.more')} items=${everything} button=${icons.more()} /></span>
  </header>`;
}

const otherLanguage = () => { void setLocale(locale.value === 'en' ? 'zh-CN' : 'en'); };
const openHelp = () => { helpOpen.value = true; };

/** Pages that are no project's. */
const places = () => [
  { href: '/system', title: t('system.title'), icon: icons.chip }, { href: '/settings', title: t('settings.title'), icon: icons.gear },
  { href: '/recycle-bin', title: t('nav.recycleBin'), icon: icons.trash }, { href: '/plugins', title: t('nav.plugins'), icon: icons.plug },
];

/** What a narrow window has no room for. @returns {import('./menu.js').Item[]} */
const everything = () => [
  ...allPages().map(({ part }) => ({ href: part.path ?? '/', title: titleOfPart(part) })), ...places(),
].map(({ href, title }) => /** @type {import('./menu.js').Item} */ ({ label: title, action: () => navigate(href) })).concat([
  { label: '', separator: true },
  { label: t('nav.language'), action: otherLanguage }, { label: t(`theme.${theme.value}`), action: nextTheme }, { label: t('nav.help'), action: openHelp },
]);

function LiveLabel() {
  const state = liveState.value;
  // a page that asks for no runs cannot say that none goes on
  if (state === 'idle' && experiments.value === null) return html`<span class="live" data-live=${state}></span>`;
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
