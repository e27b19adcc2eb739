/** The command palette: everything that has a name, found by typing some of it. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { commands, remoteCommands } from '../state/commands.js';

export const paletteOpen = signal(false);
const PAUSE_MS = 150;
const MOST = 60;

export function Palette() {
  return paletteOpen.value ? html`<${Open} onClose=${() => { paletteOpen.value = false; }} />` : null;
}

/** @param {{onClose: () => void}} props */
function Open({ onClose }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [found, setFound] = useState(/** @type {Record<string, import('../state/commands.js').Command[]>} */ ({}));
  const [answered, setAnswered] = useState(/** @type {string | null} */ (null));
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const local = useMemo(commands, []);
  useLayoutEffect(() => { dialog.current?.showModal(); }, []);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => remoteCommands(text, abort.signal, (group, list) => {
      if (abort.signal.aborted) return;
      setFound((old) => ({ ...old, [group]: list }));
      if (group === 'runs') setAnswered(text);
    }), text ? PAUSE_MS : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [text]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = [...(found.runs ?? []), ...(found.projects ?? []), ...local, ...(found.metrics ?? [])].filter((one) => words.every((word) => `${one.title} ${one.about ?? ''} ${one.also ?? ''} ${t(`palette.${one.group}`)}`.toLowerCase().includes(word)))
    .sort((a, b) => Number(b.title.toLowerCase().startsWith(words[0] ?? '')) - Number(a.title.toLowerCase().startsWith(words[0] ?? ''))).slice(0, MOST);
  const groups = [...new Set(matching.map((one) => one.group))];
  const ordered = groups.flatMap((group) => matching.filter((one) => one.group === group));
  const chosen = Math.min(at, ordered.length - 1);
  useEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [chosen, ordered.length]);
  const run = (/** @type {import('../state/commands.js').Command | undefined} */ one) => { if (!one) return; onClose(); one.run(); };
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    event.stopPropagation();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && ordered.length > 0) { event.preventDefault(); setAt((chosen + by + ordered.length) % ordered.length); }
    if (event.key === 'Enter') { event.preventDefault(); run(ordered[chosen]); }
  };
  return html`<dialog class="palette" ref=${dialog} aria-label=${t('palette.title')} onClose=${onClose} onClick=${(/** @type {MouseEvent} */ e) => { if (e.target === dialog.current) onClose(); }}>
    <input class="input" role="combobox" autofocus spellcheck=${false} autocomplete="off" aria-expanded="true" aria-controls="palette-list" aria-activedescendant=${chosen >= 0 ? `palette-${chosen}` : undefined}
      placeholder=${t('palette.placeholder')} aria-label=${t('palette.placeholder')} value=${text} onInput=${(/** @type {any} */ e) => { setText(e.target.value); setAt(0); }} onKeyDown=${keys} />
    <ul id="palette-list" role="listbox" aria-label=${t('palette.title')} ref=${list}>${ordered.map((one, i) => html`${(i === 0 || ordered[i - 1].group !== one.group) && html`<li key=${`g-${one.group}`} class="palette-group" role="presentation">${t(`palette.${one.group}`)}</li>`}
      <li key=${`${one.group} ${one.id}`} id=${`palette-${i}`} role="option" aria-selected=${i === chosen} onClick=${() => run(one)} onMouseMove=${() => setAt(i)}><span class="cut">${one.title}</span>${one.about && html`<span class="muted cut">${one.about}</span>`}${one.keys && html`<span class="muted">${one.keys.map((key) => html`<kbd>${key}</kbd>`)}</span>`}</li>`)}
    </ul>${ordered.length === 0 && html`<p class="palette-group">${answered === text ? t('palette.none', { text }) : t('palette.searching')}</p>`}</dialog>`;
}
