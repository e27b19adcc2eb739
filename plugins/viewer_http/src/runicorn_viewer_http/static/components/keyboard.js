/** Single-key shortcuts that stay silent while somebody types. */
import { useEffect, useRef } from 'preact/hooks';

/** @param {Record<string, (event: KeyboardEvent) => void>} map keys as KeyboardEvent.key */
export function useKeys(map) {
  const latest = useRef(map);
  latest.current = map;
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const listen = (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.metaKey || target.closest('input:not([type=range]):not([type=checkbox]), textarea, select, dialog')) return;
      // Alt changes the character on some layouts, so the physical key is asked as well
      const key = event.altKey && event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : event.key;
      const action = latest.current[key];
      if (!action) return;
      event.preventDefault();
      action(event);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
