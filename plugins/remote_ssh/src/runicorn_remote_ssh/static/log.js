// @ts-check
/** What happened with a machine, the newest last: the viewer keeps it, so that a reload does not lose it. */
import { useEffect, useRef } from 'preact/hooks';
import { html } from 'runicorn';
import { happened } from './words.js';

/** @param {{ctx: import('runicorn').Context, entries: import('./api.js').Entry[]}} props */
export function Log({ ctx, entries }) {
  const end = useRef(/** @type {any} */ (null));
  const last = entries.at(-1)?.time;
  useEffect(() => { if (end.current) end.current.scrollTop = end.current.scrollHeight; }, [last]);
  if (!entries.length) return null;
  return html`<section class="card remote-log" aria-label=${ctx.t('remote.log')}><h3 class="caps">${ctx.t('remote.log')}</h3>
    <ol ref=${end} aria-live="polite" tabindex="0">${entries.map((entry) => html`<li key=${entry.time} class=${entry.bad ? 'err' : ''}>
      <time class="muted" title=${new Date(entry.time * 1000).toLocaleString(ctx.locale.peek())}>${new Date(entry.time * 1000).toLocaleTimeString(ctx.locale.peek())}</time> ${happened(ctx, entry)}</li>`)}</ol></section>`;
}
