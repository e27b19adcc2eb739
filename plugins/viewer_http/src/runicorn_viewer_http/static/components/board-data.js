/** What all panels of a board share: details of its runs, metrics, groups, the baseline. */
import { useMemo, useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { colorOf } from '../charts/palette.js';
import { board } from '../state/board.js';
import { experiments, titleOf } from '../state/experiments.js';
import { groupOf } from '../state/groups.js';
import { dark } from '../state/prefs.js';
import { detailsVersion, runDetail } from '../state/runs.js';
import * as ws from '../state/workspace.js';

/** @typedef {import('../types').ExperimentRow} Row @typedef {import('../types').RunDetail} RunDetail */

/** @param {(Row | RunDetail)[]} rows @param {boolean} single */
export function useBoardData(rows, single) {
  void detailsVersion.value;
  const isDark = dark.value;
  const column = single ? '' : ws.groupBy.value;
  const baseline = single ? null : board.value.baseline;
  const baseRow = baseline === null ? undefined : experiments.value?.find((row) => row.path === baseline);
  const loaded = rows.map((row) => ({ row, ...runDetail(row.id, row.path).value }));
  const found = loaded.map((one) => one.data).filter((one) => one !== null);
  const baseDetail = baseRow ? runDetail(baseRow.id, baseRow.path).value.data : null;
  const details = useSame(found);
  const all = useSame(baseDetail && !details.includes(baseDetail) ? [...details, baseDetail] : details);

  const having = useHaving(all);
  const asRun = (/** @type {Row | RunDetail} */ row, /** @type {RunDetail | null} */ detail) => ({
    id: row.id, path: row.path, name: titleOf(row), origin: row.started_at ?? row.created_at ?? 0,
    group: column && detail ? groupOf(detail, column) : null, ...colorOf(row, isDark),
  });
  return {
    details, having,
    runs: loaded.map(({ row, data }) => asRun(row, data)),
    base: baseRow && baseDetail ? asRun(baseRow, baseDetail) : null,
    failed: loaded.filter((one) => one.error && !one.data),
    waiting: loaded.some((one) => !one.data && !one.error),
    primary: useMemo(() => primaryOf(details), [details]),
  };
}

/** Metric to the folders of the runs that have it. It stays the same object until that changes. @param {RunDetail[]} details */
function useHaving(details) {
  const text = useMemo(() => details.map((run) => `${run.path}\n${run.metrics.map((metric) => metric.key).join('\n')}`).join('\n\n'), [details]);
  return useMemo(() => {
    /** @type {Map<string, Set<string>>} */
    const having = new Map();
    for (const run of details) {
      for (const { key } of run.metrics) {
        const set = having.get(key);
        if (set) set.add(run.path);
        else having.set(key, new Set([run.path]));
      }
    }
    return having;
  }, [text]);
}

/** Primary metrics and whether their least or greatest value is the best. @param {RunDetail[]} details @returns {Map<string, 'min' | 'max'>} */
function primaryOf(details) {
  return new Map(details.flatMap(({ best_metric: best }) => (best?.mode === 'min' || best?.mode === 'max' ? [[best.name, best.mode]] : [])));
}

/** The list of the last time, where its members are the same. @template T @param {T[]} list @returns {T[]} */
function useSame(list) {
  const last = useRef(list);
  if (last.current.length !== list.length || last.current.some((one, i) => one !== list[i])) last.current = list;
  return last.current;
}

/** How groups are named: value, and how many of its runs are in the panel. @param {string} column @param {{group: string | null}[]} runs @returns {(group: string, n: number) => string} */
export function groupNamer(column, runs) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const run of runs) sizes.set(run.group ?? '', (sizes.get(run.group ?? '') ?? 0) + 1);
  const short = column.replace(/^params\./, '');
  return (group, n) => t('group.label', { column: short, value: group || t('group.none'), n, total: sizes.get(group) ?? n });
}
