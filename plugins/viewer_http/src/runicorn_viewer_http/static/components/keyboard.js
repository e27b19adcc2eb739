/** Single-key shortcuts that stay silent while somebody types. */
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Keys (as KeyboardEvent.key) and what they do; an action that answers false has left the key to the browser. @typedef {Record<string, (event: KeyboardEvent) => unknown>} Keys */

/** @param {Keys} map */
export function useKeys(map) {
  const latest = useRef(map);
  latest.current = map;
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const listen = (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.metaKey || target.closest('input:not([type=range]):not([type=checkbox]), textarea, select, dialog:not(.focus)')) return;
      // these press what has the focus
      if ((event.key === 'Enter' || event.key === ' ') && target.closest('a, button, summary, [tabindex="0"]')) return;
      // Alt changes the character on some layouts, so the physical key is asked as well
      const key = event.altKey && event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : event.key;
      const action = latest.current[key];
      if (action && action(event) !== false) event.preventDefault();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** @param {string} selector @returns {boolean} whether there is such a box */
export function focusOn(selector) {
  const box = /** @type {HTMLElement | null} */ (document.querySelector(selector));
  box?.focus();
  return box !== null;
}
