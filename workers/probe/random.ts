/** Randomness of the probe: keys, masks and nonces, handed to the pure core. */

/** Fresh unpredictable bytes. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** Bytes drawn at a time for masks. */
const POOL_BYTES = 1_024;

/** Makes a source of masking keys: four bytes each, drawn in larger portions. */
export function maskSource(): () => Uint8Array {
  let pool = new Uint8Array(0);
  return () => {
    if (pool.length < 4) pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    const mask = pool.subarray(0, 4);
    pool = pool.subarray(4);
    return mask;
  };
}

/** Random hexadecimal digits, two for each byte. */
export function randomHex(bytes: number): string {
  return Array.from(randomBytes(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
