// @ts-check
/** What is said, in both languages. */
export const words = {
  en: {
    'mp.at': 'step {n}', 'mp.notYet': 'not yet at this step', 'mp.save': 'Save the file', 'mp.saveOf': 'Save {name}',
    'mp.layers': 'What is drawn', 'mp.boxes': 'boxes', 'mp.score': 'score from {n}', 'mp.seek': 'Click to play from there',
    'mp.sound': '{duration} · {rate} Hz · {channels, plural, one{mono} other{# channels}}', 'mp.cannotPlay': 'This browser cannot show the file.',
    'mp.frames': '{n, plural, one{# frame} other{# frames}}', 'mp.fps': '{n} per second', 'mp.search': 'Search all cells',
    'mp.rows': '{from}–{to} of {n}', 'mp.noRows': 'No rows', 'mp.previousRows': 'Previous rows', 'mp.nextRows': 'Next rows',
    'mp.noFinite': 'No finite values', 'mp.values': '{n} values', 'mp.nonFinite': '{n} not finite', 'mp.overSteps': 'Distributions from step {from} to step {to}',
    'mp.notDrawn': 'Not drawn here: {kinds}. The data of the figure:', 'mp.data': 'Data', 'mp.traces': 'Traces', 'mp.more': '{n} more characters in the file', 'mp.sandbox': 'Shown without scripts.', 'mp.open': 'Open', 'mp.close': 'Close', 'mp.csv': 'All rows as CSV; media are named by their files',
    'mp.kind.image': 'Image', 'mp.kind.audio': 'Audio', 'mp.kind.video': 'Video', 'mp.kind.figure': 'Figure', 'mp.kind.histogram': 'Histogram', 'mp.kind.text': 'Text', 'mp.kind.html': 'Page', 'mp.kind.table': 'Table',
  },
  'zh-CN': {
    'mp.at': '第 {n} 步', 'mp.notYet': '此步尚无内容', 'mp.save': '保存文件', 'mp.saveOf': '保存 {name}',
    'mp.layers': '显示内容', 'mp.boxes': '边框', 'mp.score': '分数不低于 {n}', 'mp.seek': '点击从此处播放',
    'mp.sound': '{duration} · {rate} Hz · {channels, plural, one{单声道} other{# 声道}}', 'mp.cannotPlay': '此浏览器无法显示该文件。',
    'mp.frames': '{n} 帧', 'mp.fps': '每秒 {n} 帧', 'mp.search': '搜索所有单元格',
    'mp.rows': '第 {from}–{to} 行，共 {n} 行', 'mp.noRows': '没有行', 'mp.previousRows': '上一页', 'mp.nextRows': '下一页',
    'mp.noFinite': '没有有限值', 'mp.values': '{n} 个值', 'mp.nonFinite': '{n} 个非有限值', 'mp.overSteps': '第 {from} 步到第 {to} 步的分布',
    'mp.notDrawn': '此处不绘制：{kinds}。图形的数据：', 'mp.data': '数据', 'mp.traces': '数据系列', 'mp.more': '文件中还有 {n} 个字符', 'mp.sandbox': '不运行脚本。', 'mp.open': '打开', 'mp.close': '关闭', 'mp.csv': '将所有行保存为 CSV；媒体以文件名表示',
    'mp.kind.image': '图像', 'mp.kind.audio': '音频', 'mp.kind.video': '视频', 'mp.kind.figure': '图表', 'mp.kind.histogram': '直方图', 'mp.kind.text': '文本', 'mp.kind.html': '网页', 'mp.kind.table': '表格',
  },
};
