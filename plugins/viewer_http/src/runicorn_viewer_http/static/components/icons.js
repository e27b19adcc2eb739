/** Small line icons; each is decoration, its button carries the words. */
import { html } from '../html.js';

/** @param {any} body @param {number} [size] */
const icon = (body, size = 16) => html`<svg width=${size} height=${size} viewBox="0 0 16 16" fill="none" stroke="currentColor"
  stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${body}</svg>`;

export const icons = {
  eye: () => icon(html`<path d="M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8Z"/><circle cx="8" cy="8" r="2" fill="currentColor"/>`),
  eyeOff: () => icon(html`<path d="M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8Z" stroke-dasharray="1.500 2.200"/>`),
  pin: () => icon(html`<path d="M6 2h4l-.6 4 2.100 2.500h-7L6.600 6zM8 8.500V14"/>`, 14),
  expand: () => icon(html`<path d="M9.500 2.500h4v4M6.500 13.500h-4v-4M13.500 2.500 9 7M2.500 13.500 7 9"/>`, 14),
  close: () => icon(html`<path d="m4 4 8 8M12 4l-8 8"/>`, 14),
  up: () => icon(html`<path d="m4 10 4-4 4 4"/>`, 14),
  down: () => icon(html`<path d="m4 6 4 4 4-4"/>`, 14),
  right: () => icon(html`<path d="m6 4 4 4-4 4"/>`, 14),
  side: () => icon(html`<rect x="2" y="3" width="12" height="10" rx="1.500"/><path d="M6 3v10"/>`),
  sun: () => icon(html`<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.200M8 13.300v1.200M1.500 8h1.200M13.300 8h1.200M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9"/>`),
  moon: () => icon(html`<path d="M13.500 9.800A6 6 0 0 1 6.200 2.500a6 6 0 1 0 7.300 7.300Z"/>`),
  auto: () => icon(html`<circle cx="8" cy="8" r="5.500"/><path d="M8 2.500a5.500 5.500 0 0 1 0 11z" fill="currentColor"/>`),
  trash: () => icon(html`<path d="M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9"/>`),
  plug: () => icon(html`<path d="M5.500 1.500v3M10.500 1.500v3M3.500 4.500h9v3a4.500 4.500 0 0 1-9 0zM8 12v2.500"/>`),
  search: () => icon(html`<circle cx="7" cy="7" r="4.500"/><path d="m10.500 10.500 3.500 3.500"/>`),
  gear: () => icon(html`<circle cx="8" cy="8" r="2.200"/><path d="M8 1.500v2M8 12.500v2M1.500 8h2M12.500 8h2M3.400 3.400l1.400 1.400M11.200 11.200l1.400 1.400M12.600 3.400l-1.400 1.400M4.800 11.200l-1.400 1.400"/>`),
  chip: () => icon(html`<rect x="4" y="4" width="8" height="8" rx="1"/><path d="M6 1.500V4M10 1.500V4M6 12v2.500M10 12v2.500M1.500 6H4M1.500 10H4M12 6h2.500M12 10h2.500"/>`),
  archive: () => icon(html`<path d="M2 3h12v3H2zM3 6v7.500h10V6M6.500 8.500h3"/>`, 14),
  help: () => icon(html`<circle cx="8" cy="8" r="6"/><path d="M6.200 6.300c.2-2 3.600-2 3.600.1 0 1.400-1.800 1.500-1.800 2.800M8 11.300v.1"/>`),
  edit: () => icon(html`<path d="m3 13 .6-2.800 7.300-7.300 2.200 2.200-7.300 7.300z"/>`, 14),
  more: () => icon(html`<g fill="currentColor" stroke="none"><circle cx="3.500" cy="8" r="1.300"/><circle cx="8" cy="8" r="1.300"/><circle cx="12.500" cy="8" r="1.300"/></g>`, 14),
  plus: () => icon(html`<path d="M8 3v10M3 8h10"/>`, 14),
  undo: () => icon(html`<path d="M5.500 3 2.500 6l3 3M2.500 6h7a4 4 0 0 1 0 8h-3"/>`, 14),
  redo: () => icon(html`<path d="m10.500 3 3 3-3 3M13.500 6h-7a4 4 0 0 0 0 8h3"/>`, 14),
  warning: () => icon(html`<path d="M8 2.200 14.300 13H1.700zM8 6.300v3.200M8 11.300v.1"/>`, 14),
  copy: () => icon(html`<rect x="5.500" y="5.500" width="8" height="8" rx="1.500"/><path d="M3.500 10.500h-1v-8h8v1"/>`, 14),
};

/** The mark: a small unicorn, as in favicon.svg. */
export const Mark = () => html`<svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="7" fill="#2f5fb3"/><path d="M27.500 3.500 18.600 10.200l3 2.900z" fill="#ebdba6"/>
  <path d="M8 28c0-5 1.200-8.600 3.400-11.200C8.800 17 7 18.400 5.800 20.600 5.600 15.400 7.800 11 12.600 9.200l1.200-2.800 2.400 2.200c3.800.6 6.200 2.600 7 5.400l2.600 4.600c.5 1-.1 2-1 2.300l-2.200.7c-.8.2-1.600 0-2.200-.6l-1.400-1.200c-.8.4-1 1-.8 1.800l1 3c.4 1.200.4 2.200.3 3.400z" fill="#fff"/>
  <circle cx="18.400" cy="14.200" r="1.300" fill="#2f5fb3"/></svg>`;
