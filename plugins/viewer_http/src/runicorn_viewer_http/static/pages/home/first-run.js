/** Where there are no runs yet: how to make one, how to look into another folder, how to bring runs from elsewhere. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { get, send } from '../../api.js';
import { Empty, attempt, copyText, toast } from '../../components/feedback.js';
import { icons } from '../../components/icons.js';
import { allPages } from '../../extend/registry.js';

const SNIPPET = `import runicorn as rn

with rn.init(project="demo") as run:
    for step in range(100):
        run.log({"loss": 1 / (step + 1)})`;

export function FirstRun() {
  const [root, setRoot] = useState('');
  const [imports, setImports] = useState(false);
  useEffect(() => {
    get('health', {}, { quiet: true }).then((health) => setRoot(health.storage?.root ?? ''), () => setRoot(''));
    get('plugins', {}, { quiet: true }).then((plugins) => setImports(plugins.some((/** @type {import('../../types').PluginInfo} */ one) => one.state === 'active' && one.adds.includes('command import'))), () => {});
  }, []);
  const page = allPages().find(({ part }) => part.path === '/import');
  return html`<${Empty} title=${root ? t('empty.titleRoot', { root }) : t('empty.title')}>
    <p>${t('empty.text')}</p>
    <${Snippet} text=${SNIPPET} />
    <${OtherFolder} />
    ${imports && html`<section class="empty-more" aria-label=${t('empty.import')}><h2>${t('empty.import')}</h2><p>${t('empty.importText')}</p>${page && html`<p><a class="button primary" href=${page.part.path}>${t('empty.importHere')}</a></p>`}<${Snippet} text=${t('empty.importCommand')} /></section>`}</${Empty}>`;
}

/** @param {{text: string}} props */
const Snippet = ({ text }) => html`<div class="snippet"><pre tabindex="0">${text}</pre><button class="button" onClick=${() => copyText(text)}>${icons.copy()} ${t('action.copy')}</button></div>`;

function OtherFolder() {
  const [folder, setFolder] = useState('');
  const [fixed, setFixed] = useState(true);
  // --root and RUNICORN_DIR decide whatever is saved, so then saving is not offered
  useEffect(() => { get('config/schema', {}, { quiet: true }).then((forms) => setFixed(forms.storage?.fields.find((/** @type {any} */ field) => field.key === 'root')?.fixed ?? true), () => {}); }, []);
  const path = folder.trim();
  const always = async () => { if (await attempt(() => send('config', { storage: { root: path } }, 'PUT'))) toast(t('empty.openSaved')); };
  return html`<section class="empty-more" aria-label=${t('empty.open')}><h2>${t('empty.open')}</h2><p>${t('empty.openText')}</p>
    <form class="row-line" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (path) copyText(commandFor(path)); }}>
      <input class="input mono" value=${folder} placeholder=${t('empty.openPlaceholder')} aria-label=${t('empty.openLabel')} spellcheck=${false} autocomplete="off" onInput=${(/** @type {any} */ event) => setFolder(event.target.value)} />
      ${!fixed && html`<button class="button" type="button" disabled=${!path} onClick=${always}>${t('empty.openAlways')}</button>`}</form>
    <${Snippet} text=${commandFor(path || t('empty.openExample'))} /></section>`;
}

/** For any shell of the systems that runs lie on. @param {string} path */
const commandFor = (path) => `runicorn viewer --root ${/^[\w./~:\\-]+$/.test(path) ? path : `"${path.replace(/(["$`])/g, '\\$1')}"`}`;
