// @ts-check
/** The part of Markdown that people write by hand, as elements: no text of it ever becomes HTML. */
import { html } from 'runicorn';

const FENCE = /^\s*(```+|~~~+)/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const RULER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const INLINE = /(`+)([^`]+?)\1|\*\*([^*]+?)\*\*|__([^_]+?)__|\*([^*\s][^*]*?)\*|\b_([^_\s][^_]*?)_\b|\[([^\]]+)\]\(([^()\s]+)\)/;

/** @param {string} text @returns {any[]} */
export function markdown(text) {
  const lines = text.split(/\r?\n/);
  const blocks = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const fence = FENCE.exec(line);
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (fence) {
      let end = i + 1;
      while (end < lines.length && !lines[end].trim().startsWith(fence[1])) end += 1;
      blocks.push(html`<pre>${lines.slice(i + 1, end).join('\n')}</pre>`);
      i = end + 1;
    } else if (heading) {
      // the page has headings of its own above these
      blocks.push(html`<p class=${`mp-h mp-h${heading[1].length}`} role="heading" aria-level=${Math.min(6, heading[1].length + 3)}>${inline(heading[2])}</p>`);
      i += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.push(html`<hr />`);
      i += 1;
    } else if (ITEM.test(line)) {
      const items = [];
      const ordered = ITEM.exec(line)?.[1] !== undefined;
      for (let found; i < lines.length && (found = ITEM.exec(lines[i])); i += 1) items.push(html`<li>${inline(found[2])}</li>`);
      blocks.push(ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`);
    } else if (/^\s*>/.test(line)) {
      const quoted = [];
      for (; i < lines.length && /^\s*>/.test(lines[i]); i += 1) quoted.push(lines[i].replace(/^\s*>\s?/, ''));
      blocks.push(html`<blockquote>${markdown(quoted.join('\n'))}</blockquote>`);
    } else if (isTable(lines, i)) {
      const aligned = cellsOf(lines[i + 1]).map((cell) => (/^:.*:$/.test(cell) ? 'center' : cell.endsWith(':') ? 'right' : undefined));
      const row = (/** @type {string} */ text, /** @type {'th' | 'td'} */ tag) => html`<tr>${aligned.map((textAlign, n) => html`<${tag} style=${{ textAlign }}>${inline(cellsOf(text)[n] ?? '')}</${tag}>`)}</tr>`;
      const body = [];
      const head = row(line, 'th');
      for (i += 2; i < lines.length && lines[i].includes('|'); i += 1) body.push(row(lines[i], 'td'));
      blocks.push(html`<div class="mp-cells"><table><thead>${head}</thead><tbody>${body}</tbody></table></div>`);
    } else if (line.trim() === '') {
      i += 1;
    } else {
      const words = [];
      for (; i < lines.length && lines[i].trim() !== '' && !FENCE.test(lines[i]) && !/^(#{1,6}\s|\s*>)/.test(lines[i]) && (words.length === 0 || (!ITEM.test(lines[i]) && !isTable(lines, i))); i += 1) words.push(lines[i]);
      blocks.push(html`<p>${inline(words.join('\n'))}</p>`);
    }
  }
  return blocks;
}

/** A line of cells above one of dashes. @param {string[]} lines @param {number} i */
const isTable = (lines, i) => lines[i].includes('|') && RULER.test(lines[i + 1] ?? '') && cellsOf(lines[i + 1]).length === cellsOf(lines[i]).length;

/** @param {string} line */
const cellsOf = (line) => line.trim().replace(/^\||(?<!\\)\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));

/** @param {string} text @returns {any[]} */
function inline(text) {
  const parts = [];
  for (let rest = text; rest;) {
    const found = INLINE.exec(rest);
    if (!found) { parts.push(rest); break; }
    parts.push(rest.slice(0, found.index));
    const [whole, , code, strong1, strong2, em1, em2, label, href] = found;
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (strong1 ?? strong2) parts.push(html`<strong>${inline(strong1 ?? strong2)}</strong>`);
    else if (em1 ?? em2) parts.push(html`<em>${inline(em1 ?? em2)}</em>`);
    else if (/^(https?:\/\/|mailto:)/i.test(href)) parts.push(html`<a href=${href} target="_blank" rel="noopener noreferrer">${inline(label)}</a>`);
    else parts.push(whole);
    rest = rest.slice(found.index + whole.length);
  }
  return parts;
}
