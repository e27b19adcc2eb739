/** What runs that broke said last: their exception, or the last line of their log. */
import { useEffect, useState } from 'preact/hooks';
import { get, seg } from '../api.js';
import { plain } from '../components/ansi.js';

/** @typedef {import('../types').ExperimentRow} Row */
const LINES = 20;
/** It does not change once a run has ended. @type {Map<string, string>} */
const known = new Map();

/** By folder; '' where there is nothing. @param {Row[]} rows @returns {ReadonlyMap<string, string>} */
export function useLastWords(rows) {
  const [words, setWords] = useState(/** @type {ReadonlyMap<string, string>} */ (known));
  const broken = rows.filter((row) => row.status === 'failed' || row.status === 'crashed');
  const asked = broken.map((row) => row.path).join('\n');
  useEffect(() => {
    const abort = new AbortController();
    Promise.all(broken.filter((row) => !known.has(row.path)).map((row) => lastWords(row, abort.signal).then((text) => known.set(row.path, text), () => {})))
      .then(() => { if (!abort.signal.aborted) setWords(new Map(known)); });
    return () => abort.abort();
  }, [asked]);
  return words;
}

/** @param {Row} row @param {AbortSignal} signal */
async function lastWords(row, signal) {
  const options = { signal, quiet: true };
  const run = `runs/${seg(row.id)}`;
  if (row.status === 'failed') {
    const { exit } = await get(run, { path: row.path }, options);
    const text = [exit?.type, exit?.message].filter(Boolean).join(': ').split('\n')[0];
    if (text) return text;
  }
  const { lines } = await get(`${run}/logs`, { path: row.path, tail: LINES }, options);
  const texts = lines.map((/** @type {{text: string}} */ line) => plain(line.text).trim());
  return texts.findLast(Boolean) ?? '';
}
