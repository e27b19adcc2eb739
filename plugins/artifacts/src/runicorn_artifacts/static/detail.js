// @ts-check
/** One artifact: its versions, and everything about one of them. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { Compare } from './compare.js';
import { Files } from './files.js';
import { History } from './history.js';
import { Lineage } from './lineage.js';
import { Ago, Failure, RunLink, STAGES, address, attempt, formatBytes, useFetched } from './shared.js';

/** @typedef {import('runicorn').Context} Context @typedef {import('./shared.js').Version} Version @typedef {import('./shared.js').Artifact} Artifact */

const TABS = ['files', 'lineage', 'compare', 'history'];

/**
 * @param {{ctx: Context, artifact: Artifact, version: number | null, tab: string, onTab: (name: string) => void, onVersion: (n: number) => void,
 *   onGo: (name: string, version: number) => void, onChanged: () => void}} props
 */
export function Detail({ ctx, artifact, version, tab, onTab, onVersion, onGo, onChanged }) {
  const { t } = ctx;
  const { data, error, again } = useFetched(ctx, address(artifact, undefined, '/versions?include_deleted=true'));
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${again} />`;
  if (!data) return html`<div></div>`;
  /** @type {Version[]} */
  const versions = data;
  const latest = versions.findLast((each) => each.deleted_at === null) ?? versions[versions.length - 1];
  const shown = versions.find((each) => each.version === version) ?? latest;
  const changed = () => { again(); onChanged(); };
  return html`<section class="artifacts-detail" aria-label=${artifact.name}>
    <div class="artifacts-versions" role="tablist" aria-label=${t('artifacts.version')}>${versions.toReversed().map((each) => html`<button key=${each.version} role="tab"
      class="chip ${each === shown ? 'on' : ''} ${each.deleted_at ? 'gone' : ''}" aria-selected=${each === shown} onClick=${() => onVersion(each.version)}>
      <b>v${each.version}</b>${each.aliases.filter((alias) => alias !== 'latest').slice(0, 2).map((alias) => html` <span key=${alias}>${alias}</span>`)}${each.stage && html` <span class="stage-${each.stage}">●</span>`}</button>`)}</div>
    <${Head} ctx=${ctx} version=${shown} onChanged=${changed} />
    <${Facts} ctx=${ctx} version=${shown} onGo=${onGo} onChanged=${changed} />
    <div class="artifacts-tabs" role="tablist">${TABS.map((name) => html`<button key=${name} role="tab" class="chip ${tab === name ? 'on' : ''}" aria-selected=${tab === name} onClick=${() => onTab(name)}>${t(`artifacts.tab.${name}`)}</button>`)}</div>
    <div role="tabpanel">
      ${tab === 'files' && html`<${Files} ctx=${ctx} version=${shown} />`}
      ${tab === 'lineage' && html`<${Lineage} ctx=${ctx} path=${address(shown, shown.version, '/lineage')} start=${`artifact:${shown.type}/${shown.name}:v${shown.version}`} onGo=${onGo} />`}
      ${tab === 'compare' && html`<${Compare} ctx=${ctx} version=${shown} versions=${versions} />`}
      ${tab === 'history' && html`<${History} ctx=${ctx} version=${shown} />`}
    </div>
  </section>`;
}

/** @param {{ctx: Context, version: Version, onChanged: () => void}} props */
function Head({ ctx, version, onChanged }) {
  const { t } = ctx;
  const asked = `${version.type}/${version.name}:v${version.version}`;
  const copy = () => attempt(ctx, async () => {
    await navigator.clipboard.writeText(`folder = run.use_artifact("${asked}").download()`);
    ctx.toast(t('artifacts.copied'));
  });
  const remove = async () => {
    const done = await attempt(ctx, () => ctx.fetchJson(address(version, version.version), { method: 'DELETE' }));
    if (done) onChanged();
  };
  const restore = async () => {
    if (await attempt(ctx, () => ctx.fetchJson(address(version, version.version, '/restore'), { method: 'POST' }))) onChanged();
  };
  return html`<div class="artifacts-head"><h2 class="cut">${version.name} <span class="soft">v${version.version}</span></h2>
    ${version.deleted_at && html`<span class="warn">${t('artifacts.deleted')}</span>`}
    ${version.format !== 'runicorn' && html`<span class="muted">${t('artifacts.older')}</span>`}
    <span class="sp"></span>
    <button class="button" onClick=${copy}>${t('artifacts.copy')}</button>
    ${version.deleted_at ? html`<button class="button" onClick=${restore}>${t('artifacts.restore')}</button>` : html`<button class="button danger" onClick=${remove}>${t('artifacts.delete')}</button>`}</div>`;
}

/** @param {{ctx: Context, version: Version, onGo: (name: string, version: number) => void, onChanged: () => void}} props */
function Facts({ ctx, version, onGo, onChanged }) {
  const { t } = ctx;
  const whole = useFetched(ctx, address(version, version.version));
  const used = whole.data?.used_by ?? [];
  const promote = async (/** @type {any} */ event) => {
    const stage = event.target.value;
    const path = `/api/model-lifecycle/${encodeURIComponent(version.name)}/v${version.version}/promote?type=${encodeURIComponent(version.type)}`;
    if (await attempt(ctx, () => ctx.fetchJson(path, { method: 'POST', body: { to_stage: stage } }))) onChanged();
    else event.target.value = version.stage ?? '';
  };
  const metadata = Object.entries(version.metadata);
  return html`<dl class="card artifacts-facts">
    <dt>${t('artifacts.created')}</dt><dd><${Ago} at=${version.created_at} /> ${version.run ? html`<${RunLink} run=${version.run} /> <span class="muted">${version.run.project}</span>` : html`<span class="muted">${version.user}</span>`}</dd>
    <dt>${t('artifacts.size')}</dt><dd>${formatBytes(version.size)} · ${t('artifacts.files', { n: version.files })}${version.references > 0 && ` · ${t('artifacts.references', { n: version.references })}`}</dd>
    <dt>${t('artifacts.stage')}</dt><dd><label><span class="sr">${t('artifacts.stage')}</span><select class="input" value=${version.stage ?? ''} onChange=${promote}>
      ${!version.stage && html`<option value="">${t('artifacts.noStage')}</option>`}${STAGES.map((stage) => html`<option key=${stage} value=${stage}>${stage}</option>`)}</select></label></dd>
    <dt>${t('artifacts.aliases')}</dt><dd><${Aliases} ctx=${ctx} version=${version} onChanged=${onChanged} /></dd>
    ${version.tags.length > 0 && html`<dt>${t('artifacts.tags')}</dt><dd>${version.tags.map((tag) => html`<span key=${tag} class="tag">${tag}</span> `)}</dd>`}
    ${version.description && html`<dt>${t('artifacts.description')}</dt><dd class="pre">${version.description}</dd>`}
    ${metadata.length > 0 && html`<dt>${t('artifacts.metadata')}</dt><dd><dl class="artifacts-metadata">${metadata.map(([key, value]) => html`<dt key=${key}>${key}</dt><dd class="mono">${typeof value === 'string' ? value : JSON.stringify(value)}</dd>`)}</dl></dd>`}
    ${version.parents.length > 0 && html`<dt>${t('artifacts.madeFrom')}</dt><dd>${version.parents.map((each) => html`<button key=${each.name} class="chip" onClick=${() => onGo(`${each.type}/${each.name}`, each.version)}>${each.type}/${each.name} v${each.version}</button> `)}</dd>`}
    <dt>${t('artifacts.usedBy')}</dt><dd>${used.length ? used.slice(0, 12).map((/** @type {any} */ run) => html`<span key=${run.id} class="artifacts-run"><${RunLink} run=${run} /></span> `) : html`<span class="muted">${t('artifacts.notUsed')}</span>`}${used.length > 12 && html`<span class="muted">+${used.length - 12}</span>`}</dd>
  </dl>`;
}

/** @param {{ctx: Context, version: Version, onChanged: () => void}} props */
function Aliases({ ctx, version, onChanged }) {
  const { t } = ctx;
  const [text, setText] = useState('');
  const path = address(version, version.version, '/aliases');
  const change = async (/** @type {string} */ method, /** @type {string} */ alias) => {
    if (!(await attempt(ctx, () => ctx.fetchJson(path, { method, body: { alias } })))) return;
    setText('');
    onChanged();
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (text.trim()) change('POST', text.trim());
  };
  return html`<form class="artifacts-aliases" onSubmit=${submit}>
    ${version.aliases.map((alias) => html`<span key=${alias} class="tag">${alias}${alias !== 'latest' && html` <button type="button" class="ghost" aria-label=${t('artifacts.removeAlias', { alias })} onClick=${() => change('DELETE', alias)}>×</button>`}</span>`)}
    <input class="input" value=${text} placeholder=${t('artifacts.addAlias')} aria-label=${t('artifacts.addAlias')} onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></form>`;
}

