import { effect } from '@preact/signals';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  panels: [{ id: 'acme.count', mount: mountCount }],
  i18n: { en: { 'acme.visible': '{n} runs are drawn' }, 'zh-CN': { 'acme.visible': '已绘制 {n} 个运行' } },
};

function mountCount(el, ctx) {
  const words = document.createElement('p');
  el.append(words);
  return effect(() => {
    words.textContent = ctx.locale.value && ctx.t('acme.visible', { n: ctx.visible.value.length });
  });
}
