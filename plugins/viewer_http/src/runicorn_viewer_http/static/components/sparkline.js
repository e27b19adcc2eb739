/** A metric of one run in the height of a line of text. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { get, seg } from '../api.js';
import { seriesOf } from '../charts/grid.js';

const W = 96;
const H = 24;

/** @param {{run: {id: string, path: string}, metric: string}} props */
export function Sparkline({ run, metric }) {
  const [path, setPath] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    get(`metrics/${seg(run.id)}`, { keys: metric, buckets: 64, path: run.path }, { signal: abort.signal, quiet: true })
      .then((answer) => setPath(outline(seriesOf(answer, metric, 'step', 0))), () => setPath(''));
    return () => abort.abort();
  }, [run.path, metric]);
  if (!path) return null;
  return html`<svg class="spark" width=${W} height=${H} viewBox=${`0 0 ${W} ${H}`} aria-hidden="true"><path d=${path} /></svg>`;
}

/** @param {import('../types').Series} series */
function outline({ x, mean }) {
  if (x.length < 2) return '';
  const [low, high] = [Math.min(...mean), Math.max(...mean)];
  const kx = (W - 2) / (x[x.length - 1] - x[0] || 1);
  const ky = (H - 4) / (high - low || 1);
  return [...x].map((v, i) => `${i ? 'L' : 'M'}${(1 + (v - x[0]) * kx).toFixed(1)} ${(H - 2 - (mean[i] - low) * ky).toFixed(1)}`).join('');
}
