// @ts-check
/** Single files out of a zip: its directory is at the end, each file is inflated when it is wanted. */

/** @typedef {{name: string, method: number, packed: number, size: number, at: number}} Entry */

/** @param {ArrayBuffer} zip @returns {Map<string, Entry>} by name */
export function entriesOf(zip) {
  const view = new DataView(zip);
  let end = zip.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new TypeError('this is no zip');
  const found = new Map();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new TypeError('the directory of the zip is broken');
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const name = new TextDecoder().decode(new Uint8Array(zip, at + 46, nameLength));
    found.set(name, { name, method: view.getUint16(at + 10, true), packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), at: view.getUint32(at + 42, true) });
    at += 46 + nameLength + extra + comment;
  }
  return found;
}

/** @param {ArrayBuffer} zip @param {Entry} entry @returns {Promise<Uint8Array>} */
export async function contentOf(zip, entry) {
  const view = new DataView(zip);
  const start = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
  const packed = new Uint8Array(zip, start, entry.packed);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw new TypeError(`packed in a way (${entry.method}) that is not known here`);
  return new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer());
}
