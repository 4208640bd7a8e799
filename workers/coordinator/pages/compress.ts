/** Compression, by the platform's streams. */

/** All of a body, compressed. */
export async function compress(
  body: BodyInit,
  format: "gzip" | "deflate",
): Promise<Uint8Array<ArrayBuffer>> {
  const { body: plain } = new Response(body);
  if (plain === null) return new Uint8Array();
  const packed = plain.pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
