/** One step for all that is shown: a slider, arrows, and playing. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n/index.js';

const FRAME_MS = 400;

/** @param {{steps: number[], at: number, onChoose: (index: number) => void, children?: any}} props */
export function StepBar({ steps, at, onChoose, children }) {
  const [playing, play] = useState(false);
  const latest = useRef({ at, steps, onChoose });
  latest.current = { at, steps, onChoose };
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => {
      const now = latest.current;
      if (now.at < now.steps.length - 1) now.onChoose(now.at + 1);
      // at the last step it is over at once: whoever steps back then is not taken along again
      if (now.at >= now.steps.length - 2) play(false);
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [playing]);
  const start = () => {
    // at the end there is nothing left to play
    if (!playing && at >= steps.length - 1) onChoose(0);
    play(!playing);
  };
  return html`<div class="bar media-bar"><button class="button" disabled=${at === 0} onClick=${() => onChoose(at - 1)} aria-label=${t('media.previous')}>←</button>
    <input type="range" min="0" max=${steps.length - 1} value=${at} onInput=${(/** @type {any} */ e) => onChoose(Number(e.target.value))} aria-label=${t('media.step')} aria-valuetext=${t('chart.step', { n: steps[at] })} />
    <button class="button" disabled=${at === steps.length - 1} onClick=${() => onChoose(at + 1)} aria-label=${t('media.next')}>→</button>
    <button class="button" disabled=${steps.length < 2} aria-pressed=${playing} onClick=${start}>${playing ? '❚❚' : '▶'} ${t(playing ? 'media.pause' : 'media.play')}</button>
    <span class="nowrap media-step">${t('chart.step', { n: steps[at] })} <span class="muted">${t('media.position', { i: at + 1, n: steps.length })}</span></span>
    <span class="sp"></span>${children}</div>`;
}
