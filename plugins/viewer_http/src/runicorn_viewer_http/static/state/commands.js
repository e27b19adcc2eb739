/** What the palette offers: pages, actions and settings that are always there; projects, runs and metrics that are looked for. */
import { get } from '../api.js';
import { locale, setLocale, t } from '../i18n/index.js';
import { navigate, query, runHref, workspaceHref } from '../router.js';
import { allPages, titleOfPart } from '../extend/registry.js';
import { copyText } from '../components/feedback.js';
import { helpOpen } from '../components/help.js';
import { setTheme } from './prefs.js';
import { titleOf } from './experiments.js';
import { readFields } from './table/source.js';

/** @typedef {{id: string, group: 'runs' | 'projects' | 'pages' | 'actions' | 'metrics' | 'settings', title: string, about?: string, also?: string, keys?: string[], run: () => void}} Command `also` is searched and not shown */

export const SETTINGS = ['general', 'appearance', 'storage', 'live', 'plugins', 'keyboard', 'about'];

/** The project of the page that is open, or ''. */
export const projectHere = () => query.peek().get('project') ?? '';

/** @returns {Command[]} */
export function commands() {
  const to = (/** @type {string} */ href) => () => navigate(href);
  const project = projectHere();
  /** @type {Command[]} */
  const pages = [
    { id: '/', group: 'pages', title: t('nav.projects'), keys: ['g', 'h'], run: to('/') },
    ...(project ? [{ id: 'charts', group: /** @type {const} */ ('pages'), title: t('project.charts'), about: project, keys: ['g', 'c'], run: to(workspaceHref(project)) },
      ...[['table', ['g', 't']], ['compare'], ['media']].map(([page, keys]) => ({ id: String(page), group: /** @type {const} */ ('pages'), title: t(`project.${page}`), about: project, keys: /** @type {string[] | undefined} */ (keys), run: to(`/${page}?${new URLSearchParams({ project })}`) }))] : []),
    { id: '/system', group: 'pages', title: t('system.title'), run: to('/system') },
    { id: '/settings', group: 'pages', title: t('settings.title'), keys: ['g', 's'], run: to('/settings') },
    { id: '/plugins', group: 'pages', title: t('nav.plugins'), run: to('/plugins') },
    { id: '/recycle-bin', group: 'pages', title: t('nav.recycleBin'), run: to('/recycle-bin') },
    ...allPages().map(({ part }) => ({ id: part.id, group: /** @type {const} */ ('pages'), title: titleOfPart(part), run: to(part.path ?? '/') })),
  ];
  /** @type {Command[]} */
  const actions = [
    { id: 'link', group: 'actions', title: t('action.copyLink'), run: () => { copyText(location.href); } },
    { id: 'help', group: 'actions', title: t('help.title'), keys: ['?'], run: () => { helpOpen.value = true; } },
    ...(['light', 'dark', 'system'].map((theme) => ({ id: `theme-${theme}`, group: /** @type {const} */ ('actions'), title: t(`theme.${theme}`), run: () => setTheme(theme) }))),
    { id: 'language', group: 'actions', title: t('nav.language'), run: () => setLocale(locale.peek() === 'en' ? 'zh-CN' : 'en') },
  ];
  /** @type {Command[]} */
  const settings = SETTINGS.map((part) => ({ id: part, group: 'settings', title: t(`settings.${part}`), run: to(part === 'plugins' ? '/plugins' : `/settings?part=${part}`) }));
  return [...pages, ...actions, ...settings];
}

/**
 * What has to be asked for, each part when it comes. @param {string} text @param {AbortSignal} signal
 * @param {(group: Command['group'], found: Command[]) => void} take
 */
export function remoteCommands(text, signal, take) {
  const options = { signal, quiet: true };
  const project = projectHere();
  const typed = text.trim();
  const nothing = () => {};
  get('projects', {}, options).then((/** @type {any[]} */ tree) => take('projects', tree.map((one) => ({ id: one.project, group: 'projects', title: one.project, about: t('runs.count', { n: one.runs }), run: () => navigate(workspaceHref(one.project)) }))), nothing);
  get('v2/runs', { q: typed && JSON.stringify(typed), columns: 'project,name,display_name,status', per_page: typed ? 20 : 5 }, options).then((/** @type {{rows: any[]}} */ answer) => take('runs', answer.rows.map((row) => ({
    id: row.path, group: 'runs', title: titleOf({ ...row, id: row.run }), about: `${row.project} / ${row.name}`, also: row.run, run: () => navigate(`${runHref({ id: row.run })}?${new URLSearchParams({ path: row.path })}`),
  }))), nothing);
  if (project && typed) {
    readFields(project, signal).then((fields) => take('metrics', fields.filter((field) => field.kind === 'metrics').map(({ key }) => ({
      id: key, group: 'metrics', title: key, about: project, run: () => navigate(`${workspaceHref(project)}&${new URLSearchParams({ panel: key })}`),
    }))), nothing);
  }
}
