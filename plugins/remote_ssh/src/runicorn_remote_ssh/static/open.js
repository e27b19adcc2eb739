// @ts-check
/** Which folder of the machine, and which Python there: then its viewer is started. */
import { useState } from 'preact/hooks';
import { html } from 'runicorn';
import { send, usePolled } from './api.js';
import { Folder } from './folder.js';
import { obstacle, problem } from './words.js';

const OTHER = '?';

/** @param {{ctx: import('runicorn').Context, connection: import('./api.js').Connection, alias: boolean, saved: import('./api.js').Saved | undefined, onOpened: () => void}} props `alias`: of the SSH configuration; `saved`: what was opened the last time */
export function Open({ ctx, connection, alias, saved, onOpened }) {
  const { t } = ctx;
  const id = connection.connection_id;
  const [root, setRoot] = useState(saved?.root ?? '');
  const [settled, setSettled] = useState(root); // what environments are looked for beside
  const [picking, setPicking] = useState(false);
  const [python, setPython] = useState(saved?.python ?? '');
  const [other, setOther] = useState(/** @type {string | null} */ (null)); // a Python that was not found by itself
  const [keep, setKeep] = useState(true);
  const [busy, setBusy] = useState(false);
  const mayKeep = alias || saved !== undefined; // a machine that nobody wanted to be remembered is not
  const { data } = usePolled(ctx, '/environments', 120000, { connection_id: id, root: settled });
  /** @type {any[]} */
  const environments = data?.environments ?? [];
  const start = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    const chosen = other === null ? python : other.trim();
    try {
      await send(ctx, '/viewer/start', { connection_id: id, root, wait: false, ...(chosen && { python: chosen }) });
      if (keep && mayKeep) await send(ctx, '/connections', { ...(saved ?? { name: connection.host, host: connection.host }), root, python: chosen });
    } catch (/** @type {any} */ error) {
      ctx.toast(problem(ctx, error), { bad: true });
    }
    setBusy(false);
    onOpened();
  };
  return html`<form class="card remote-form" aria-label=${t('remote.openRuns')} onSubmit=${start}>
    <label class="remote-field wide"><span>${t('remote.root')}</span><span class="remote-with"><input class="input mono" name="root" value=${root} placeholder=${t('remote.configuredRoot')} onInput=${(/** @type {any} */ event) => setRoot(event.target.value)} onBlur=${() => setSettled(root)} autocomplete="off" spellcheck=${false} />
      <button type="button" class="button" aria-expanded=${picking} onClick=${() => setPicking(!picking)}>${t('remote.browse')}</button></span></label>
    ${picking && html`<${Folder} ctx=${ctx} id=${id} start=${root || '~'} onPick=${(/** @type {string} */ path) => { setRoot(path); setSettled(path); setPicking(false); }} />`}
    <label class="remote-field wide"><span>Python</span><select class="input" value=${other === null ? python : OTHER} onChange=${(/** @type {any} */ event) => { const { value } = event.target; setOther(value === OTHER ? '' : null); setPython(value === OTHER ? '' : value); }}>
      <option value="">${t('remote.bestPython')}</option>${environments.map((one) => html`<option key=${one.python} value=${one.python} disabled=${!one.ready} title=${one.ready ? '' : obstacle(ctx, one)}>${described(one, t)}</option>`)}
      ${python && !environments.some((one) => one.python === python) && html`<option value=${python}>${python}</option>`}<option value=${OTHER}>${t('remote.otherPython')}</option></select></label>
    ${other !== null && html`<label class="remote-field wide"><span>${t('remote.pythonPath')}</span><input class="input mono" value=${other} placeholder="/opt/venv/bin/python" onInput=${(/** @type {any} */ event) => setOther(event.target.value)} autocomplete="off" spellcheck=${false} /></label>`}
    <div class="remote-buttons">${mayKeep && html`<label><input type="checkbox" checked=${keep} onChange=${(/** @type {any} */ event) => setKeep(event.target.checked)} /> ${t('remote.keepFolder')}</label>`}<span class="sp"></span>
      <button class="button primary" disabled=${busy}>${t('remote.openRuns')}</button></div>
  </form>`;
}

/** @param {any} one @param {import('runicorn').Context['t']} t */
const described = (one, t) => [one.name || one.python, one.kind, one.version && `Python ${one.version}`, one.runicorn ? `Runicorn ${one.runicorn}` : t('remote.noRunicorn')].filter(Boolean).join(' · ');
