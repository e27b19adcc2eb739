// @ts-check
/** What a host asks on the way in: a password, a passphrase, a second factor. Answers leave with the request. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'runicorn';
import { useKeeping } from './secrets.js';

/**
 * @param {{ctx: import('runicorn').Context, asked: import('./api.js').Asked, busy: boolean, place: string | undefined,
 *   onAnswer: (answers: string[] | null, remember: boolean) => void}} props `place`: where secrets are kept
 */
export function Prompt({ ctx, asked, busy, place, onAnswer }) {
  const { t } = ctx;
  const [answers, setAnswers] = useState(asked.questions.map(() => ''));
  const keeping = useKeeping(ctx, mayBeKept(asked) ? place : undefined);
  const first = useRef(/** @type {any} */ (null));
  useEffect(() => first.current?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (await keeping.prepared()) onAnswer(answers, keeping.on);
  };
  const name = t('remote.prompt', { user: asked.username, host: asked.host });
  return html`<section class="notice remote-key" role="alertdialog" aria-label=${name}><form class="remote-prompt" onSubmit=${submit}>
    <div><strong>${name}</strong>${asked.again && html` <span class="err">${t('remote.prompt.wrong')}</span>`}${asked.about && html` <span class="soft">${asked.about}</span>`}</div>
    ${asked.questions.map((question, index) => html`<label key=${index} class="remote-field"><span>${(asked.kind === 'interactive' && question.text.trim().replace(/:$/, '')) || t(`remote.prompt.${asked.kind}`)}</span>
      <input class="input" ref=${index === 0 ? first : undefined} type=${question.secret ? 'password' : 'text'} autocomplete=${question.secret ? 'off' : 'one-time-code'} value=${answers[index]}
        onInput=${(/** @type {any} */ event) => setAnswers(answers.map((old, at) => (at === index ? event.target.value : old)))} /></label>`)}
    ${keeping.view}
    <div class="row"><span class="sp"></span>
      <button type="button" class="button" disabled=${busy} onClick=${() => onAnswer(null, false)}>${t('remote.cancel')}</button><button class="button primary" disabled=${busy}>${t('remote.answer')}</button></div></form></section>`;
}

/** A code is good once; a password and a passphrase are not. @param {import('./api.js').Asked} asked */
const mayBeKept = ({ kind, questions }) => kind !== 'interactive' || (questions.length === 1 && questions[0].secret && /password/i.test(questions[0].text));
