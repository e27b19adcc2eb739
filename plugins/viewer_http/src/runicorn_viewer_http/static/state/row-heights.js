/**
 * Heights of very many rows, of which most have the usual one: where a row begins and which row is at a place,
 * both in a number of steps that grows with the logarithm. A Fenwick tree of what differs from the usual height.
 */

/** @param {number} usual px */
export function rowHeights(usual) {
  let capacity = 1024;
  let tree = new Float64Array(capacity + 1);
  /** @type {Map<number, number>} */
  const known = new Map();

  /** @param {number} row @param {number} by */
  function add(row, by) {
    while (row >= capacity) {
      const larger = new Float64Array(capacity * 2 + 1);
      larger.set(tree);
      larger[capacity * 2] = tree[capacity];
      capacity *= 2;
      tree = larger;
    }
    for (let i = row + 1; i <= capacity; i += i & -i) tree[i] += by;
  }

  return {
    /** @param {number} row @param {number} height px @returns {number} by how much it changed */
    set(row, height) {
      const by = height - (known.get(row) ?? usual);
      if (by !== 0) { known.set(row, height); add(row, by); }
      return by;
    },
    /** Where a row begins: the heights of all rows before it. @param {number} row */
    top(row) {
      let sum = row * usual;
      for (let i = Math.min(row, capacity); i > 0; i -= i & -i) sum += tree[i];
      return sum;
    },
    /** The row that is at a place. @param {number} y @returns {number} */
    at(y) {
      let row = 0;
      let left = Math.max(0, y);
      for (let step = capacity; step > 0; step >>= 1) {
        if (row + step > capacity) continue;
        const height = step * usual + tree[row + step];
        if (height <= left) { row += step; left -= height; }
      }
      return row + Math.floor(left / usual) * Number(row === capacity);
    },
    clear() {
      known.clear();
      tree.fill(0);
    },
  };
}
