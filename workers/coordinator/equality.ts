/** Comparison of secrets without an early exit, so that timing tells neither length nor beginning. */

/** Whether two texts are the same. */
export async function isEqualSecret(first: string, second: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(first), digest(second)]);
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
