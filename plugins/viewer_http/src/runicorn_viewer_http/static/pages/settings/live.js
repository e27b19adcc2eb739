/** How new values come into the page. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { lastAnswer, offline } from '../../api.js';
import { formatTime } from '../../charts/format.js';
import { liveState } from '../../state/live.js';
import { running } from '../../state/experiments.js';

export const Live = () => html`<div class="card"><h2>${t('settings.live')}</h2>
  <div class="settings-row"><span>${t('settings.liveState')}</span><b class=${offline.value ? 'err' : ''}>${liveState.value === 'live' ? t('live.live', { n: running.value.length }) : t(`live.${liveState.value}`)}</b></div>
  <div class="settings-row"><span>${t('settings.lastAnswer')}</span><span>${formatTime(lastAnswer.value / 1000)}</span></div>
  <p class="soft">${t('settings.liveText')}</p></div>`;
