/** 比较页：表格、列之间的关系、代码。 */
export default {
  'compare.title': '比较', 'compare.heading': '比较 {n, plural, other{# 个运行}}', 'compare.baseline': '基线：', 'compare.add': '添加运行', 'compare.views': '比较的各部分',
  'compare.tables': '参数与结果', 'compare.charts': '图表', 'compare.explore': '关系', 'compare.code': '代码与环境', 'compare.isBase': '基线', 'compare.remove': '移出 {name}', 'compare.run': '运行',
  'compare.params': '参数', 'compare.differing': '{total} 项中有 {n} 项不同', 'compare.onlyDifferent': '仅显示不同', 'compare.transpose': '转置', 'compare.differs': '与基线不同', 'compare.allSame': '全部相同。',
  'compare.figure': '取值：', 'compare.patch': '{name} 未提交的改动', 'compare.none': '没有可比较的运行', 'compare.noneText': '地址中没有此项目的运行。请在此选择：', 'compare.toWorkspace': '工作区',
  'explore.nothing': '这些运行的参数、指标和时长都没有差别。', 'explore.goal': '着色依据：',
  'parallel.title': '平行坐标', 'parallel.label': '{total} 个运行中有 {n} 个通过', 'parallel.count': '{total, plural, other{# 个运行}}中的 {n} 个', 'parallel.all': '所有值', 'parallel.add': '坐标轴', 'parallel.remove': '移除坐标轴 {name}', 'parallel.clear': '清除筛选', 'parallel.open': '在工作区打开 {n, plural, other{# 个运行}}',
  'parallel.hint': '沿坐标轴拖动以筛选，点击以取消；用键盘时方向键移动上端，按住 Shift 移动下端。',
  'scatter.title': '散点图', 'scatter.label': '{y} 对 {x}：{n, plural, other{# 个运行}}', 'importance.title': '秩相关', 'importance.param': '参数', 'importance.runs': '运行数',
  'importance.none': '至少需要 {n} 个参数与取值不同的运行。',
  'importance.note': '斯皮尔曼 ρ：秩的相关系数，相等的值取平均秩（Spearman 1904）。取值 −1 到 1；对类别取相关最强的一类，按 1 对 0 计算。它只说明这些运行中的次序，不说明因果。',
};
