/** A metric of one run in the height of a line of text. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { fetchCurves } from '../state/curves.js';

const W = 96;
const H = 24;
/** All of a run, coarsely. */
const WHOLE = { x: 'step', from: -Infinity, to: Infinity, buckets: 64, log: false, exact: false };

/** @param {{run: {id: string, path: string}, metric: string}} props */
export function Sparkline({ run, metric }) {
  const [path, setPath] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    fetchCurves({ runs: [run.path], keys: [metric], view: WHOLE }, { signal: abort.signal, quiet: true })
      .then((seriesOf) => setPath(outline(seriesOf(run.path, metric))), () => setPath(''));
    return () => abort.abort();
  }, [run.path, metric]);
  if (!path) return null;
  return html`<svg class="spark" width=${W} height=${H} viewBox=${`0 0 ${W} ${H}`} aria-hidden="true"><path d=${path} /></svg>`;
}

/** @param {import('../types').Series} series */
function outline({ x, mean }) {
  const known = [...x.keys()].filter((i) => !Number.isNaN(mean[i]));
  if (known.length < 2) return '';
  const values = known.map((i) => mean[i]);
  const [low, high, begin] = [Math.min(...values), Math.max(...values), x[known[0]]];
  const kx = (W - 2) / (x[known[known.length - 1]] - begin || 1);
  const ky = (H - 4) / (high - low || 1);
  return known.map((i, n) => `${n ? 'L' : 'M'}${(1 + (x[i] - begin) * kx).toFixed(1)} ${(H - 2 - (mean[i] - low) * ky).toFixed(1)}`).join('');
}
