/** English with accents and half as long again, to see which places are too small for other languages: `?lang=en-XA`. */
import en from './en.js';

const LETTERS = { a: 'á', c: 'ç', e: 'é', i: 'í', n: 'ñ', o: 'ö', s: 'š', u: 'ü', y: 'ý', A: 'Å', C: 'Ç', E: 'É', O: 'Ø', S: 'Š' };

/** What stands in braces is not text. @param {string} text */
function lengthened(text) {
  let depth = 0;
  const accented = [...text].map((letter) => {
    if (letter === '{') depth += 1;
    if (letter === '}') depth -= 1;
    return depth === 0 ? LETTERS[/** @type {keyof typeof LETTERS} */ (letter)] ?? letter : letter;
  }).join('');
  const more = '~'.repeat(Math.ceil(text.replace(/\{.*\}/g, '').length * 0.4));
  return `⟦${accented}${more.replace(/~{8}/g, '$& ').trimEnd()}⟧`;
}

export default Object.fromEntries(Object.entries(en).map(([key, text]) => [key, lengthened(text)]));
