/**
 * How a batch tells of its checks: one line of JSON per check as it ends, and a last one with what is
 * left. A body that ends without the last line was cut off.
 */
import type { Left, Observed } from "./batch.ts";

type Line = { observed: Observed } | { left: Left[] };

/** A reader that has gone away needs to hear no more. */
const ignore = () => undefined;

/**
 * Answers with what a batch tells, while it is under way.
 *
 * @param perform its failure cuts the body off
 * @returns the response, and the end of the batch, to be waited for by the invocation
 */
export function streamBatch(perform: (observe: (observed: Observed) => void) => Promise<Left[]>): {
  response: Response;
  over: Promise<void>;
} {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const write = (line: Line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`));
  const over = perform((observed) => void write({ observed }).catch(ignore))
    .then((left) => write({ left }))
    .then(() => writer.close())
    .catch((error: unknown) => writer.abort(error).catch(ignore));
  return { response: new Response(readable), over };
}

/**
 * Reads what a batch tells.
 *
 * @throws Error when the body is cut off, SyntaxError when it is damaged
 */
export async function readBatch(
  body: ReadableStream<Uint8Array>,
  observe: (observed: Observed) => void,
): Promise<Left[]> {
  let left: Left[] | null = null;
  let rest = "";
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const told = JSON.parse(line) as Line;
      if ("left" in told) left = told.left;
      else observe(told.observed);
    }
  };
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) take(chunk);
  if (left === null) throw new Error("the batch was cut off");
  return left;
}
