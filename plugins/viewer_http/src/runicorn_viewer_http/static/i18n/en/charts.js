/** The workspace: panels, groups, the run list's menus, the editor of panels. */
export default {
  'panel.menu': 'Settings of {metric}', 'panel.log': 'logarithmic y axis', 'panel.outliers': 'ignore outliers', 'panel.shade': 'shade least to greatest', 'panel.delta': 'difference to {name}',
  'panel.deltaNone': 'difference to a baseline (choose one in the run list)', 'panel.deltaTitle': 'Every curve minus that of {name}', 'panel.best': 'mark the best point', 'panel.range': 'y from, to',
  'panel.low': 'Lower end of the y axis', 'panel.high': 'Upper end of the y axis', 'panel.auto': 'auto', 'panel.resetOptions': 'As the toolbar says', 'panel.save': 'Save as',
  'panel.png': 'A picture', 'panel.svg': 'A drawing that can be scaled', 'panel.csv': 'Every value that was logged, as CSV', 'panel.table': 'Show as a table', 'panel.earlier': 'Move earlier', 'panel.later': 'Move later',
  'panel.copy': 'New panel from this one…', 'panel.edit': 'Change…', 'panel.remove': 'Remove', 'best.off': 'none', 'best.min': 'least', 'best.max': 'greatest',
  'table.all': '{n} rows', 'table.some': '{n} of {total} rows; the file has every value',
  'toolbar.xScale': 'x scale:', 'toolbar.metricAxis': 'a metric', 'toolbar.group': 'group:', 'toolbar.groupTitle': 'Draw runs with equal values as one curve of means', 'toolbar.band': 'band:', 'toolbar.deltaTitle': 'Show every curve minus that of {name}', 'toolbar.add': 'Panel',
  'group.off': 'none', 'group.none': 'no value', 'group.label': '{column} = {value} ({n} of {total, plural, one{# run} other{# runs}})', 'group.notDrawn': 'not drawn', 'band.std': 'mean ± std', 'band.minmax': 'min to max',
  'workspace.drawAll': 'Show all', 'section.up': 'Move {name} up', 'section.down': 'Move {name} down',
  'sort.summary': 'Summary', 'sort.ascending': 'Least first', 'sort.descending': 'Greatest first',
  'runs.menu': 'More for {name}', 'runs.solo': 'Show this run alone', 'runs.baseline': 'Make it the baseline', 'runs.noBaseline': 'No longer the baseline', 'runs.isBaseline': 'The baseline', 'runs.open': 'Open',
  'runs.color': 'Colour', 'runs.colorN': 'Colour {n}', 'runs.ownColor': 'Its own colour again',
  'editor.new': 'New panel', 'editor.change': 'Change the panel', 'editor.expressions': 'Metrics or formulas, one on each line', 'editor.hint': '+ - * / % ^ ( ) and abs sqrt exp log log2 log10 sign min max; names with blanks in double quotes',
  'editor.metrics': 'Add a metric', 'editor.title': 'Title', 'editor.section': 'Section', 'editor.save': 'Save panel',
  'formula.empty': 'A formula is missing', 'formula.syntax': 'This cannot be read: “{term}”', 'formula.unknown': 'There is no metric “{term}” in the visible runs', 'formula.arguments': '{term} was given too many or too few values', 'formula.deep': 'Too many brackets inside one another',
  'help.mousePan': 'Shift and drag: move along x', 'help.mouseAlone': 'With Alt: this panel only', 'help.mouseRange': 'Shift-click on an eye: all runs since the last one', 'help.arrows': 'Full screen: next, previous panel', 'help.baseline': 'Make the run the baseline',
};
