/** From series to the lines of a panel: formulas, the difference to the baseline, groups with their bands, smoothing. */
import { aggregate, combine, minus } from './combine.js';
import { smooth } from './smoothing.js';

/** @typedef {import('../types').Line} Line @typedef {import('../types').Series} Series */
/** @typedef {import('./expression.js').Formula} Formula */
/** @typedef {{path: string, id: string, name: string, color: string, dash: number[], origin: number, group: string | null}} PanelRun */
/** @typedef {{text: string, formula: Formula}} Expression */
/**
 * @typedef {object} Recipe
 * @property {PanelRun[]} runs
 * @property {Expression[]} expressions
 * @property {(run: PanelRun, key: string) => Series | null} series what is here of a metric of a run
 * @property {PanelRun | null} base the run that the others are compared with; null: values as they are
 * @property {'std' | 'minmax' | null} band null: runs one by one
 * @property {(group: string, n: number) => string} groupName
 * @property {(i: number) => {color: string, dash: number[]}} look colours of groups, and of the formulas of a lone run
 */

const DASHES = [[], [6, 3], [2, 3], [8, 2, 2, 2]];

/** @param {Recipe} recipe @returns {{lines: Line[], missing: number}} `missing`: series that are still on their way */
export function linesOf(recipe) {
  const { runs, expressions, base } = recipe;
  /** @type {Line[]} */
  const lines = [];
  let missing = 0;
  expressions.forEach(({ text, formula }, index) => {
    /** @type {{run: PanelRun, series: Series}[]} */
    const found = [];
    for (const run of runs) {
      const parts = formula.keys.map((key) => recipe.series(run, key));
      if (parts.some((part) => part === null)) { missing += 1; continue; }
      found.push({ run, series: made(formula, /** @type {Series[]} */ (parts)) });
    }
    const floor = base && floorOf(recipe, base, formula);
    if (base && !floor) { missing += 1; return; }
    const several = expressions.length > 1;
    const drawn = found.map(({ run, series }) => {
      const look = several && runs.length === 1 ? recipe.look(index) : { color: run.color, dash: several ? DASHES[index % DASHES.length] : run.dash };
      return {
        id: run.path, key: `${run.path}\n${text}`, name: several ? (runs.length === 1 ? text : `${run.name} · ${text}`) : run.name, ...look,
        series: floor ? difference(series, floor) : series, smooth: null, group: run.group,
      };
    }).filter(({ series }) => series.x.length > 0 || series.bad.length > 0);
    if (recipe.band === null) lines.push(...drawn);
    else lines.push(...grouped(drawn, recipe, several ? text : ''));
  });
  return { lines, missing };
}

/** @param {Recipe} recipe @param {PanelRun} base @param {Formula} formula */
function floorOf(recipe, base, formula) {
  const parts = formula.keys.map((key) => recipe.series(base, key));
  return parts.every(Boolean) ? made(formula, /** @type {Series[]} */ (parts)) : null;
}

/** @param {(Line & {group: string | null})[]} members @param {Recipe} recipe @param {string} text @returns {Line[]} */
function grouped(members, { band, groupName, look, runs }, text) {
  const order = [...new Set(runs.map((run) => run.group ?? ''))];
  return order.flatMap((group, index) => {
    const own = members.filter((line) => (line.group ?? '') === group);
    if (own.length === 0) return [];
    const { series, low, high } = bandOf(own.map((line) => line.series), band ?? 'std');
    const { color, dash } = look(index);
    const name = groupName(group, own.length);
    return [
      ...own.map((line) => ({ ...line, color, dash: [], faint: true })),
      { id: `group:${group}`, key: `group:${group}\n${text}`, name: text ? `${name} · ${text}` : name, color, dash, series, smooth: null, band: { low, high } },
    ];
  });
}

/** Adds the smoothed curve of each line that people read. @param {Line[]} lines @param {number} amount @param {number} range the full x range @param {boolean} logX */
export function smoothLines(lines, amount, range, logX) {
  for (const line of lines) if (!line.faint) line.smooth = smoothed(line.series, amount, range, logX);
}

// --- What has been computed for a series is kept as long as the series ---------------------------------------

/** @type {WeakMap<Series, Map<string, Float64Array | null>>} */
const smoothCache = new WeakMap();

/** @param {Series} series @param {number} amount @param {number} range @param {boolean} logX */
function smoothed(series, amount, range, logX) {
  const known = smoothCache.get(series) ?? new Map();
  smoothCache.set(series, known);
  const key = `${amount} ${range} ${logX}`;
  if (!known.has(key)) {
    known.clear();
    known.set(key, smooth(logX ? series.x.map((x) => Math.log10(x)) : series.x, series.mean, amount, range));
  }
  return known.get(key) ?? null;
}

/** @type {WeakMap<Series, {formula: Formula, parts: Series[], series: Series}[]>} */
const madeCache = new WeakMap();

/** @param {Formula} formula @param {Series[]} parts */
function made(formula, parts) {
  if (formula.plain) return parts[0];
  if (parts.length === 0) return combine(formula, parts);
  const known = madeCache.get(parts[0]) ?? [];
  madeCache.set(parts[0], known);
  const found = known.find((one) => one.formula === formula && one.parts.every((part, i) => part === parts[i]));
  if (found) return found.series;
  const series = combine(formula, parts);
  known.splice(0, known.length > 3 ? 1 : 0);
  known.push({ formula, parts, series });
  return series;
}

/** @type {WeakMap<Series, {base: Series, series: Series}>} */
const differences = new WeakMap();

/** @param {Series} series @param {Series} base */
function difference(series, base) {
  const known = differences.get(series);
  if (known?.base === base) return known.series;
  const made = { base, series: minus(series, base) };
  differences.set(series, made);
  return made.series;
}

/** @type {WeakMap<Series, {members: Series[], kind: string, made: ReturnType<typeof aggregate>}[]>} */
const bands = new WeakMap();

/** @param {Series[]} members @param {'std' | 'minmax'} kind */
function bandOf(members, kind) {
  const known = bands.get(members[0]) ?? [];
  bands.set(members[0], known);
  const found = known.find((one) => one.kind === kind && one.members.length === members.length && one.members.every((member, i) => member === members[i]));
  if (found) return found.made;
  const made = aggregate(members, kind);
  known.splice(0, known.length > 3 ? 1 : 0);
  known.push({ members, kind, made });
  return made;
}
