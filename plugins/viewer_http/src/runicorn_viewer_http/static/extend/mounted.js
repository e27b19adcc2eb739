/** One panel or page of a plugin. Whatever it does, only its own place shows it. */
import { computed, effect, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { seg, send } from '../api.js';
import { attempt, copyText, toast } from '../components/feedback.js';
import { Dialog } from '../components/dialog.js';
import { makeContext } from './context.js';
import { asError, load, noteFailure } from './registry.js';

/** @typedef {import('./registry.js').Entry} Entry @typedef {import('./registry.js').Part} Part */
const LATE_MS = 5000;

/** @param {{entry: Entry, part: Part, kind: 'panels' | 'pages', scope: import('./context.js').Scope, onShown?: () => void, onTaken?: import('./slot.js').OnTaken}} props */
export function Mounted({ entry, part, kind, scope, onShown, onTaken }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  const [late, setLate] = useState(false);
  useEffect(() => {
    const end = new AbortController();
    const el = document.createElement('div');
    el.className = 'plugin-body';
    place.current?.append(el);
    /** @type {unknown} */
    let stop;
    let timer = setTimeout(() => setLate(true), LATE_MS);
    const work = async () => {
      const plugin = await load(entry);
      const found = (plugin[kind] ?? []).find((one) => one.id === part.id);
      if (typeof found?.mount !== 'function') throw new TypeError(`${entry.module} exports nothing in ${kind} with the id ${part.id} and a function mount`);
      const own = kind === 'panels' && part.slot === 'media' ? matching(scope, /** @type {any} */ (found).match) : scope;
      if (own !== scope) {
        clearTimeout(timer);
        await some(own.media, end.signal);
        timer = setTimeout(() => setLate(true), LATE_MS);
      }
      if (end.signal.aborted) return;
      onShown?.();
      stop = await found.mount(el, makeContext({ plugin: entry.plugin, id: part.id, scope: own, signal: end.signal }));
      if (end.signal.aborted) finish();
      else if (/** @type {any} */ (found).instead && own !== scope) onTaken?.(part.id, /** @type {any} */ (found).match ?? (() => true));
    };
    const finish = () => {
      try { if (typeof stop === 'function') stop(); } catch (thrown) { noteFailure(entry.plugin, thrown); }
    };
    work().catch((thrown) => {
      noteFailure(entry.plugin, thrown);
      if (end.signal.aborted) return;
      end.abort();
      el.remove();
      onShown?.();
      setError(asError(thrown));
    }).finally(() => { clearTimeout(timer); setLate(false); });
    return () => {
      clearTimeout(timer);
      end.abort();
      finish();
      el.remove();
      onTaken?.(part.id, null);
    };
  }, [entry.module, part.id]);
  return html`<div>
    ${error && html`<${Failure} entry=${entry} part=${part} error=${error} />`}
    ${late && !error && html`<${Failure} entry=${entry} part=${part} />`}
    <div ref=${place}></div></div>`;
}

/** The scope with the media that a panel is for. @param {import('./context.js').Scope} scope @param {((item: any) => boolean) | undefined} match */
function matching(scope, match) {
  const test = match ?? (() => true);
  // asked once here, so that one that throws is a failure of this panel
  scope.media.peek().forEach(test);
  return { ...scope, media: computed(() => { try { return scope.media.value.filter(test); } catch { return []; } }) };
}

/** Resolves when a list is no longer empty, or at the end. @param {import('@preact/signals').ReadonlySignal<any[]>} list @param {AbortSignal} over */
function some(list, over) {
  return new Promise((resolve) => {
    const enough = signal(false);
    const stop = effect(() => { if (list.value.length > 0) enough.value = true; });
    const done = effect(() => { if (enough.value) resolve(undefined); });
    over.addEventListener('abort', () => { stop(); done(); resolve(undefined); }, { once: true });
  });
}

/** @param {{entry: Entry, part: Part, error?: Error}} props without an error: it is only late */
function Failure({ entry, part, error }) {
  const [open, setOpen] = useState(false);
  const [off, setOff] = useState(false);
  const disable = async () => {
    if (!(await attempt(() => send(`plugins/${seg(entry.plugin)}/disable`, undefined)))) return;
    setOff(true);
    toast(t('plugins.nextStart'));
  };
  const details = useMemo(() => [`${entry.plugin} ${entry.version} (${entry.distribution})`, part.id, entry.module, '', error?.stack ?? String(error ?? '')].join('\n'), [error]);
  return html`<div class=${error ? 'notice bad' : 'notice'} role="alert" data-plugin-card=${entry.plugin}>
    <strong>${t(error ? 'extend.failed' : 'extend.late', { plugin: entry.plugin })}</strong>
    <div class="soft">${error ? `${error.name}: ${error.message}` : t('extend.lateText')}</div>
    <div class="row"><button class="button" onClick=${() => setOpen(true)}>${t('extend.details')}</button>
      <button class="button" disabled=${off} onClick=${disable}>${t(off ? 'extend.disabled' : 'extend.disable')}</button></div>
    ${open && html`<${Dialog} wide=${true} title=${entry.plugin} onClose=${() => setOpen(false)}><pre class="plugin-details">${details}</pre>
      <footer class="dialog-foot"><a class="button" href="/plugins">${t('nav.plugins')}</a><button class="button" onClick=${() => copyText(details)}>${t('action.copyDetails')}</button></footer></${Dialog}>`}
  </div>`;
}
