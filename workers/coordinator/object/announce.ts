/**
 * The structured log of what has been committed: one line per transition of a monitor, and one per
 * change of a region's state, which is a fact about Echoquorum. Of what is history by the time that it
 * is judged one line says how much it was: a day's transitions at once are more than a log takes.
 * Never holds a secret: messages come from the quorum, which speaks of reasons, regions and times.
 */
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import type { Transition } from "../../../shared/monitor/verdict.ts";
import { STALE_JUDGEMENT_MS } from "./limits.ts";
import type { LogLine } from "./ports.ts";
import type { Changes, State } from "./state.ts";

/** Prints the lines of a committed step. */
export function announce(
  changes: Changes,
  state: Readonly<State>,
  print: (line: LogLine) => void,
  nowMs: number,
): void {
  for (const { region, from, to, why, atMs } of changes.regionTransitions) {
    const at = new Date(atMs).toISOString();
    print({ event: "region", region, from, to, message: why, at });
  }
  const isHistory = ({ atMs }: Transition) => nowMs - atMs > STALE_JUDGEMENT_MS;
  const history = changes.transitions.filter(isHistory);
  const [first, last] = [history[0], history.at(-1)];
  if (first !== undefined && last !== undefined) {
    const [from, to] = [first, last].map(({ atMs }) => new Date(atMs).toISOString());
    print({ event: "history", transitions: history.length, from: from ?? "", to: to ?? "" });
  }
  for (const transition of changes.transitions) {
    if (isHistory(transition)) continue;
    const monitor = findMonitor(state.config, transition.monitor);
    print({
      event: "transition",
      kind: transition.kind,
      monitor: transition.monitor,
      name: monitor?.name ?? transition.monitor,
      incident: transition.incident,
      from: transition.from,
      to: transition.to,
      message: transition.message,
      at: new Date(transition.atMs).toISOString(),
    });
  }
}
