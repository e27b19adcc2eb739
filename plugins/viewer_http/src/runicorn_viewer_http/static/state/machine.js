/** The machine that the viewer runs on: now, and the last minutes. Asked for while somebody looks. */
import { useEffect, useState } from 'preact/hooks';
import { get, isAbort } from '../api.js';

/** @typedef {{available: boolean, reason?: string, host: string, cpu: {count: number | null, percent: number | null, cores: number[], load_1m: number | null}, memory: {total: number | null, used: number | null, percent: number | null, swap_used: number | null}, disk: {used: number | null, free: number | null, percent: number | null, read: number | null, written: number | null, age: number | null}, net: {sent: number | null, received: number | null}}} System */
/** @typedef {{index: number, name: string, uuid: string, util_gpu: number | null, util_mem: number | null, mem_total: number | null, mem_used: number | null, temp_c: number | null, power_w: number | null, power_limit_w: number | null, clock_sm: number | null, clock_mem: number | null, fan: number | null, processes: {pid: number, bytes: number}[], slices?: {index: number, name: string, mem_total: number | null, mem_used: number | null}[], trouble?: string | null, trouble_code?: string | null}} Gpu */
/** @typedef {{available: boolean, reason?: string, reason_code?: string | null, driver?: string, cuda?: string | null, gpus: Gpu[]}} Gpus */
/** @typedef {{time: number[], series: Record<string, (number | null)[]>}} History of the machine, and of GPUs as `gpu/0/util_gpu` */
/** @typedef {{system: System | null, gpus: Gpus | null, history: History, error: any, absent: boolean}} Machine */

const EVERY_MS = 2000;
const MINUTES = 10;
/** @type {Machine} */
const NOTHING = { system: null, gpus: null, history: { time: [], series: {} }, error: null, absent: false };

/** @returns {Machine} `absent`: no plugin of this viewer measures machines */
export function useMachine() {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Map<number, Record<string, number | null>>} */
    const moments = new Map();
    let last = 0;
    const ask = async () => {
      if (document.hidden) return;
      const options = { signal: abort.signal, quiet: true };
      const seconds = Math.min(3600, last ? Math.ceil(Date.now() / 1000 - last) + 5 : MINUTES * 60);
      try {
        const [system, gpus, machine, cards] = await Promise.all([get('system', {}, options), get('gpu', {}, options), get('system/history', { seconds }, options), get('gpu/history', { seconds }, options)]);
        for (const [i, time] of machine.time.entries()) put(moments, time, Object.fromEntries(Object.entries(machine.series).map(([name, values]) => [name, /** @type {any} */ (values)[i]])));
        for (const [i, time] of cards.time.entries()) put(moments, time, Object.fromEntries(cards.gpus.flatMap((/** @type {any} */ gpu) => KEPT.map((name) => [`gpu/${gpu.index}/${name}`, gpu[name][i]]))));
        const times = [...moments.keys()].sort((a, b) => a - b);
        for (const time of times) if (time < (times.at(-1) ?? 0) - MINUTES * 60) moments.delete(time);
        last = times.at(-1) ?? 0;
        setState({ system, gpus, history: columnsOf(moments), error: null, absent: false });
      } catch (error) {
        if (isAbort(error)) return;
        setState((old) => ({ ...old, error, absent: /** @type {any} */ (error).status === 404 }));
      }
      timer = setTimeout(ask, EVERY_MS);
    };
    const seen = () => { clearTimeout(timer); ask(); };
    ask();
    document.addEventListener('visibilitychange', seen);
    return () => { abort.abort(); clearTimeout(timer); document.removeEventListener('visibilitychange', seen); };
  }, []);
  return state;
}

const KEPT = ['util_gpu', 'mem_used', 'temp_c', 'power_w'];

/** @param {Map<number, Record<string, number | null>>} moments @param {number} time @param {Record<string, number | null>} values */
const put = (moments, time, values) => moments.set(time, { ...moments.get(time), ...values });

/** @param {Map<number, Record<string, number | null>>} moments @returns {History} */
function columnsOf(moments) {
  const time = [...moments.keys()].sort((a, b) => a - b);
  const names = new Set([...moments.values()].flatMap(Object.keys));
  return { time, series: Object.fromEntries([...names].map((name) => [name, time.map((at) => moments.get(at)?.[name] ?? null)])) };
}
