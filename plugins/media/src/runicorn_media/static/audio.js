// @ts-check
/** Sounds: the browser's player below the waveform. */
import { useRef, useState } from 'preact/hooks';
import { formatDuration, html } from 'runicorn';

/** @param {import('./gallery.js').Props} props */
export function Sound({ item, ctx }) {
  const player = useRef(/** @type {HTMLAudioElement | null} */ (null));
  const [share, setShare] = useState(0);
  /** @type {number[]} */ const peaks = item.fields.peaks ?? [];
  const { sample_rate: rate, channels, duration_s: duration } = item.fields;
  const seek = (/** @type {MouseEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const audio = player.current;
    if (audio && Number.isFinite(audio.duration)) audio.currentTime = ((event.clientX - box.left) / box.width) * audio.duration;
  };
  const follow = () => { const audio = player.current; if (audio?.duration) setShare(audio.currentTime / audio.duration); };
  return html`<div>
    ${peaks.length > 0 && html`<div class="mp-wave" onClick=${seek} title=${ctx.t('mp.seek')}>
      <svg viewBox=${`0 -1000 ${peaks.length / 2} 2000`} preserveAspectRatio="none" aria-hidden="true"><path d=${outline(peaks)} /></svg>
      <div class="mp-played" style=${{ width: `${share * 100}%` }}><svg viewBox=${`0 -1000 ${peaks.length / 2} 2000`} preserveAspectRatio="none" aria-hidden="true" style=${{ width: `${share > 0 ? 100 / share : 100}%` }}><path d=${outline(peaks)} /></svg></div></div>`}
    <audio ref=${player} class="mp-audio" controls preload="none" src=${item.url} aria-label=${item.caption || item.key} onTimeUpdate=${follow} onSeeked=${follow}></audio>
    ${rate && html`<p class="muted mp-facts">${ctx.t('mp.sound', { duration: duration < 60 ? `${duration.toFixed(2)} s` : formatDuration(duration), rate, channels })}</p>`}
  </div>`;
}

/** Lowest and highest values as one closed line. @param {number[]} peaks */
function outline(peaks) {
  const up = [], down = [];
  for (let i = 0; i < peaks.length; i += 2) {
    const x = i / 2;
    up.push(`${x},${-Math.max(peaks[i + 1], peaks[i] + 8)} ${x + 1},${-Math.max(peaks[i + 1], peaks[i] + 8)}`);
    down.unshift(`${x + 1},${-peaks[i]} ${x},${-peaks[i]}`);
  }
  return `M${[...up, ...down].join(' L')}Z`;
}
