/**
 * With which of a network's coordinators a new monitor is placed. It stays there: another number of
 * coordinators moves no monitor, and with it no open incident. Pure.
 */

/** Monitors that one coordinator has room for: what it holds of them fits into its memory. */
export const COORDINATOR_MONITORS = 10_000;

/** Most coordinators that a network may have: every page asks all of them. */
export const COORDINATORS_MAX = 16;

/** Parses `COORDINATOR_SHARDS`, the number of coordinators; null: it is not valid. */
export function parseCoordinators(text: string): number | null {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= COORDINATORS_MAX ? count : null;
}

/** What a coordinator has already. */
export interface CoordinatorLoad {
  /** Counted from 0. */
  coordinator: number;
  monitors: number;
  /** Of these the ones in the new monitor's group; 0 where it has none. */
  kin: number;
}

/**
 * Chooses a coordinator: the one that has most of the monitor's group, while it has room, because
 * alerts are gathered and inhibited within one; else the one with the fewest monitors.
 *
 * @param loads of those that have any; the others have none
 * @param count number of coordinators; loads beyond it are the first's
 */
export function choosePlacement(loads: readonly CoordinatorLoad[], count: number): number {
  const known = Array.from({ length: count }, () => ({ monitors: 0, kin: 0 }));
  for (const { coordinator, monitors, kin } of loads) {
    const load = known[coordinator] ?? known[0];
    if (load === undefined) continue;
    load.monitors += monitors;
    load.kin += kin;
  }
  let best = 0;
  for (const [index, load] of known.entries()) {
    const chosen = known[best] ?? load;
    const [kin, chosenKin] = [kinWithRoom(load), kinWithRoom(chosen)];
    if (kin > chosenKin || (kin === chosenKin && load.monitors < chosen.monitors)) best = index;
  }
  return best;
}

function kinWithRoom({ monitors, kin }: { monitors: number; kin: number }): number {
  return monitors < COORDINATOR_MONITORS ? kin : 0;
}
