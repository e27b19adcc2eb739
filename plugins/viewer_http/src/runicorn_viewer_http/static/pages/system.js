/** The machine that the viewer runs on: processor, memory, disk, network and GPUs, with the last ten minutes. */
import { html } from '../html.js';
import { t } from '../i18n/index.js';
import { formatBytes } from '../charts/bytes.js';
import { formatDuration } from '../charts/format.js';
import { useMachine } from '../state/machine.js';
import { Empty, ErrorCard } from '../components/feedback.js';
import { Meter } from '../components/meter.js';
import { Page } from '../components/page.js';
import { TimeChart } from '../components/time-chart.js';

/** @typedef {import('../state/machine.js').History} History @typedef {import('../state/machine.js').Gpu} Gpu */

/** The machine is measured while somebody looks: between two looks nothing is known. */
const GAP_S = 15;

export function SystemPage() {
  const { system, gpus, history, error, absent } = useMachine();
  const crumbs = html`<span aria-current="page">${t('system.title')}</span>`;
  if (absent) return html`<${Page} title=${t('system.title')} crumbs=${crumbs}><${Empty} title=${t('system.absent')}><p>${t('system.absentText')} <a href="/plugins">${t('nav.plugins')}</a></p></${Empty}></${Page}>`;
  if (!system) return html`<${Page} title=${t('system.title')} crumbs=${crumbs}>${error && html`<div class="page"><${ErrorCard} error=${error} what=${t('error.system')} retry=${() => {}} /></div>`}</${Page}>`;
  const { cpu, memory, disk, net } = system;
  return html`<${Page} title=${t('system.title')} crumbs=${crumbs}><div class="page system">
    <div class="page-head"><h1>${t('system.title')}</h1><span class="muted">${system.host} · ${t('system.every')}</span></div>
    ${!system.available && html`<div class="notice" role="note">${t('system.unavailable')} <span class="soft">${system.reason}</span></div>`}
    <div class="system-grid">
      <section class="card block" data-part="cpu"><h2>${t('system.cpu')} <span class="muted">${cpu.count ? t('system.cores', { n: cpu.count }) : ''}</span><span class="sp"></span><b class="num">${percent(cpu.percent)}</b></h2>
        <${Meter} value=${cpu.percent} max=${100} label=${t('system.cpu')} />
        <${TimeChart} gap=${GAP_S} label=${t('system.chart', { what: t('system.cpu') })} time=${history.time} lines=${[line(history, 'cpu/util_percent', '%')]} percent=${true} />
        <p class="soft">${t('system.load')} <span class="num">${cpu.load_1m?.toFixed(2) ?? '–'}</span></p>
        ${cpu.cores.length > 1 && html`<div class="cores" role="img" aria-label=${t('system.eachCore', { list: cpu.cores.map(percent).join(', ') })}>${cpu.cores.map((one, i) => html`<span key=${i} class="core" title=${`${i}: ${percent(one)}`}><i style=${{ height: `${Math.max(2, one)}%` }}></i></span>`)}</div>`}</section>
      <section class="card block" data-part="memory"><h2>${t('system.memory')}<span class="sp"></span><b class="num">${percent(memory.percent)}</b></h2>
        <${Meter} value=${memory.used} max=${memory.total} label=${t('system.memory')} />
        <${TimeChart} gap=${GAP_S} label=${t('system.chart', { what: t('system.memory') })} time=${history.time} lines=${[line(history, 'memory/used_percent', '%')]} percent=${true} />
        <p class="soft">${t('system.usedOf', { used: formatBytes(memory.used), total: formatBytes(memory.total) })}${memory.swap_used ? ` · ${t('system.swap', { used: formatBytes(memory.swap_used) })}` : ''}</p></section>
      <section class="card block" data-part="disk"><h2>${t('system.disk')}<span class="sp"></span><b class="num">${percent(disk.percent)}</b></h2>
        ${late(disk.age) && html`<p class="err" role="note">${late(disk.age)}</p>`}
        <${Meter} value=${disk.used} max=${disk.used !== null && disk.free !== null ? disk.used + disk.free : null} label=${t('system.disk')} />
        <${TimeChart} gap=${GAP_S} label=${t('system.chart', { what: t('system.disk') })} time=${history.time} lines=${[line(history, 'disk/read_bytes_per_s', t('system.read')), line(history, 'disk/written_bytes_per_s', t('system.written'))]} format=${rate} />
        <p class="soft">${t('system.diskFree', { used: formatBytes(disk.used), free: formatBytes(disk.free) })}</p>
        <p class="soft">${t('system.diskRate', { read: formatBytes(disk.read), written: formatBytes(disk.written) })}</p></section>
      <section class="card block" data-part="net"><h2>${t('system.net')}</h2>
        <${TimeChart} gap=${GAP_S} label=${t('system.chart', { what: t('system.net') })} time=${history.time} lines=${[line(history, 'net/received_bytes_per_s', t('system.received')), line(history, 'net/sent_bytes_per_s', t('system.sent'))]} format=${rate} />
        <p class="soft">${t('system.netRate', { received: formatBytes(net.received), sent: formatBytes(net.sent) })}</p></section>
    </div>
    <h2 class="home-section">GPU <span class="muted">${gpus?.driver ? `${gpus.driver}${gpus.cuda ? ` · CUDA ${gpus.cuda}` : ''}` : ''}</span></h2>
    ${gpus && !gpus.available && html`<div class="card block" data-part="no-gpu"><p>${t('system.noGpu')} <span class="soft">${gpus.reason_code ? t(`gpu.${gpus.reason_code}`) : gpus.reason}</span></p></div>`}
    <div class="system-grid">${gpus?.gpus.map((gpu) => html`<${GpuCard} key=${gpu.index} gpu=${gpu} history=${history} />`)}</div>
  </div></${Page}>`;
}

