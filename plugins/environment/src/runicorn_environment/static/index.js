// @ts-check
/** The code that a run kept (`run.snapshot_code()`), where its media are looked at. */
import { html, mountComponent } from 'runicorn';
import { Code } from './code.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  panels: [{
    id: 'environment.code',
    match: (item) => item.type === 'code',
    mount: mountComponent(Codes, { styles: new URL('code.css', import.meta.url) }),
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

/** Of code that was kept more than once the last one counts. @param {{ctx: import('runicorn').Context}} props */
function Codes({ ctx }) {
  const byKey = new Map(ctx.media.value.map((item) => [item.key, item]));
  return [...byKey.values()].map((item) => html`<${Code} key=${item.key} item=${item} ctx=${ctx} />`);
}
