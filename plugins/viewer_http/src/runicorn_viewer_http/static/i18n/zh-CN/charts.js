/** 工作区：面板、分组、运行列表的菜单、面板编辑器。 */
export default {
  'panel.menu': '{metric} 的设置', 'panel.log': '纵轴对数', 'panel.outliers': '忽略离群值', 'panel.shade': '填充最小到最大', 'panel.delta': '与 {name} 之差',
  'panel.deltaNone': '与基线之差（在运行列表中选择基线）', 'panel.deltaTitle': '每条曲线减去 {name} 的曲线', 'panel.best': '标出最佳点', 'panel.range': '纵轴从、到',
  'panel.low': '纵轴下端', 'panel.high': '纵轴上端', 'panel.auto': '自动', 'panel.resetOptions': '跟随工具栏', 'panel.save': '保存为',
  'panel.png': '图片', 'panel.svg': '可缩放的矢量图', 'panel.csv': '记录的每个值，CSV 格式', 'panel.table': '以表格显示', 'panel.earlier': '前移', 'panel.later': '后移',
  'panel.copy': '由此新建面板…', 'panel.edit': '修改…', 'panel.remove': '移除', 'best.off': '无', 'best.min': '最小', 'best.max': '最大',
  'table.all': '{n} 行', 'table.some': '{total} 行中的 {n} 行；文件中有每个值',
  'toolbar.xScale': '横轴刻度：', 'toolbar.metricAxis': '某个指标', 'toolbar.group': '分组：', 'toolbar.groupTitle': '把取值相同的运行画成一条均值曲线', 'toolbar.band': '带：', 'toolbar.deltaTitle': '显示每条曲线与 {name} 之差', 'toolbar.add': '面板',
  'group.off': '无', 'group.none': '无值', 'group.label': '{column} = {value}（{total, plural, other{# 个运行}}中的 {n} 个）', 'group.notDrawn': '未绘制', 'band.std': '均值 ± 标准差', 'band.minmax': '最小到最大',
  'workspace.drawAll': '全部显示', 'section.up': '上移 {name}', 'section.down': '下移 {name}',
  'sort.summary': '汇总', 'sort.ascending': '从小到大', 'sort.descending': '从大到小',
  'runs.menu': '{name} 的更多操作', 'runs.solo': '仅显示此运行', 'runs.baseline': '设为基线', 'runs.noBaseline': '不再作为基线', 'runs.isBaseline': '基线', 'runs.open': '打开',
  'runs.color': '颜色', 'runs.colorN': '颜色 {n}', 'runs.ownColor': '恢复原来的颜色',
  'editor.new': '新面板', 'editor.change': '修改面板', 'editor.expressions': '指标或公式，每行一个', 'editor.hint': '+ - * / % ^ ( ) 以及 abs sqrt exp log log2 log10 sign min max；含空格的名称用双引号',
  'editor.metrics': '添加指标', 'editor.title': '标题', 'editor.section': '分组', 'editor.save': '保存面板',
  'formula.empty': '缺少公式', 'formula.syntax': '无法读懂：“{term}”', 'formula.unknown': '可见的运行中没有指标“{term}”', 'formula.arguments': '{term} 的参数个数不对', 'formula.deep': '括号嵌套过深',
  'help.mousePan': '按住 Shift 拖动：沿横轴移动', 'help.mouseAlone': '按住 Alt：仅此面板', 'help.mouseRange': '按住 Shift 点击眼睛：自上次以来的所有运行', 'help.arrows': '全屏：下一个、上一个面板', 'help.baseline': '将该运行设为基线',
};
