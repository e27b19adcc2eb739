/** What a panel or page is given: signals, data, charts. All of it ends with the panel. */
import { computed, effect, signal } from '@preact/signals';
import { request } from '../api.js';
import { locale, t } from '../i18n/index.js';
import { navigate, param, setQuery } from '../router.js';
import { dark } from '../state/prefs.js';
import { onNotice, onTopic } from '../state/live.js';
import { smoothing, xAxis } from '../state/workspace.js';
import { toast } from '../components/feedback.js';
import { makeChart } from './chart.js';
import { noteFailure } from './registry.js';

/** @typedef {import('@preact/signals').ReadonlySignal<any>} Source */
/** @typedef {{project: Source, runs: Source, visible: Source, media: Source, step: Source, watch?: (run: string) => void}} Scope */

const theme = computed(() => (dark.value ? 'dark' : 'light'));

/**
 * @param {{plugin: string, id: string, scope: Scope, signal: AbortSignal}} options
 * @returns {import('runicorn').Context}
 */
export function makeContext({ plugin, id, scope, signal: over }) {
  /** Run what is the plugin's; what it throws is its own. @param {() => void} work */
  const guarded = (work) => {
    if (over.aborted) return;
    try { work(); } catch (error) { noteFailure(plugin, error); }
  };
  /** @param {() => void} stop */
  const atEnd = (stop) => over.addEventListener('abort', stop, { once: true });
  /**
   * A signal of the plugin's own that follows one of ours a moment later: an effect of the plugin that throws,
   * throws there, not where ours was set; and nothing of ours holds on to it after the end.
   * @param {Source} source
   */
  const mirror = (source) => {
    const mine = signal(source.peek());
    atEnd(effect(() => {
      const value = source.value;
      queueMicrotask(() => guarded(() => { mine.value = value; }));
    }));
    return mine;
  };
  return {
    project: mirror(scope.project), runs: mirror(scope.runs), visible: mirror(scope.visible), media: mirror(scope.media), step: mirror(scope.step),
    xAxis: mirror(xAxis), smoothing: mirror(smoothing), theme: mirror(theme), locale: mirror(locale),
    signal: over,
    fetchJson(path, options = {}) {
      const url = new URL(path, location.origin);
      if (url.origin !== location.origin) throw new TypeError(`fetchJson asks this viewer only, not ${url.origin}`);
      const { signal: own, ...rest } = options;
      return request(url.pathname + url.search, { quiet: true, ...rest, signal: own ? AbortSignal.any([over, own]) : over });
    },
    subscribe(topic, fn) {
      const [kind, run] = topic.split(/:(.*)/s);
      if (kind === 'topic' && run) {
        const stop = onTopic(run, () => guarded(() => fn({ run: '', topic: run })));
        atEnd(stop);
        return stop;
      }
      if (kind !== 'metrics' && kind !== 'status') throw new TypeError(`there is no topic ${topic}; there are metrics, status, metrics:RUN, status:RUN and topic:NAME`);
      if (run) scope.watch?.(run);
      const stop = onNotice((id_, notice) => {
        if (run && run !== id_) return;
        if (kind === 'metrics' && notice) guarded(() => fn({ run: id_, ...notice }));
        if (kind === 'status' && !notice) guarded(() => fn({ run: id_ }));
      });
      atEnd(stop);
      return stop;
    },
    chart(el, options) {
      const chart = makeChart(el, options);
      atEnd(chart.destroy);
      return chart;
    },
    urlState(key, fallback = '') {
      const name = `${id}.${key}`;
      const mine = mirror(param(name, fallback));
      return {
        get value() { return mine.value; },
        set value(value) {
          mine.value = value;
          setQuery({ [name]: value === fallback ? null : value });
        },
        peek: () => mine.peek(),
        subscribe: (fn) => mine.subscribe(fn),
      };
    },
    t, toast, navigate,
  };
}
