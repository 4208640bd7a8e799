/**
 * Masking of client frames (RFC 6455 §5.3), four bytes at a time.
 *
 * Pure; imports nothing.
 */

/** Below this many bytes the views that word-wise work needs cost more than they save. */
const WORDWISE_BYTES_MIN = 48;

/**
 * Masks `bytes[start …]` in place with a four-byte key.
 *
 * Works by whole words where `start` is aligned in the underlying buffer; the key is read in the
 * machine's own byte order, so that the order does not matter.
 */
export function applyMask(bytes: Uint8Array, start: number, key: Uint8Array): void {
  const end = bytes.length;
  const aligned = (bytes.byteOffset + start) % 4 === 0;
  let index = start;
  if (aligned && end - start >= WORDWISE_BYTES_MIN) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, (end - start) >>> 2);
    const word = wordOf(key);
    for (let at = 0; at < words.length; at += 1) words[at] = (words[at] ?? 0) ^ word;
    index += words.length * 4;
  }
  for (; index < end; index += 1) {
    bytes[index] = (bytes[index] ?? 0) ^ (key[(index - start) & 3] ?? 0);
  }
}

function wordOf(key: Uint8Array): number {
  const copy = new Uint8Array(4);
  copy.set(key.subarray(0, 4));
  return new Uint32Array(copy.buffer)[0] ?? 0;
}
