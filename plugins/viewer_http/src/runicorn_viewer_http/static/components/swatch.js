/** The colour of a run, with its dash where the palette has gone round. */
import { html } from '../html.js';

/** @param {{color: string, dash: number[]}} props */
export const Swatch = ({ color, dash }) => html`<svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
  ${dash.length === 0 ? html`<rect x="1" y="1" width="10" height="10" rx="3" fill=${color} />`
    : html`<rect x="2" y="2" width="8" height="8" rx="2.500" fill="none" stroke=${color} stroke-width="2" stroke-dasharray=${dash[0] > 3 ? '5 2' : '1.800 1.800'} />`}</svg>`;
