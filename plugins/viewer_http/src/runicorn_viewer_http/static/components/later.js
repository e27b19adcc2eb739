/** Pages whose modules are fetched when they are first looked at: whoever watches curves loads no table. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { ApiError } from '../api.js';
import { ErrorCard } from './feedback.js';
import { Page } from './page.js';

/** What could not be fetched is tried again as long as somebody waits for it: the viewer may be away for a moment. */
const AGAIN_MS = 2000;

/** @param {() => Promise<any>} load the component @returns {(props: any) => any} */
export function later(load) {
  /** @type {any} */
  let found = null;
  return function Later(props) {
    const [error, setError] = useState(/** @type {Error | null} */ (null));
    const [tries, again] = useState(0);
    useEffect(() => {
      if (found) return undefined;
      let here = true;
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let timer;
      load().then((component) => { found = component; if (here) again((n) => n + 1); }, (failed) => {
        if (!here) return;
        setError(failed);
        timer = setTimeout(() => again((n) => n + 1), AGAIN_MS);
      });
      return () => { here = false; clearTimeout(timer); };
    }, [tries]);
    if (found) return html`<${found} ...${props} />`;
    return html`<${Page}>${error && html`<div class="page"><${ErrorCard} error=${new ApiError(0, 'page-not-loaded', error.message)} what=${t('error.later')} retry=${() => again((n) => n + 1)} /></div>`}</${Page}>`;
  };
}
