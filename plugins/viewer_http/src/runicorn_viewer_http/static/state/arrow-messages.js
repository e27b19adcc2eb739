/** An Arrow stream cut into its messages while it comes, so that what is here can be drawn before the rest is. */

const SCHEMA = 1;
const DICTIONARY = 2;
const RECORDS = 3;

/**
 * Every record batch as a stream of its own: the messages that stand before all of them, then this one.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Uint8Array[]>} at least one, without records where the stream has none
 */
export async function* recordBatches(body) {
  const reader = body.getReader();
  /** @type {Uint8Array<ArrayBuffer>} what came and was not used yet: the first `size` bytes */
  let pieces = new Uint8Array(1 << 16);
  let [size, found] = [0, 0];
  /** @type {Uint8Array[]} */
  const before = [];
  for (let over = false; !over;) {
    const { done, value } = await reader.read();
    over = done;
    if (value) {
      if (size + value.length > pieces.length) {
        const larger = new Uint8Array(2 * (size + value.length));
        larger.set(pieces.subarray(0, size));
        pieces = larger;
      }
      pieces.set(value, size);
      size += value.length;
    }
    let at = 0;
    for (let message = messageAt(pieces, at, size); message; message = messageAt(pieces, at, size)) {
      const own = pieces.slice(at, message.end);
      at = message.end;
      if (message.kind === SCHEMA || message.kind === DICTIONARY) before.push(own);
      else if (message.kind === RECORDS) { found += 1; yield [...before, own]; }
    }
    pieces.copyWithin(0, at, size);
    size -= at;
  }
  if (found === 0) yield before;
}

/** The message that begins at a place, if all of it is here. @param {Uint8Array<ArrayBuffer>} bytes @param {number} at @param {number} size */
function messageAt(bytes, at, size) {
  const view = new DataView(bytes.buffer);
  if (size - at < 8) return null;
  const length = view.getInt32(at + 4, true); // after four bytes of 0xff
  if (length === 0 || size - at < 8 + length) return null;
  const table = at + 8 + view.getInt32(at + 8, true);
  const fields = table - view.getInt32(table, true);
  const known = view.getUint16(fields, true);
  /** @param {number} number of a field of the table; 0 where it has its default */
  const place = (number) => (4 + 2 * number < known ? view.getUint16(fields + 4 + 2 * number, true) : 0);
  const end = at + 8 + length + (place(3) ? Number(view.getBigInt64(table + place(3), true)) : 0);
  return end > size ? null : { kind: place(1) ? bytes[table + place(1)] : 0, end };
}
