/** The pages of one project, one click apart; which runs are meant goes along. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { path, query } from '../router.js';
import { SavedViews } from './saved-views.js';

/** Path -> key of its title. */
const PAGES = [['/workspace', 'project.charts'], ['/table', 'project.table'], ['/compare', 'project.compare'], ['/media', 'project.media']];
/** What means the same on all of them. */
const KEPT = ['project', 'name', 'q', 'hide', 'show', 'archived'];

export function ProjectTabs() {
  const along = new URLSearchParams([...query.value].filter(([key]) => KEPT.includes(key)));
  return html`<nav class="project-tabs" aria-label=${t('project.pages')}>${PAGES.map(([to, title]) => html`<a key=${to} href=${`${to}?${along}`} aria-current=${path.value === to ? 'page' : undefined}>${t(title)}</a>`)}</nav><${SavedViews} project=${query.value.get('project') ?? ''} />`;
}
