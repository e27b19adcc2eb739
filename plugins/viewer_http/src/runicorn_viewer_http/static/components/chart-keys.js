/** The keys that every page with charts knows. */
import { setQuery } from '../router.js';
import { hovered } from '../charts/panel.js';
import * as ws from '../state/workspace.js';

/** @type {import('./keyboard.js').Keys} */
export const chartKeys = {
  l: () => setQuery({ log: ws.logY.peek() ? null : '1' }),
  '[': () => ws.setSmoothing(ws.smoothing.peek() - 0.1),
  ']': () => ws.setSmoothing(ws.smoothing.peek() + 0.1),
  f: () => {
    if (ws.closePanel()) return true;
    const metric = hovered.peek() ?? document.querySelector('.panel')?.getAttribute('data-metric');
    if (metric) ws.openPanel(metric);
    return Boolean(metric);
  },
};
