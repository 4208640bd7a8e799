/** Randomness of the probe: keys, masks and nonces, handed to the pure core. */

/** Fresh unpredictable bytes. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** Bytes drawn at a time for masks: enough for most checks. */
const POOL_BYTES = 64;
const MASK_BYTES = 4;

/** Makes a source of masking keys: four bytes each, drawn in larger portions. */
export function maskSource(): () => Uint8Array {
  let pool = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
      at = 0;
    }
    at += MASK_BYTES;
    return pool.subarray(at - MASK_BYTES, at);
  };
}

/** Random hexadecimal digits, two for each byte. */
export function randomHex(bytes: number): string {
  let digits = "";
  for (const byte of randomBytes(bytes)) digits += byte.toString(16).padStart(2, "0");
  return digits;
}
