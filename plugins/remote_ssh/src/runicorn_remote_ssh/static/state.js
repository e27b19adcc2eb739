// @ts-check
/** How a connection or a viewer is: a sign, a colour and a word. */
import { html } from 'runicorn';

/** A glyph and a colour for each state; the word stands beside it. @type {Record<string, [string, string]>} */
const LOOKS = {
  up: ['●', 'ok'], degraded: ['◐', 'warn'], connecting: ['◌', 'soft'], reconnecting: ['◌', 'warn'],
  'needs-authentication': ['!', 'warn'], failed: ['✕', 'err'], stopped: ['○', 'soft'],
};

/** @param {{ctx: import('runicorn').Context, state: string, word?: string}} props */
export function State({ ctx, state, word }) {
  const [glyph, look] = LOOKS[state] ?? ['○', 'soft'];
  return html`<span class="nowrap ${look}"><span aria-hidden="true">${glyph}</span> ${word ?? ctx.t(`remote.state.${state}`)}</span>`;
}
