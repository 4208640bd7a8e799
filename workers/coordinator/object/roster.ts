/**
 * All monitors of a network, whichever of its coordinators judges them: what is told of the network as
 * a whole names them. The first coordinator of several keeps a list; to a single one it is its own
 * configuration. Pure.
 */
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";

/** A list that is never changed, only replaced. */
type Roster = readonly RosterMonitor[];

const indexes = new WeakMap<Roster, ReadonlyMap<string, RosterMonitor>>();

/** All monitors, in their order. */
export function membersOf(roster: Roster, config: PublishedConfig | null): Roster {
  return roster.length > 0 ? roster : (config?.monitors ?? []);
}

/** One of them; undefined: there is none of that id. */
export function findMember(
  { roster, config }: { roster: Roster; config: PublishedConfig | null },
  id: string,
): RosterMonitor | undefined {
  const own = findMonitor(config, id);
  if (own !== undefined || roster.length === 0) return own;
  let index = indexes.get(roster);
  if (index === undefined) {
    index = new Map(roster.map((monitor) => [monitor.id, monitor]));
    indexes.set(roster, index);
  }
  return index.get(id);
}
