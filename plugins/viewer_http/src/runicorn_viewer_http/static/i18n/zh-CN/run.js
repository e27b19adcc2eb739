/** 单个运行：日志。 */
export default {
  'logs.previous': '上一个匹配', 'logs.previousTitle': '上一个匹配 (N, Shift+Enter)', 'logs.next': '下一个匹配', 'logs.nextTitle': '下一个匹配 (n, Enter)',
  'logs.atOf': '第 {i} / {n} 行', 'logs.atOfMore': '前 {n} 行中的第 {i} 行', 'logs.only': '仅显示匹配', 'logs.wrap': '换行',
};