/** Why the figures of the disk are not of now. @param {number | null} age seconds */
const late = (age) => (age === null ? t('system.diskSilent') : age > GAP_S && t('system.diskLate', { time: formatDuration(age) }));

/** @param {{gpu: Gpu, history: History}} props */
const GpuCard = ({ gpu, history }) => (gpu.trouble ? html`<section class="card block" data-part=${`gpu-${gpu.index}`}><h2>${gpu.index}${gpu.name && html` · <span class="cut">${gpu.name}</span>`}</h2><p class="err" role="alert">${t('system.gpuTrouble')} <span class="soft">${gpu.trouble_code ? t(`gpu.${gpu.trouble_code}`) : gpu.trouble}</span></p></section>` : html`<section class="card block" data-part=${`gpu-${gpu.index}`}><h2>${gpu.index} · <span class="cut">${gpu.name}</span><span class="sp"></span><b class="num">${percent(gpu.util_gpu)}</b></h2>
  <${Meter} value=${gpu.util_gpu} max=${100} label=${t('system.gpuBusy')} />
  <${Meter} value=${gpu.mem_used} max=${gpu.mem_total} label=${t('system.gpuMemory')} />
  ${gpu.util_gpu !== null && html`<${TimeChart} gap=${GAP_S} label=${t('system.chart', { what: gpu.name })} time=${history.time} lines=${[line(history, `gpu/${gpu.index}/util_gpu`, t('system.gpuBusy'))]} percent=${true} />`}
  <p class="soft">${t('system.usedOf', { used: formatBytes(gpu.mem_used), total: formatBytes(gpu.mem_total) })}</p>
  <p class="soft">${[gpu.temp_c === null ? '' : `${gpu.temp_c} °C`, gpu.power_w === null ? '' : `${Math.round(gpu.power_w)} W${gpu.power_limit_w ? ` / ${Math.round(gpu.power_limit_w)} W` : ''}`, gpu.clock_sm === null ? '' : `${gpu.clock_sm} MHz`, gpu.fan === null ? '' : `${t('system.fan')} ${percent(gpu.fan)}`].filter(Boolean).join(' · ')}</p>
  ${gpu.processes.length > 0 && html`<p class="soft">${t('system.processes')} ${gpu.processes.map((one) => `${one.pid} (${formatBytes(one.bytes)})`).join(', ')}</p>`}
  ${(gpu.slices ?? []).map((one) => html`<div key=${one.index}><p class="soft">MIG ${one.index} · ${one.name} · ${t('system.usedOf', { used: formatBytes(one.mem_used), total: formatBytes(one.mem_total) })}</p>
    <${Meter} value=${one.mem_used} max=${one.mem_total} label=${`MIG ${one.index}`} /></div>`)}</section>`);

/** @param {History} history @param {string} key @param {string} name */
const line = ({ series }, key, name) => ({ name, values: series[key] ?? [] });

/** @param {number} value */
const rate = (value) => `${formatBytes(value)}/s`;

/** @param {number | null | undefined} value */
const percent = (value) => (value === null || value === undefined ? '–' : `${Math.round(value)} %`);
