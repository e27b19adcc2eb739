/** Pages whose modules are fetched when they are first looked at: whoever watches curves loads no table. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Page } from './page.js';

/** @param {() => Promise<any>} load the component @returns {(props: any) => any} */
export function later(load) {
  /** @type {any} */
  let found = null;
  return function Later(props) {
    const [state, setState] = useState(/** @type {{error: Error | null}} */ ({ error: null }));
    useEffect(() => {
      if (found) return undefined;
      let here = true;
      load().then((component) => { found = component; if (here) setState({ error: null }); }, (error) => { if (here) setState({ error }); });
      return () => { here = false; };
    }, []);
    if (state.error) throw state.error;
    return found ? html`<${found} ...${props} />` : html`<${Page} />`;
  };
}
