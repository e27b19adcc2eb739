/** The installed plugins: what became of each, switches, settings. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get, seg, send } from '../api.js';
import { attempt, ErrorCard, toast } from '../components/feedback.js';
import { icons } from '../components/icons.js';
import { Page } from '../components/page.js';
import { SettingsForm } from '../components/settings-form.js';
import { failures, modulesOf } from '../extend/registry.js';

/** @typedef {import('../types').PluginInfo} PluginInfo */

/** State -> glyph and tone; the word stands beside it. @type {Record<string, [string, string]>} */
const LOOKS = { active: ['●', 'ok'], disabled: ['○', 'muted'], incompatible: ['✕', 'err'], broken: ['✕', 'err'], conflicting: ['▲', 'warn'] };

export function Plugins() {
  const [plugins, setPlugins] = useState(/** @type {PluginInfo[] | null} */ (null));
  const [forms, setForms] = useState(/** @type {Record<string, import('../types').SectionForm> | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [formsError, setFormsError] = useState(/** @type {any} */ (null));
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const load = () => {
    get('plugins').then((found) => { setPlugins(found); setError(null); }, setError)
      // asking for everything takes longer where a plugin hangs; the list is there meanwhile
      .then(() => get('plugins', { check: true }, { quiet: true })).then(setPlugins, () => {});
    loadForms();
  };
  const loadForms = () => get('config/schema').then((found) => { setForms(found); setFormsError(null); }, setFormsError);
  useEffect(load, []);
  const crumbs = html`<span aria-current="page">${t('nav.plugins')}</span>`;
  if (!plugins) return html`<${Page} title=${t('nav.plugins')} crumbs=${crumbs}>${error && html`<div class="page"><${ErrorCard} error=${error} what=${t('error.plugins')} retry=${load} /></div>`}</${Page}>`;
  return html`<${Page} title=${t('nav.plugins')} crumbs=${crumbs}><div class="page">
    <div class="page-head"><h1>${t('nav.plugins')}</h1><span class="muted">${t('plugins.count', { n: plugins.length })}</span></div>
    <p class="trust">${t('plugins.trust')}</p>
    ${formsError && html`<${ErrorCard} error=${formsError} what=${t('error.settings')} retry=${loadForms} />`}
    <div class="card table-scroll"><table class="table plugins-table"><thead><tr><td></td><th scope="col">${t('plugins.name')}</th><th scope="col">${t('plugins.version')}</th>
      <th scope="col">${t('plugins.api')}</th><th scope="col">${t('plugins.adds')}</th><th scope="col">${t('plugins.state')}</th><td></td></tr></thead>
      <tbody>${plugins.map((info) => html`<${Row} key=${`${info.name} ${info.distribution}`} info=${info} open=${open === info.name} onOpen=${() => setOpen(open === info.name ? null : info.name)}
        form=${forms?.[info.name] ?? null} onSaved=${loadForms} onSwitched=${() => get('plugins', { check: true }, { quiet: true }).then(setPlugins, setError)} />`)}</tbody></table></div>
  </div></${Page}>`;
}

/** @param {{info: PluginInfo, open: boolean, onOpen: () => void, form: import('../types').SectionForm | null, onSaved: () => unknown, onSwitched: () => void}} props */
function Row({ info, open, onOpen, form, onSaved, onSwitched }) {
  const here = failures.value.get(info.name) ?? [];
  const on = info.runs_at_next_start;
  const flip = async () => {
    if (!(await attempt(() => send(`plugins/${seg(info.name)}/${on ? 'disable' : 'enable'}`, undefined)))) return;
    onSwitched();
    toast(t('plugins.nextStart'));
  };
  const [glyph, tone] = LOOKS[info.state] ?? ['○', 'muted'];
  const trouble = info.errors.length + here.length;
  return html`<tr data-plugin=${info.name}><td><button class="ghost" aria-expanded=${open} onClick=${onOpen} aria-label=${t('plugins.more', { name: info.name })}>${open ? icons.down() : icons.right()}</button></td>
      <th scope="row">${info.name}</th><td>${info.version}</td><td>${info.api ?? '–'}</td><td class="wrap soft">${info.adds.join(', ') || '–'}</td>
      <td class="wrap"><span class=${`state ${tone}`}><span aria-hidden="true">${glyph}</span> ${t(`state.${info.state}`)}</span>${info.reason && html`<span class="soft">: ${info.reason}</span>`}
        ${trouble > 0 && html` <span class="err nowrap">▲ ${trouble}</span>`}${on !== (info.state !== 'disabled') && html`<div class="warn">${t('plugins.nextStart')}</div>`}</td>
      <td class="num"><button class="button" aria-label=${t(on ? 'plugins.disableName' : 'plugins.enableName', { name: info.name })} onClick=${flip}>${t(on ? 'extend.disable' : 'plugins.enable')}</button></td></tr>
    ${open && html`<tr class="plugin-more"><td colspan="7"><div class="grid"><${Facts} info=${info} here=${here} />
      <div><h2>${t('plugins.settings')}</h2>${form ? html`<${SettingsForm} section=${info.name} form=${form} onSaved=${onSaved} />` : html`<p class="muted">${t('plugins.noSettings')}</p>`}</div></div></td></tr>`}`;
}

/** @param {{info: PluginInfo, here: string[]}} props */
function Facts({ info, here }) {
  const modules = modulesOf(info.name);
  return html`<div><h2>${t('plugins.facts')}</h2><dl class="facts">
      <dt>${t('plugins.distribution')}</dt><dd>${info.distribution} ${info.version}</dd>
      ${info.load_ms !== null && html`<dt>${t('plugins.loaded')}</dt><dd>${t('time.ms', { n: Math.round(info.load_ms * 10) / 10 })}</dd>`}
      <dt>${t('plugins.hooks')}</dt><dd class="mono">${info.hooks.join(', ') || '–'}</dd></dl>
    ${modules.length > 0 && html`<h2>${t('plugins.modules')}</h2><ul class="mono">${modules.flatMap((entry) => Object.entries(entry.files).map(([file, bytes]) => html`<li key=${entry.base + file}><a href=${`${entry.base}/${file}`} target="_blank" rel="noopener">${file}</a> <span class="muted">${(bytes / 1024).toFixed(1)} KiB</span></li>`))}</ul>`}
    ${[['plugins.errors', info.errors], ['plugins.errorsHere', here], ['plugins.warnings', info.warnings]].map(([key, lines]) => lines.length > 0 && html`<h2>${t(/** @type {string} */ (key))}</h2>
      <ul class="err mono">${/** @type {string[]} */ (lines).map((line) => html`<li key=${line}>${line}</li>`)}</ul>`)}</div>`;
}
