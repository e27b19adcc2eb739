/** Make or change a panel: several metrics or formulas in one chart. */
import { useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formulaOf, FormulaError } from '../charts/expression.js';
import { savePanel } from '../state/board.js';
import { Dialog } from './dialog.js';

const MOST_SUGGESTED = 12;

/** @param {{spec: import('../types').PanelSpec, keys: string[], sections: string[], onClose: () => void}} props */
export function PanelEditor({ spec, keys, sections, onClose }) {
  const [title, setTitle] = useState(spec.title);
  const [section, setSection] = useState(spec.section);
  const [text, setText] = useState(spec.expressions.join('\n'));
  const [search, setSearch] = useState('');
  const known = useMemo(() => new Set(keys), [keys]);
  const expressions = [...new Set(text.split('\n').map((line) => line.trim()).filter(Boolean))];
  const problem = problemOf(expressions, known);
  const suggested = keys.filter((key) => !expressions.includes(key) && key.toLowerCase().includes(search.toLowerCase()));
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (problem || expressions.length === 0) return;
    savePanel({ ...spec, title: title.trim() || expressions.join(', '), section: section.trim(), expressions });
    onClose();
    requestAnimationFrame(() => document.querySelector(`[data-metric="${CSS.escape(spec.id)}"]`)?.scrollIntoView({ block: 'nearest' }));
  };
  return html`<${Dialog} title=${t(spec.title ? 'editor.change' : 'editor.new')} onClose=${onClose}><form class="editor" onSubmit=${save}>
    <label>${t('editor.expressions')}<textarea class=${problem ? 'input bad mono' : 'input mono'} rows="4" autofocus spellcheck=${false} value=${text} placeholder="train/loss - val/loss" aria-describedby="editor-note"
      onInput=${(/** @type {any} */ e) => setText(e.target.value)}></textarea></label>
    <div id="editor-note" class=${problem ? 'err' : 'muted'} aria-live="polite">${problem ? t(problem.code, { term: problem.term }) : t('editor.hint')}</div>
    <label>${t('editor.metrics')}<input class="input" type="search" value=${search} onInput=${(/** @type {any} */ e) => setSearch(e.target.value)} /></label>
    <div class="tags">${suggested.slice(0, MOST_SUGGESTED).map((key) => html`<button key=${key} type="button" class="tag" onClick=${() => setText([...expressions, key].join('\n'))}>+ ${key}</button>`)}
      ${suggested.length > MOST_SUGGESTED && html`<span class="muted">+${suggested.length - MOST_SUGGESTED}</span>`}</div>
    <label>${t('editor.title')}<input class="input" value=${title} placeholder=${expressions.join(', ')} onInput=${(/** @type {any} */ e) => setTitle(e.target.value)} /></label>
    <label>${t('editor.section')}<input class="input" value=${section} list="editor-sections" onInput=${(/** @type {any} */ e) => setSection(e.target.value)} /></label>
    <datalist id="editor-sections">${sections.map((name) => html`<option value=${name} />`)}</datalist>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${onClose}>${t('action.cancel')}</button>
      <button class="button primary" disabled=${problem !== null || expressions.length === 0}>${t('editor.save')}</button></footer>
  </form></${Dialog}>`;
}

/** @param {string[]} expressions @param {Set<string>} known @returns {FormulaError | null} */
function problemOf(expressions, known) {
  for (const text of expressions) {
    try {
      formulaOf(text, known);
    } catch (error) {
      if (error instanceof FormulaError) return error;
      throw error;
    }
  }
  return null;
}
