/** Where the columns of a grid are: pinned ones stay left, of the others only those in sight are drawn. */

/** @typedef {{id: string, width: number, pinned: boolean, left: number, index: number}} Placed */
/** @typedef {{cells: Placed[], pinned: Placed[], rest: Placed[], pinnedWidth: number, width: number}} Layout */

/** @param {{id: string, width: number, pinned: boolean}[]} columns @returns {Layout} */
export function layoutOf(columns) {
  const ordered = [...columns.filter((column) => column.pinned), ...columns.filter((column) => !column.pinned)];
  let left = 0;
  const cells = ordered.map((column, index) => {
    const placed = { ...column, left, index };
    left += column.width;
    return placed;
  });
  const pinned = cells.filter((cell) => cell.pinned);
  const pinnedWidth = pinned.reduce((sum, cell) => sum + cell.width, 0);
  return { cells, pinned, rest: cells.slice(pinned.length), pinnedWidth, width: left };
}

/** The first and last of `rest` that are in sight. @param {Layout} layout @param {number} scrolled px @param {number} width px of the window @returns {[number, number]} */
export function inSight({ rest, pinnedWidth }, scrolled, width) {
  const from = scrolled + pinnedWidth;
  const to = scrolled + width;
  let first = rest.findIndex((cell) => cell.left + cell.width > from);
  if (first < 0) first = Math.max(0, rest.length - 1);
  let last = first;
  while (last + 1 < rest.length && rest[last + 1].left < to) last += 1;
  return [first, last];
}
