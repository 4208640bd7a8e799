/** Waiting for what real processes do in their own time: asks again until a deadline. */
import { setTimeout as pause } from "node:timers/promises";

/** Pause between two looks, in milliseconds. */
const LOOK_EVERY_MS = 50;

/**
 * Waits until `look` gives something other than null or false.
 *
 * @throws Error that names what was waited for, with the last thing seen, when the time is up
 */
export async function eventually<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | null | false> | T | null | false,
  describe: () => unknown = () => undefined,
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (Date.now() >= deadlineMs) {
      const last = JSON.stringify(await describe()) ?? "";
      throw new Error(`not within ${withinMs} ms: ${what}${last === "" ? "" : `; ${last}`}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
