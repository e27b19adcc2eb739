// @ts-check
/** The tab of a run: what it used, what it created, and what lies around. */
import { html } from 'runicorn';
import { Lineage } from './lineage.js';
import { Failure, formatBytes, useFetched } from './shared.js';

/** @param {string} name @param {number} version */
const href = (name, version) => `/artifacts?artifacts.all.of=${encodeURIComponent(name)}&artifacts.all.v=${version}`;

/** @param {{ctx: import('runicorn').Context}} props */
export function RunArtifacts({ ctx }) {
  const { t } = ctx;
  const run = ctx.runs.value[0];
  const { data, error, again } = useFetched(ctx, run ? `/api/experiments/${encodeURIComponent(run.id)}/artifacts` : null);
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`;
  if (!data || !run) return null;
  if (!data.created.length && !data.used.length) return html`<p class="soft">${t('artifacts.ofRunNone')}</p>`;
  return html`<${Group} ctx=${ctx} title=${t('artifacts.ofRunUsed')} versions=${data.used} /><${Group} ctx=${ctx} title=${t('artifacts.ofRunCreated')} versions=${data.created} />
    <${Lineage} ctx=${ctx} path=${`/api/experiments/${encodeURIComponent(run.id)}/lineage`} start=${`run:${run.project}/${run.name}/${run.id}`}
      onGo=${(/** @type {string} */ name, /** @type {number} */ version) => ctx.navigate(href(name, version))} />`;
}

/** @param {{ctx: import('runicorn').Context, title: string, versions: any[]}} props */
function Group({ ctx, title, versions }) {
  if (!versions.length) return null;
  return html`<h2>${title}</h2><ul class="card artifacts-of-run">${versions.map((each) => html`<li key=${`${each.type}/${each.name}:${each.version}`}>
    ${each.missing ? html`<span class="muted">${each.type}/${each.name} v${each.version}</span>` : html`<a href=${href(`${each.type}/${each.name}`, each.version)}><b>${each.name}</b> v${each.version}</a>`}
    <span class="muted">${each.type}</span> ${(each.aliases ?? []).map((/** @type {string} */ alias) => html`<span key=${alias} class="tag">${alias}</span> `)}${each.stage && html`<span class="tag stage-${each.stage}">${each.stage}</span>`}
    <span class="sp"></span><span class="muted num">${formatBytes(each.size ?? null)}${each.files !== undefined && ` · ${ctx.t('artifacts.files', { n: each.files })}`}</span></li>`)}</ul>`;
}
