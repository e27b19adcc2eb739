/** Colours for numbers: viridis, which grows evenly in lightness and is read with any colour vision. */

const STOPS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]];

/** In the dark theme from its lighter half on, in the light one without the palest end. @param {number} share 0 to 1 @param {boolean} dark */
export function viridis(share, dark) {
  const at = (dark ? 0.25 + 0.75 * share : 0.85 * share) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.max(0, Math.floor(at)));
  const mixed = STOPS[i].map((value, k) => Math.round(value + (STOPS[i + 1][k] - value) * (at - i)));
  return `rgb(${mixed.join(' ')})`;
}
