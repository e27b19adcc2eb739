/** What a run logged beside numbers, by step, and the same of runs beside it. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { query, setQuery } from '../../router.js';
import { useMedia } from '../../state/media.js';
import { titleOf } from '../../state/experiments.js';
import { runDetail } from '../../state/runs.js';
import { ErrorCard } from '../../components/feedback.js';
import { icons } from '../../components/icons.js';
import { MediaBoard } from '../../components/media-board.js';
import { RunPicker } from '../../components/run-picker.js';

/** @typedef {import('../../types').RunDetail} RunDetail */

/** @param {{run: RunDetail}} props */
export function Media({ run }) {
  const others = query.value.getAll('with');
  const beside = /** @type {RunDetail[]} */ (others.map((id) => runDetail(id).value.data).filter(Boolean));
  const runs = [run, ...beside];
  const nameOf = (/** @type {string} */ id) => { const found = beside.find((one) => one.id === id); return found ? titleOf(found) : id; };
  const { lists, error, retry } = useMedia(runs);
  const items = lists.get(run.path);
  if (error && !items) return html`<${ErrorCard} error=${error} what=${t('error.media')} retry=${retry} />`;
  if (!items) return null;
  if (items.length === 0 && beside.length === 0) return html`<p class="muted tab-empty">${t('media.none')}</p>`;
  return html`<${MediaBoard} runs=${runs} lists=${lists} single=${beside.length === 0}>
    ${others.map((id) => html`<button key=${id} class="chip on" onClick=${() => setQuery({ with: others.filter((one) => one !== id) })} aria-label=${t('media.without', { name: nameOf(id) })}>${nameOf(id)} ${icons.close()}</button>`)}
    <${RunPicker} label=${t('media.beside')} project=${run.project} except=${[run.id, ...others]} value="" none=${t('media.choose')} onChoose=${(/** @type {string} */ id) => setQuery({ with: [...others, id] })} /></${MediaBoard}>`;
}
