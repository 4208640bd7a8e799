/** Work that goes on after a request was answered. */
import type { Context } from "hono";

/**
 * Lets work outlive its request, where the runtime ends requests: Node has no such thing.
 *
 * @param work must not fail: nobody would hear of it
 */
export function keepAlive(context: Pick<Context, "executionCtx">, work: Promise<unknown>): void {
  let execution: Pick<Context["executionCtx"], "waitUntil"> | null;
  try {
    execution = context.executionCtx;
  } catch {
    execution = null;
  }
  execution?.waitUntil(work);
}
