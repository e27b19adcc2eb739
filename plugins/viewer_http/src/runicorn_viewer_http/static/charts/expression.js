/**
 * Formulas over metrics, e.g. `train/loss - val/loss` or `100 * abs("val acc" - 1)`.
 *
 *   sum     = product (("+" | "-") product)*
 *   product = unary (("*" | "/" | "%") unary)*
 *   unary   = "-" unary | power
 *   power   = atom ("^" unary)?                      right to left, binds tighter than a minus before it
 *   atom    = number | function "(" sum ("," sum)* ")" | metric | "(" sum ")"
 *
 * A metric is the longest name of a known one that stands there, or a word with `/` and `.` inside it, or any name in
 * double quotes or backticks. So `a/b` is the metric a/b where there is one, and otherwise a divided by b where those
 * are known. Nothing is ever evaluated as a program: a formula becomes a tree of closures over numbers.
 */

/** `plain`: it is one metric as it stands. @typedef {{keys: string[], evaluate: (values: ArrayLike<number>) => number, plain: boolean}} Formula */
/** @typedef {(values: ArrayLike<number>) => number} Node */

/** A formula that cannot be read: a code of the dictionary and the place in the text. */
export class FormulaError extends Error {
  /** @param {string} code @param {number} at @param {string} [term] */
  constructor(code, at, term = '') {
    super(code);
    this.code = code;
    this.at = at;
    this.term = term;
  }
}

/** @type {Record<string, {least: number, most: number, fn: (...args: number[]) => number}>} */
const FUNCTIONS = {
  abs: { least: 1, most: 1, fn: Math.abs }, sqrt: { least: 1, most: 1, fn: Math.sqrt }, exp: { least: 1, most: 1, fn: Math.exp },
  log: { least: 1, most: 1, fn: Math.log }, log2: { least: 1, most: 1, fn: Math.log2 }, log10: { least: 1, most: 1, fn: Math.log10 },
  sign: { least: 1, most: 1, fn: Math.sign }, min: { least: 1, most: 99, fn: Math.min }, max: { least: 1, most: 99, fn: Math.max },
};
const DEEPEST = 100;
const WORD = /[A-Za-z_\p{L}][\w.\p{L}]*(?:\/[A-Za-z_\p{L}][\w.\p{L}]*)*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy;
const INSIDE_WORD = /[\w\p{L}]/u;

/**
 * @param {string} text @param {Iterable<string>} known names of metrics
 * @returns {Formula}
 * @throws {FormulaError} with `formula.empty`, `formula.syntax`, `formula.unknown`, `formula.arguments` or `formula.deep`
 */
export function parseFormula(text, known) {
  const names = [...known].sort((a, b) => b.length - a.length);
  /** @type {string[]} */
  const keys = [];
  let at = 0;
  let depth = 0;

  const skip = () => { while (/\s/.test(text[at] ?? '')) at += 1; };
  /** @param {string} signs @returns {string} the sign that stands here, or '' */
  const take = (signs) => {
    skip();
    if (at >= text.length || !signs.includes(text[at])) return '';
    at += 1;
    return text[at - 1];
  };
  /** @param {RegExp} pattern */
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };

  /** @param {string} name @returns {Node} */
  const metric = (name) => {
    if (!keys.includes(name)) keys.push(name);
    const index = keys.indexOf(name);
    return (values) => values[index];
  };

  /** @returns {Node} */
  function sum() {
    if ((depth += 1) > DEEPEST) throw new FormulaError('formula.deep', at);
    let left = product();
    for (let sign = take('+-'); sign; sign = take('+-')) {
      const [a, b] = [left, product()];
      left = sign === '+' ? (v) => a(v) + b(v) : (v) => a(v) - b(v);
    }
    depth -= 1;
    return left;
  }

  /** @returns {Node} */
  function product() {
    let left = unary();
    for (let sign = take('*/%'); sign; sign = take('*/%')) {
      const [a, b] = [left, unary()];
      left = sign === '*' ? (v) => a(v) * b(v) : sign === '/' ? (v) => a(v) / b(v) : (v) => a(v) % b(v);
    }
    return left;
  }

  /** @returns {Node} */
  function unary() {
    if ((depth += 1) > DEEPEST) throw new FormulaError('formula.deep', at);
    let node;
    if (take('-')) {
      const inner = unary();
      node = (/** @type {ArrayLike<number>} */ v) => -inner(v);
    } else {
      node = power();
    }
    depth -= 1;
    return node;
  }

  /** @returns {Node} */
  function power() {
    const base = atom();
    if (!take('^')) return base;
    const exponent = unary();
    return (v) => base(v) ** exponent(v);
  }

  /** @returns {Node} */
  function atom() {
    skip();
    const start = at;
    if (take('(')) {
      const inner = sum();
      if (!take(')')) throw new FormulaError('formula.syntax', at, text.slice(at, at + 12));
      return inner;
    }
    const quote = take('"`');
    if (quote) {
      const end = text.indexOf(quote, at);
      if (end < 0) throw new FormulaError('formula.syntax', start, text.slice(start, start + 12));
      const name = text.slice(at, end);
      at = end + 1;
      return metric(name);
    }
    const longest = names.find((name) => name && text.startsWith(name, at) && !(INSIDE_WORD.test(name.at(-1) ?? '') && INSIDE_WORD.test(text[at + name.length] ?? '')));
    const word = match(WORD);
    if (word in FUNCTIONS && take('(')) return call(word, start);
    at = start;
    if (longest) {
      at += longest.length;
      return metric(longest);
    }
    const digits = match(NUMBER);
    if (digits) {
      const value = Number(digits);
      return () => value;
    }
    if (word) throw new FormulaError('formula.unknown', start, word);
    throw new FormulaError(text.trim() ? 'formula.syntax' : 'formula.empty', start, text.slice(start, start + 12));
  }

  /** @param {string} name @param {number} start @returns {Node} */
  function call(name, start) {
    const { least, most, fn } = FUNCTIONS[name];
    const args = [sum()];
    while (take(',')) args.push(sum());
    if (!take(')')) throw new FormulaError('formula.syntax', at, text.slice(at, at + 12));
    if (args.length < least || args.length > most) throw new FormulaError('formula.arguments', start, name);
    if (args.length === 1) return (v) => fn(args[0](v));
    return (v) => fn(...args.map((arg) => arg(v)));
  }

  const root = sum();
  skip();
  if (at < text.length) throw new FormulaError('formula.syntax', at, text.slice(at, at + 12));
  return { keys, evaluate: root, plain: false };
}

/** A metric's own name is that metric, whatever signs are in it. @param {string} text @param {Set<string>} known @returns {Formula} */
export function formulaOf(text, known) {
  if (known.has(text)) return { keys: [text], evaluate: (values) => values[0], plain: true };
  return parseFormula(text, known);
}
