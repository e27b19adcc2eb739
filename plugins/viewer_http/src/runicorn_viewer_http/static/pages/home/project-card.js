/** A project on the first page: how many runs, what they reached, which experiments. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { formatAgo, formatTime, formatValue } from '../../charts/format.js';
import { workspaceHref } from '../../router.js';
import { titleOf } from '../../state/experiments.js';
import { starred, toggleStar } from '../../state/home.js';
import { Sparkline } from '../../components/sparkline.js';

/** @param {{project: import('../../state/projects.js').ProjectSummary, sparkline: boolean}} props */
export function ProjectCard({ project, sparkline }) {
  const { name, runs, running: live, broken, best, bestRun, lastActivity, names } = project;
  const star = starred.value?.has(name) ?? false;
  return html`<li class="card project" data-project=${name}>
    <div class="project-head"><a class="project-name cut" href=${workspaceHref(name)} title=${name}>${name}</a>
      <button class=${star ? 'ghost star on' : 'ghost star'} disabled=${!starred.value} aria-pressed=${star} onClick=${() => toggleStar(name)} aria-label=${t('home.star', { name })} title=${t('home.star', { name })}>${star ? '★' : '☆'}</button><span class="sp"></span>
      <span class="muted nowrap" title=${formatTime(lastActivity)}>${formatAgo(lastActivity)}</span></div>
    <div class="project-counts"><span>${t('runs.count', { n: runs })}</span>
      ${live > 0 && html`<span class="ok">● ${t('home.nRunning', { n: live })}</span>`}
      ${broken > 0 && html`<span class="err">✕ ${t('home.nBroken', { n: broken })}</span>`}</div>
    <div class="project-best">${best && bestRun ? html`<span class="soft cut" title=${`${best.name} · ${titleOf(bestRun)}`}>${t('home.best', { metric: best.name })}</span>
      <b class="nowrap">${formatValue(best.value)}</b><span class="sp"></span>${sparkline && html`<${Sparkline} run=${bestRun} metric=${best.name} />`}` : html`<span class="muted">${t('home.noBest')}</span>`}</div>
    <div class="project-names">${names.slice(0, 3).map((one) => html`<a class="tag cut" href=${workspaceHref(name, one)}>${one}</a>`)}
      ${names.length > 3 && html`<span class="muted">+${names.length - 3}</span>`}</div>
  </li>`;
}
