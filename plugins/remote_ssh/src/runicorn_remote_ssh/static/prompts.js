// @ts-check
/** What a host asks on the way in: a password, a passphrase, a second factor. Answers leave with the request. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';

/**
 * @param {{ctx: import('runicorn').Context, asked: import('./api.js').Asked, busy: boolean, keeps: boolean,
 *   onAnswer: (answers: string[] | null, remember: boolean) => void}} props `keeps`: there is a safe place for secrets
 */
export function Prompt({ ctx, asked, busy, keeps, onAnswer }) {
  const { t } = ctx;
  const [answers, setAnswers] = useState(asked.questions.map(() => ''));
  const [remember, setRemember] = useState(false);
  const first = useRef(/** @type {any} */ (null));
  useEffect(() => first.current?.focus(), []);
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); onAnswer(answers, remember); };
  return html`<section class="notice remote-key" role="alertdialog" aria-label=${t('remote.prompt', { user: asked.username, host: asked.host })}><form class="remote-prompt" onSubmit=${submit}>
    <div><strong>${t('remote.prompt', { user: asked.username, host: asked.host })}</strong>${asked.title && html` <span class="soft">${asked.title}</span>`}</div>
    ${asked.questions.map((question, index) => html`<label key=${index} class="remote-field"><span>${question.text.trim().replace(/:$/, '') || t(`remote.prompt.${asked.kind}`)}</span>
      <input class="input" ref=${index === 0 ? first : undefined} type=${question.secret ? 'password' : 'text'} autocomplete=${question.secret ? 'off' : 'one-time-code'} value=${answers[index]}
        onInput=${(/** @type {any} */ event) => setAnswers(answers.map((old, at) => (at === index ? event.target.value : old)))} /></label>`)}
    <div class="row">${keeps && asked.kind !== 'interactive' && html`<label><input type="checkbox" checked=${remember} onChange=${(/** @type {any} */ event) => setRemember(event.target.checked)} /> ${t('remote.remember')}</label>`}<span class="sp"></span>
      <button type="button" class="button" disabled=${busy} onClick=${() => onAnswer(null, false)}>${t('remote.cancel')}</button><button class="button primary" disabled=${busy}>${t('remote.answer')}</button></div></form></section>`;
}
