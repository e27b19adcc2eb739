/** How full something is. */
import { html } from '../html.js';

/** @param {{value: number | null | undefined, max: number | null | undefined, label: string}} props */
export function Meter({ value, max, label }) {
  if (value === null || value === undefined || !max) return null;
  const share = Math.max(0, Math.min(1, value / max));
  return html`<div class="meter" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share * 100)}><i class=${share > 0.92 ? 'full' : ''} style=${{ width: `${share * 100}%` }}></i></div>`;
}
