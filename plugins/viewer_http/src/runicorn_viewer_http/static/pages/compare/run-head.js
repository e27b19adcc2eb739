/** The head of a run's column: colour, name, and the way out of the comparison. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { hrefOf, titleOf } from '../../state/experiments.js';
import { dark } from '../../state/prefs.js';
import { colorOf } from '../../charts/palette.js';
import { icons } from '../../components/icons.js';
import { Swatch } from '../../components/swatch.js';

/** @param {{run: import('../../types').RunDetail, base: boolean, remove: ((path: string) => void) | null}} props */
export const RunHead = ({ run, base, remove }) => html`<span class="compare-run"><${Swatch} ...${colorOf(run, dark.value)} /><a class="cut" href=${hrefOf(run)} title=${run.path}>${titleOf(run)}</a>
  ${base && html`<span class="tag">${t('compare.isBase')}</span>`}${remove && html`<button class="ghost" aria-label=${t('compare.remove', { name: titleOf(run) })} title=${t('compare.remove', { name: titleOf(run) })} onClick=${() => remove(run.path)}>${icons.close()}</button>`}</span>`;
