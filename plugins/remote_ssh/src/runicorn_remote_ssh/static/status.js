// @ts-check
/** How the machine is doing: processor, memory, disk, GPUs. */
import { html } from 'runicorn';
import { usePolled } from './api.js';

/** @param {number | null | undefined} bytes */
const giga = (bytes) => (bytes == null ? '–' : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)}`);

/** @param {{ctx: import('runicorn').Context, id: string}} props */
export function Status({ ctx, id }) {
  const { t } = ctx;
  const { data } = usePolled(ctx, '/status', 5000, { connection_id: id });
  if (!data) return null;
  /** @type {any} */
  const { cpu, cpus, load, gpus, mem_total: memory, mem_available: free, disk_total: disk, disk_free: left } = data;
  const used = memory === null || free === null ? null : memory - free;
  const full = disk === null || left === null ? null : disk - left;
  return html`<dl class="card remote-status" aria-label=${t('remote.status')}>
    <${Meter} name=${t('remote.cpu')} share=${share(cpu, 100)} text=${[cpu === null ? '' : `${Math.round(cpu)} %`, cpus ? t('remote.cores', { n: cpus }) : '', load.length ? t('remote.load', { load: load[0].toFixed(2) }) : ''].filter(Boolean).join(' · ')} />
    <${Meter} name=${t('remote.memory')} share=${share(used, memory)} text=${`${giga(used)} / ${giga(memory)} GB`} />
    <${Meter} name=${t('remote.disk')} share=${share(full, disk)} text=${`${giga(full)} / ${giga(disk)} GB`} />
    ${gpus.map((/** @type {any} */ gpu, /** @type {number} */ index) => html`<${Meter} key=${index} name=${`GPU ${gpu.index}`} share=${share(gpu.util, 100)} text=${[gpu.name, `${Math.round(gpu.util ?? 0)} %`, gpu.mem_total ? `${giga(gpu.mem_used)} / ${giga(gpu.mem_total)} GB` : '', gpu.temp_c ? `${Math.round(gpu.temp_c)} °C` : ''].filter(Boolean).join(' · ')} />`)}
  </dl>`;
}

/** @param {number | null | undefined} used @param {number | null | undefined} total */
const share = (used, total) => (used == null || !total ? null : Math.min(1, used / total));

/** @param {{name: string, share: number | null, text: string}} props */
const Meter = ({ name, share: part, text }) => html`<div><dt>${name}</dt><dd>${part !== null && html`<span class="remote-meter ${part > 0.9 ? 'full' : ''}" aria-hidden="true"><i style=${{ width: `${Math.round(part * 100)}%` }}></i></span>`}<span class="soft">${text}</span></dd></div>`;
