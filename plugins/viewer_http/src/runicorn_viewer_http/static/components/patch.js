/** A unified diff, with what was added and what was removed told apart. */
import { html } from '../html.js';

/** A unified diff is read as one, not as a value among others. @param {string} key @param {unknown} value */
export const isPatch = (key, value) => typeof value === 'string' && /(^|\/)(diff|patch)$/.test(key) && value.includes('\n');

/** @param {string} line */
const toneOf = (line) => (line.startsWith('+') && !line.startsWith('+++') ? 'ok' : line.startsWith('-') && !line.startsWith('---') ? 'err' : line.startsWith('@@') ? 'muted' : '');

/** @param {{text: string}} props */
export const Patch = ({ text }) => html`<pre class="patch" tabindex="0">${text.split('\n').map((line, i) => html`<span key=${i} class=${toneOf(line)}>${line}${'\n'}</span>`)}</pre>`;
