/** Ctrl+Z takes back, Ctrl+Shift+Z (or Ctrl+Y) does it again; while somebody types, the box has these keys. */
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Both answer whether there was something to do. @param {() => boolean} back @param {() => boolean} [forth] */
export function useUndoKeys(back, forth = () => false) {
  const latest = useRef({ back, forth });
  latest.current = { back, forth };
  useLayoutEffect(() => {
    const listen = (/** @type {KeyboardEvent} */ event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || /** @type {HTMLElement} */ (event.target).closest('input:not([type=range]):not([type=checkbox]), textarea, dialog:not(.focus)')) return;
      const key = event.key.toLowerCase();
      const again = key === 'y' || (key === 'z' && event.shiftKey);
      if ((again || key === 'z') && (again ? latest.current.forth() : latest.current.back())) event.preventDefault();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
