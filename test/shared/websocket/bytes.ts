/** Small things about bytes that every test of this directory needs. */

const ENCODER = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Bytes from hexadecimal pairs; spaces are ignored. */
export function hex(pairs: string): Uint8Array {
  return Uint8Array.from(Buffer.from(pairs.replaceAll(" ", ""), "hex"));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The same bytes in pieces of `size`. */
export function chop(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
  return pieces;
}

/** The same bytes in pieces that end at the given places, which need not be in order. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    if (end > from) pieces.push(bytes.slice(from, end));
    from = Math.max(from, end);
  }
  return pieces;
}
