// @ts-check
/**
 * Files that are sent as one: a tar of the files themselves, which the browser reads from the disk while it sends. Nothing
 * of them is held in memory, and the viewer unpacks it like any other.
 */

/** @typedef {{path: string, file: File}} Picked a file and its place, with "/" */

export const MOST = 100_000;
const BLOCK = 512;
const text = new TextEncoder();

/** What was dropped: files, and the files of folders. @param {DataTransfer} transfer @returns {Promise<Picked[]>} */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.length) return [...transfer.files].map((file) => ({ path: file.name, file }));
  /** @type {Picked[]} */
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/** What an input holds; of a folder with its paths. @param {FileList} files @returns {Picked[]} */
export const picked = (files) => [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** @param {any} entry @param {Picked[]} found */
async function walk(entry, found) {
  if (found.length > MOST) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
    found.push({ path: entry.fullPath.replace(/^\/+/, ''), file });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // it gives a hundred at a time
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return;
    for (const inner of some) await walk(inner, found);
  }
}

/** One file as it is, several as one. @param {Picked[]} files @returns {{name: string, body: Blob}} */
export function packed(files) {
  if (files.length === 1 && !files[0].path.includes('/')) return { name: files[0].file.name, body: files[0].file };
  const tops = new Set(files.map(({ path }) => path.split('/')[0]));
  const folder = tops.size === 1 ? [...tops][0] : 'files';
  /** @type {BlobPart[]} */
  const parts = [];
  for (const { path, file } of files) {
    parts.push(...headers(path, file), file, new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return { name: `${folder.replaceAll('.', '_')}.tar`, body: new Blob(parts) };
}

/** The header of a file; before it one that holds a name of any length in any language. @param {string} path @param {File} file */
function headers(path, file) {
  const record = pax('path', path) + (file.size >= 8 ** 11 ? pax('size', String(file.size)) : '');
  const long = text.encode(record);
  const padded = new Uint8Array(Math.ceil(long.length / BLOCK) * BLOCK);
  padded.set(long);
  const seconds = Math.max(0, Math.floor(file.lastModified / 1000));
  return [header('name', long.length, seconds, 'x'), padded, header('file', Math.min(file.size, 8 ** 11 - 1), seconds, '0')];
}

/** A record of its own length, as POSIX has it. @param {string} key @param {string} value */
function pax(key, value) {
  const rest = ` ${key}=${value}\n`;
  const size = text.encode(rest).length;
  let length = size;
  while (String(length).length + size !== length) length = String(length).length + size;
  return `${length}${rest}`;
}

/** @param {string} name @param {number} size @param {number} seconds @param {string} kind */
function header(name, size, seconds, kind) {
  const block = new Uint8Array(BLOCK);
  const put = (/** @type {number} */ at, /** @type {string} */ value) => block.set(text.encode(value), at);
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) => `${Math.floor(value).toString(8).padStart(digits, '0')}\0`;
  put(0, name);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(seconds, 11));
  put(148, ' '.repeat(8));
  put(156, kind);
  put(257, 'ustar\u000000');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
