/**
 * Keeps the structured log readable while something fails at every tick: the same failure is
 * printed once a minute, with how often it came in between.
 */
import type { ClockPort, LogLine } from "./ports.ts";

/** How often one and the same failure is printed, in milliseconds. */
const REPEAT_EVERY_MS = 60_000;

/** A `print` that holds repeated failures back. */
export function quieten(print: (line: LogLine) => void, clock: ClockPort): (line: LogLine) => void {
  const held = new Map<string, { printedAtMs: number; repeats: number }>();
  return (line) => {
    if (line.event !== "failure") {
      print(line);
      return;
    }
    const nowMs = clock.nowMs();
    const key = `${String(line["what"])}\n${String(line["error"])}`;
    const last = held.get(key);
    if (last !== undefined && nowMs - last.printedAtMs < REPEAT_EVERY_MS) {
      last.repeats += 1;
      return;
    }
    for (const [other, { printedAtMs }] of held) {
      if (nowMs - printedAtMs >= REPEAT_EVERY_MS) held.delete(other);
    }
    held.set(key, { printedAtMs: nowMs, repeats: 0 });
    const repeats = last?.repeats ?? 0;
    print(repeats === 0 ? line : { ...line, repeats });
  };
}
