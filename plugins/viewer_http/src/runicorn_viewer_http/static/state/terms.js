/** The parts of a filter that are joined by `and` on its outermost level: what chips are made of. */

const PIECE = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[()]|\s+|[^\s()"']+/g;

/** @param {string} text @returns {string[]} one part where there is an `or` outside parentheses */
export function splitTerms(text) {
  /** @type {string[]} */
  const terms = [''];
  let depth = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '(') depth += 1;
    if (piece === ')') depth -= 1;
    if (depth === 0 && /^or$/i.test(piece)) return [text.trim()];
    if (depth === 0 && /^and$/i.test(piece)) terms.push('');
    else terms[terms.length - 1] += piece;
  }
  return terms.map((term) => term.trim()).filter(Boolean);
}

/** @param {string[]} terms */
export const joinTerms = (terms) => terms.join(' and ');
