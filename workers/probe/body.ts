/** Bodies of HTTP answers that are not trusted to end, or to be small. */
import { settleBy } from "./deadline.ts";

/**
 * The beginning of a body, as far as it arrives by a moment of `monotonicNowMs`; the rest is
 * cancelled. Never rejects.
 */
export async function bodyStart(
  response: Response,
  bytesMax: number,
  deadlineMs: number,
): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < bytesMax) {
    const settled = await settleBy(reader.read(), deadlineMs);
    if (settled.type !== "value" || settled.value.done) break;
    chunks.push(settled.value.value);
    length += settled.value.value.length;
  }
  await settleBy(reader.cancel(), deadlineMs);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.subarray(0, bytesMax);
}
