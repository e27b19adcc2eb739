/** The compare page: tables, relations between columns, code. */
export default {
  'compare.title': 'Compare', 'compare.heading': 'Compare {n, plural, one{# run} other{# runs}}', 'compare.baseline': 'baseline:', 'compare.add': 'add a run', 'compare.views': 'Parts of the comparison',
  'compare.tables': 'Parameters and results', 'compare.charts': 'Charts', 'compare.explore': 'Relations', 'compare.code': 'Code and environment', 'compare.isBase': 'baseline', 'compare.remove': 'Leave {name} out', 'compare.run': 'run',
  'compare.params': 'Parameters', 'compare.differing': '{n} of {total} differ', 'compare.onlyDifferent': 'only differences', 'compare.transpose': 'transpose', 'compare.differs': 'differs from the baseline', 'compare.allSame': 'All of them are equal.',
  'compare.figure': 'value:', 'compare.patch': 'Uncommitted changes of {name}', 'compare.none': 'No run to compare', 'compare.noneText': 'The address names no run of this project. Choose some in', 'compare.toWorkspace': 'the workspace',
  'explore.nothing': 'These runs have no parameter, metric or duration in which they differ.', 'explore.goal': 'colour by:',
  'parallel.title': 'Parallel coordinates', 'parallel.label': '{n} of {total} runs pass', 'parallel.count': '{n} of {total, plural, one{# run} other{# runs}}', 'parallel.all': 'all values', 'parallel.add': 'axis', 'parallel.remove': 'Remove the axis {name}', 'parallel.clear': 'Clear filters', 'parallel.open': 'Open {n, plural, one{# run} other{# runs}} in the workspace',
  'parallel.hint': 'Drag along an axis to filter, click it to take the filter away; with the keyboard, arrow keys move the upper end and with Shift the lower one.',
  'scatter.title': 'Scatter', 'scatter.label': '{y} over {x}: {n, plural, one{# run} other{# runs}}', 'importance.title': 'Rank correlation', 'importance.param': 'parameter', 'importance.runs': 'runs',
  'importance.none': 'At least {n} runs with differing parameters and values are needed.',
  'importance.note': 'Spearman’s ρ: the correlation of ranks, equal values sharing the mean of theirs (Spearman 1904). From −1 to 1; of categories, the one that goes along most, as 1 against 0. It tells of order in these runs, not of causes.',
};
