/** Named views of a project: the address of a page, and the table's columns. They lie beside the runs, for everybody. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { navigate, path, query } from '../router.js';
import { columns, setColumns } from '../state/table/shown.js';
import { loadViews, removeView, saveView, views } from '../state/table/views.js';
import { attempt, copyText, toast } from './feedback.js';
import { Dialog } from './dialog.js';
import { Menu } from './menu.js';

/** @param {{project: string}} props */
export function SavedViews({ project }) {
  const [naming, setNaming] = useState(false);
  useEffect(() => { loadViews(project); }, [project]);
  const here = searchOf();
  const current = Object.entries(views.value).find(([, view]) => view.page === path.value && view.search === here)?.[0];
  const save = async (/** @type {string} */ name) => {
    setNaming(false);
    const view = { page: path.peek(), search: here, saved_at: Math.round(Date.now() / 1000), ...(path.peek() === '/table' && { columns: columns.peek() }) };
    if (await attempt(() => saveView(project, name, view))) toast(t('views.saved', { name }));
  };
  const items = () => [
    ...Object.keys(views.value).sort().map((name) => ({ label: name, checked: name === current, action: () => open(project, name) })),
    ...(Object.keys(views.value).length > 0 ? [{ label: '', separator: true }] : []),
    { label: t('views.save'), action: () => setNaming(true) },
    ...(current ? [{ label: t('views.remove', { name: current }), danger: true, action: () => attempt(() => removeView(project, current)) }] : []),
    { label: t('views.copyLink'), action: () => copyText(linkHere()) },
  ];
  return html`<${Menu} className="chip views" align="left" label=${`${t('views.view')} ${current ?? t('views.none')} · ${t('views.title')}`} items=${items} button=${html`<span class="wide-only">${t('views.view')}</span> <b>${current ?? t('views.none')}</b> <span aria-hidden="true">▾</span>`} />
    ${naming && html`<${NameIt} given=${current ?? ''} taken=${Object.keys(views.value)} onSave=${save} onClose=${() => setNaming(false)} />`}`;
}

/** @param {string} project @param {string} name */
function open(project, name) {
  const view = views.peek()[name];
  if (view.columns) setColumns(view.columns);
  navigate(`${view.page}?${new URLSearchParams([['project', project], ...new URLSearchParams(view.search)])}`);
}

/** The address without the project, its parts in order. */
function searchOf() {
  const rest = new URLSearchParams([...query.value].filter(([key]) => key !== 'project' && key !== 'cols'));
  rest.sort();
  return rest.toString();
}

/** The address with everything that is seen, columns too. */
function linkHere() {
  const url = new URL(location.href);
  if (path.peek() === '/table') url.searchParams.set('cols', columns.peek().map((column) => column.id).join(','));
  return url.href;
}

/** @param {{given: string, taken: string[], onSave: (name: string) => void, onClose: () => void}} props */
function NameIt({ given, taken, onSave, onClose }) {
  const [name, setName] = useState(given);
  const clean = name.trim();
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); if (clean) onSave(clean); };
  return html`<${Dialog} title=${t('views.save')} onClose=${onClose}><form onSubmit=${submit}>
    <label>${t('views.name')}<input class="input" autofocus maxlength="100" value=${name} onInput=${(/** @type {any} */ e) => setName(e.target.value)} /></label>
    <p class="soft">${t(taken.includes(clean) ? 'views.replaces' : 'views.where')}</p>
    <footer class="dialog-foot"><button class="button" type="button" onClick=${onClose}>${t('action.cancel')}</button><button class="button primary" disabled=${!clean}>${t('plugins.save')}</button></footer></form></${Dialog}>`;
}
