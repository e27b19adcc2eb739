/** Tracebacks of Python in a log: their inner lines can be folded away, so that the exception stands below its first line. */
import { plain } from '../components/ansi.js';

/** @typedef {{head: number, from: number, to: number}} Fold lines from..to stand between the first line and the exception */
const HEAD = /^Traceback \(most recent call last\):\s*$/;
/** Fewer are read as they are. */
const LEAST = 3;
const MOST = 500;

/**
 * The tracebacks that begin in lines from..to and are here to their end.
 * @param {(n: number) => import('../types').LogLine | undefined} line @param {number} from @param {number} to @returns {Fold[]}
 */
export function tracebacksIn(line, from, to) {
  const found = [];
  for (let n = from; n <= to; n += 1) {
    const head = line(n);
    if (!head || !HEAD.test(plain(head.text))) continue;
    let end = n + 1;
    while (end - n < MOST && /^\s/.test(plain(line(end)?.text ?? ''))) end += 1;
    if (line(end) && end - 1 - n >= LEAST) found.push({ head: n, from: n + 1, to: end - 1 });
  }
  return found;
}
