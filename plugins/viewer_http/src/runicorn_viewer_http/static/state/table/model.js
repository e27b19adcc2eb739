/** What stands in each line of the runs table: a run, or the head of a group with its runs below it while it is open. */

/** @typedef {import('./source.js').PagedRows} PagedRows @typedef {import('./source.js').RunRow} RunRow @typedef {import('./groups.js').Group} Group */
/** @typedef {{kind: 'row', row: RunRow}} RowItem @typedef {{kind: 'group', group: Group, open: boolean}} GroupItem @typedef {RowItem | GroupItem} Item */
/**
 * @typedef {object} Model
 * @property {number} total lines
 * @property {(index: number) => Item | undefined} at the same object for the same thing, so that nothing is drawn twice
 * @property {(from: number, to: number) => void} need
 * @property {(from: number, to: number) => void} refresh
 */

/** @type {WeakMap<RunRow, RowItem>} */
const items = new WeakMap();

/** @param {RunRow | undefined} row @returns {RowItem | undefined} */
function itemOf(row) {
  if (!row) return undefined;
  let found = items.get(row);
  if (!found) { found = { kind: 'row', row }; items.set(row, found); }
  return found;
}

/** @param {PagedRows} rows @returns {Model} */
export const flatModel = (rows) => ({ total: rows.total.peek() ?? 0, at: (index) => itemOf(rows.at(index)), need: rows.need, refresh: rows.refresh });

/**
 * @param {Group[]} groups @param {ReadonlyMap<string, PagedRows>} open rows of the open groups by key @returns {Model}
 */
export function groupedModel(groups, open) {
  /** Where each group's head stands. @type {number[]} */
  const starts = [];
  let total = 0;
  const heads = groups.map((group) => {
    starts.push(total);
    const rows = open.get(group.key);
    total += 1 + (rows ? rows.total.peek() ?? group.n : 0);
    return /** @type {GroupItem} */ ({ kind: 'group', group, open: rows !== undefined });
  });
  const groupAt = (/** @type {number} */ index) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  /** @param {number} from @param {number} to @param {(rows: PagedRows, from: number, to: number) => void} act */
  const within = (from, to, act) => {
    for (let g = groupAt(from); g < groups.length && starts[g] <= to; g += 1) {
      const rows = open.get(groups[g].key);
      const first = Math.max(0, from - starts[g] - 1);
      const last = Math.min(to, (starts[g + 1] ?? total) - 1) - starts[g] - 1;
      if (rows && last >= first) act(rows, first, last);
    }
  };
  return {
    total,
    at(index) {
      if (index < 0 || index >= total) return undefined;
      const g = groupAt(index);
      return index === starts[g] ? heads[g] : itemOf(open.get(groups[g].key)?.at(index - starts[g] - 1));
    },
    need: (from, to) => within(from, to, (rows, first, last) => rows.need(first, last)),
    refresh: (from, to) => within(from, to, (rows, first, last) => rows.refresh(first, last)),
  };
}
