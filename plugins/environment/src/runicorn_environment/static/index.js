// @ts-check
/** The code that a run kept (`run.snapshot_code()`), where its media are looked at. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { html } from 'runicorn';
import { Code } from './code.js';

const styles = document.createElement('link');
styles.rel = 'stylesheet';
styles.href = new URL('code.css', import.meta.url).href;
document.head.append(styles);

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  panels: [{
    id: 'environment.code',
    match: (item) => item.type === 'code',
    mount(el, ctx) {
      const stop = effect(() => {
        void ctx.locale.value;
        // of code that was kept more than once the last one counts
        const byKey = new Map(ctx.media.value.map((item) => [item.key, item]));
        render(html`<div>${[...byKey.values()].map((item) => html`<${Code} key=${item.key} item=${item} ctx=${ctx} />`)}</div>`, el);
      });
      return () => { stop(); render(null, el); };
    },
  }],
  i18n: {
    en: {
      'ec.files': '{n, plural, one{# file} other{# files}}', 'ec.leftOut': '{n} left out for their size', 'ec.save': 'Save as zip', 'ec.list': 'Files', 'ec.search': 'Search files',
      'ec.more': 'and {n} more', 'ec.choose': 'Choose a file to read it.', 'ec.missing': 'The archive has no {path}', 'ec.binary': 'This is no text.',
    },
    'zh-CN': {
      'ec.files': '{n} 个文件', 'ec.leftOut': '{n} 个因过大未保存', 'ec.save': '另存为 zip', 'ec.list': '文件', 'ec.search': '搜索文件',
      'ec.more': '还有 {n} 个', 'ec.choose': '选择一个文件阅读。', 'ec.missing': '归档中没有 {path}', 'ec.binary': '这不是文本。',
    },
  },
};
