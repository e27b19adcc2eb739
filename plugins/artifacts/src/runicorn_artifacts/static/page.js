// @ts-check
/** The page: artifacts on the left, the chosen one on the right. The address holds what is chosen. */
import { html } from 'runicorn';
import { Detail } from './detail.js';
import { Ago, Failure, formatBytes, useAddress, useFetched } from './shared.js';

/** @typedef {import('./shared.js').Artifact} Artifact */

const SNIPPET = `artifact = rn.Artifact("resnet", type="model")
artifact.add_file("model.pt")
run.log_artifact(artifact, aliases=["best"])`;

/** @param {{ctx: import('runicorn').Context}} props */
export function ArtifactsPage({ ctx }) {
  const { t } = ctx;
  const [chosen] = useAddress(ctx, 'of');
  const [version] = useAddress(ctx, 'v');
  const [tab, setTab] = useAddress(ctx, 'tab');
  const [type, setType] = useAddress(ctx, 'type');
  const [text, setText] = useAddress(ctx, 'q');
  const { data, error, again } = useFetched(ctx, '/api/artifacts?include_deleted=true');
  const stats = useFetched(ctx, '/api/artifacts/stats');
  /** What a reader can take back. @param {string} name @param {number | null} n null: the latest */
  const go = (name, n) => {
    const { pathname, searchParams } = new URL(location.href);
    searchParams.set('artifacts.all.of', name);
    searchParams.delete('artifacts.all.v');
    if (n !== null) searchParams.set('artifacts.all.v', String(n));
    ctx.navigate(`${pathname}?${searchParams}`);
  };
  const reload = () => { again(); stats.again(); };
  if (error && !data) return html`<${Failure} ctx=${ctx} error=${error} retry=${reload} />`;
  if (!data) return null;
  /** @type {Artifact[]} */
  const all = data;
  if (!all.length) return html`<${Nothing} ctx=${ctx} />`;
  const types = [...new Set(all.map((artifact) => artifact.type))].sort();
  const wanted = text.toLocaleLowerCase();
  const shown = all.filter((a) => (!type || a.type === type) && [a.name, a.type, a.latest.description, ...Object.keys(a.aliases)].join('\n').toLocaleLowerCase().includes(wanted));
  const open = all.find((artifact) => `${artifact.type}/${artifact.name}` === chosen);
  return html`<div class="page-head"><span class="muted">${t('artifacts.count', { n: all.length })}${stats.data && html` · ${t('artifacts.stored', { stored: formatBytes(stats.data.stored_bytes), stated: formatBytes(stats.data.stated_bytes) })}`}</span>
      <span class="sp"></span>
      <label class="chip">${t('artifacts.type')} <select value=${type} onChange=${(/** @type {any} */ event) => setType(event.target.value)}>
        <option value="">${t('artifacts.allTypes')}</option>${types.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
      <input class="input" type="search" value=${text} placeholder=${t('artifacts.search')} aria-label=${t('artifacts.search')} onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></div>
    ${error && html`<${Failure} ctx=${ctx} error=${error} retry=${reload} />`}
    <div class="artifacts-split ${open ? 'open' : ''}">
      <ul class="card artifacts-list" aria-label=${t('artifacts.title')}>
        ${shown.map((artifact) => html`<${Row} key=${`${artifact.type}/${artifact.name}`} ctx=${ctx} artifact=${artifact} chosen=${artifact === open} onChoose=${(/** @type {string} */ name) => go(name, null)} />`)}
        ${!shown.length && html`<li class="artifacts-empty soft">${t('artifacts.noMatch')} <button class="button" onClick=${() => { setText(''); setType(''); }}>${t('artifacts.clear')}</button></li>`}
      </ul>
      ${open ? html`<${Detail} key=${chosen} ctx=${ctx} artifact=${open} version=${version ? Number(version) : null} tab=${tab || 'files'} onTab=${(/** @type {string} */ name) => setTab(name === 'files' ? '' : name)}
          onVersion=${(/** @type {number} */ n) => go(chosen, n)} onGo=${go} onChanged=${reload} />`
        : html`<p class="artifacts-hint soft">${t('artifacts.choose')}</p>`}
    </div>`;
}

/** @param {{ctx: import('runicorn').Context, artifact: Artifact, chosen: boolean, onChoose: (name: string) => void}} props */
function Row({ ctx, artifact, chosen, onChoose }) {
  const { latest } = artifact;
  const aliases = Object.entries(artifact.aliases).filter(([alias]) => alias !== 'latest');
  return html`<li><button class="artifacts-row" aria-current=${chosen ? 'true' : undefined} onClick=${() => onChoose(`${artifact.type}/${artifact.name}`)}>
    <span class="artifacts-name"><b class="cut">${artifact.name}</b> <span class="muted">${artifact.type}</span></span>
    <span class="muted num">${formatBytes(latest.size)}</span>
    <span class="soft cut">${ctx.t('artifacts.versions', { n: artifact.versions })} · <${Ago} at=${latest.created_at} /></span>
    <span class="artifacts-marks">${aliases.slice(0, 3).map(([alias, n]) => html`<span key=${alias} class="tag">${alias} → v${n}</span>`)}${latest.stage && html`<${Stage} stage=${latest.stage} />`}</span>
  </button></li>`;
}

/** @param {{stage: string}} props */
export const Stage = ({ stage }) => html`<span class="tag stage-${stage}">${stage}</span>`;

/** @param {{ctx: import('runicorn').Context}} props */
const Nothing = ({ ctx }) => html`<div class="empty"><h1>${ctx.t('artifacts.none')}</h1><p>${ctx.t('artifacts.noneHow')}</p>
  <div class="snippet"><pre>${SNIPPET}</pre></div></div>`;

