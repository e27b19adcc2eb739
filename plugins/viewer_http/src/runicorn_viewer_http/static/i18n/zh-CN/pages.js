/** 设置、系统、命令面板、键盘。 */
export default {
  'palette.title': '转到或执行', 'palette.placeholder': '项目、运行、指标、页面、操作…', 'palette.none': '没有名称包含“{text}”的内容。', 'palette.open': '搜索全部 (Ctrl+K)',
  'palette.runs': '运行', 'palette.projects': '项目', 'palette.pages': '页面', 'palette.actions': '操作', 'palette.metrics': '指标', 'palette.settings': '设置', 'action.copyLink': '复制此页链接',
  'settings.title': '设置', 'settings.general': '通用', 'settings.appearance': '外观', 'settings.storage': '存储', 'settings.live': '实时', 'settings.plugins': '插件', 'settings.keyboard': '键盘', 'settings.about': '关于',
  'settings.language': '语言', 'settings.here': '保存在此浏览器中。', 'settings.theme': '主题', 'settings.theme.system': '跟随系统', 'settings.theme.light': '浅色', 'settings.theme.dark': '深色', 'settings.motion': '系统要求减少动态效果时，页面不会有动画。',
  'settings.section': '配置：{name}', 'settings.nextStart': '更改在下次启动时生效。', 'settings.liveState': '当前', 'settings.lastAnswer': '最近一次响应', 'settings.liveText': '运行中的数值会自动更新。隐藏的标签页会暂停，再次查看时会补上。',
  'settings.root': '文件夹', 'settings.backend': '读取方式', 'settings.runs': '运行', 'settings.index': '已读取', 'settings.indexing': '{total} 个运行中的 {n} 个；其余运行的数值暂缺', 'settings.indexed': '全部运行', 'settings.checks': '检查', 'settings.checkOk': '正常', 'settings.checkBad': '异常',
  'error.storage': '无法读取存储', 'about.text': '本地实验跟踪。任何数据都不会离开本机。', 'about.api': 'HTTP 接口的 OpenAPI 描述', 'about.libraries': '页面使用的库',
  'system.title': '系统', 'system.absent': '没有测量本机', 'system.absentText': '由插件 environment 负责，它可能已停用或未安装。参见', 'error.system': '无法测量本机', 'system.every': '页面打开时测量', 'system.unavailable': '无法测量处理器和内存：',
  'system.cpu': '处理器', 'system.cores': '{n, plural, other{# 核}}', 'system.load': '1 分钟负载', 'system.eachCore': '各核：{list}', 'system.memory': '内存', 'system.usedOf': '{used} / {total}', 'system.swap': '交换 {used}', 'system.disk': '运行所在磁盘', 'system.diskFree': '已用 {used}，可用 {free}', 'system.diskRate': '读 {read}/秒，写 {written}/秒',
  'system.net': '网络', 'system.netRate': '接收 {received}/秒，发送 {sent}/秒', 'system.received': '接收', 'system.sent': '发送', 'system.noGpu': '没有 GPU：', 'system.gpuBusy': '使用率', 'system.gpuMemory': '显存', 'system.fan': '风扇', 'system.processes': '进程：', 'system.chart': '最近十分钟的{what}',
  'help.everywhere': '任何页面', 'help.palette': '搜索全部', 'help.goHome': '项目', 'help.goCharts': '图表', 'help.goTable': '表格', 'help.goLogs': '运行的日志', 'help.goSettings': '设置', 'help.charts': '图表与运行', 'help.table': '在表格中', 'help.logs': '在日志中',
  'help.cells': '在单元格间移动', 'help.choose': '选择运行', 'help.chooseRange': '选择到此处', 'help.openOrEdit': '打开；修改标签或备注', 'help.edit': '修改名称、标签或备注', 'help.delete': '移入回收站', 'help.columns': '选择列', 'help.undo': '撤销（也可用 Ctrl+Z）', 'help.moveColumn': '移动列', 'help.widenColumn': '调整列宽', 'help.matches': '下一个、上一个匹配', 'help.wrap': '长行换行',
  'home.stepOf': '第 {n} / {total} 步', 'home.left': '剩余 {time}', 'home.progress': '{name} 的进度', 'home.storage': '存储', 'home.free': '可用 {free}', 'home.checks': '检查全部通过', 'home.checksBad': '{n, plural, other{# 项检查未通过}}',
  'home.sort': '排序：', 'home.sort.activity': '最近活动', 'home.sort.name': '名称', 'home.sort.runs': '运行数量', 'home.star': '给 {name} 加星标',
  'empty.open': '运行在别的文件夹里？', 'empty.openText': '用它启动查看器：', 'empty.openLabel': '运行所在的文件夹', 'empty.openPlaceholder': '文件夹路径', 'empty.openExample': '/path/to/runs', 'empty.openAlways': '以后都用它', 'empty.openSaved': '已保存：新的运行和下次启动的查看器会使用它。',
  'empty.import': '来自其他工具的运行？', 'empty.importText': 'Runicorn 归档，以及 TensorBoard、W&B（离线）、MLflow 和旧版 Runicorn 写下的内容，可以这样导入：', 'empty.importCommand': 'runicorn import /path/to/them',
};
