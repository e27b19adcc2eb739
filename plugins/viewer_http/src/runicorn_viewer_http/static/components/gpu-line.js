/** How busy the GPUs of this machine are, in a few words; nothing where there is none. */
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { get } from '../api.js';
import { formatBytes } from '../charts/bytes.js';

const EVERY_MS = 5000;
const SINGLY = 8; // of more only the mean is said

export function GpuLine() {
  const [gpus, setGpus] = useState(/** @type {import('../state/machine.js').Gpu[]} */ ([]));
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let over = false;
    const ask = async () => {
      const found = document.hidden ? null : await get('gpu', {}, { quiet: true }).catch(() => ({ available: false, gpus: [] }));
      if (over) return;
      if (found) setGpus(found.gpus);
      // a machine without one does not get one meanwhile
      if (!found || found.available) timer = setTimeout(ask, EVERY_MS);
    };
    ask();
    return () => { over = true; clearTimeout(timer); };
  }, []);
  if (gpus.length > SINGLY) {
    const told = gpus.flatMap((gpu) => gpu.util_gpu ?? []);
    const mean = told.length ? `${Math.round(told.reduce((sum, one) => sum + one, 0) / told.length)} %` : '–';
    return html`<a class="soft nowrap home-gpu" href="/system" title=${gpus.map((gpu) => `${gpu.index}: ${gpu.util_gpu === null ? '–' : `${Math.round(gpu.util_gpu)} %`}`).join(', ')}>${gpus.length} GPU ∅ <b>${mean}</b></a>`;
  }
  return gpus.map((gpu) => html`<a key=${gpu.index} class="soft nowrap home-gpu" href="/system" title=${[gpu.name, gpu.mem_used !== null && gpu.mem_total ? t('system.usedOf', { used: formatBytes(gpu.mem_used), total: formatBytes(gpu.mem_total) }) : ''].filter(Boolean).join(' · ')}>GPU${gpus.length > 1 ? ` ${gpu.index}` : ''} <b>${gpu.util_gpu === null ? '–' : `${Math.round(gpu.util_gpu)} %`}</b></a>`);
}
