/**
 * The rules of others, as their source or documentation says, each on its own. A check that fails is
 * a failure to them, whoever's fault it is; they judge at the moment a check ends.
 */
import type { Desk, Rule } from "./court.ts";
import type { Sight } from "./trace.ts";
import { INTERVAL_MS, REGIONS } from "./trace.ts";

/** Where rules of one or two places look from. */
const [PRIMARY = "", PEER = "", ...FURTHER] = REGIONS;
const RECHECK_MS = 30_000;

function failed(sight: Sight | null): boolean {
  return sight !== null && sight.result !== "up";
}

/** Alerts once for each series of failures that a rule calls down. */
function alarm(desk: Desk): { set: (down: boolean) => void; isDown: () => boolean } {
  let isDown = false;
  return {
    set: (down) => {
      if (down && !isDown) desk.alert();
      isDown = down;
    },
    isDown: () => isDown,
  };
}

/**
 * One place, three failures in a row: the first two are "pending". Any exception in a check is a
 * failure; the next success is "up".
 */
export const THREE_IN_A_ROW: Rule = {
  name: "one place, 3 failures in a row",
  source: "Uptime Kuma with 2 retries: louislam/uptime-kuma, server/model/monitor.js (maxretries)",
  start: (desk) => {
    const state = alarm(desk);
    let failures = 0;
    return (sight) => {
      if (sight.region !== PRIMARY) return;
      failures = failed(sight) ? failures + 1 : 0;
      state.set(failures >= 3);
    };
  },
};

/**
 * One place, and a second look half a minute after the first failure. The source goes on to three
 * failures (see {@link PEER_VETO} for the whole); this is the first step alone, which is common.
 */
export const RECHECK: Rule = {
  name: "one place, re-check after 30 s",
  source: "exit1.dev, smart verification: Mopra/exit1.dev.docs, app/alerting/page.mdx",
  start: (desk) => {
    const state = alarm(desk);
    let failures = 0;
    const take = (sight: Sight | null) => {
      if (sight === null) return;
      failures = failed(sight) ? failures + 1 : 0;
      state.set(failures >= 2);
      if (failures === 1) desk.after(RECHECK_MS, () => desk.look(PRIMARY, take));
    };
    return (sight) => {
      if (sight.region === PRIMARY) take(sight);
    };
  },
};

/**
 * Two places: a failure is unconfirmed until another place, asked at once, fails too. One that
 * cannot be had is replaced by the next; the target is up again with the next success.
 */
export const SECOND_OPINION: Rule = {
  name: "two places, both must fail",
  source: "Pingdom, second opinion: pingdom.com/blog/pingdom-say-my-site-is-down",
  start: (desk) => {
    const state = alarm(desk);
    const ask = (places: readonly string[]) => {
      const [place, ...rest] = places;
      if (place === undefined) return;
      desk.look(place, (sight) => {
        if (sight === null) ask(rest);
        else if (failed(sight)) state.set(true);
      });
    };
    return (sight) => {
      if (sight.region !== PRIMARY) return;
      if (!failed(sight)) state.set(false);
      else if (!state.isDown()) ask([PEER, ...FURTHER]);
    };
  },
};

/** Failures that make a target down, and the time in which they must happen. */
const VETO_FAILURES = 3;
const VETO_WINDOW_MS = 5 * 60_000;

/**
 * Two places with a veto: a failure counts when the peer, asked at once, fails too or cannot be
 * reached; three that count within five minutes are down. While they are gathered the primary looks
 * again every 30 s. A failure that the peer does not share is taken for a success.
 */
export const PEER_VETO: Rule = {
  name: "two places with veto, 3 times in 5 min",
  source:
    "exit1.dev, peer confirmation: Mopra/exit1.dev.docs, app/alerting/peer-confirmation/page.mdx; " +
    "re-checks: Mopra/exit1.dev, functions/src/config.ts",
  start: (desk) => {
    const state = alarm(desk);
    let counted: number[] = [];
    let rechecking = false;
    const count = (counts: boolean) => {
      const sinceMs = desk.nowMs - VETO_WINDOW_MS;
      counted = counts ? [...counted.filter((atMs) => atMs >= sinceMs), desk.nowMs] : [];
      if (!counts || counted.length >= VETO_FAILURES) state.set(counts);
      if (!counts || state.isDown() || rechecking) return;
      rechecking = true;
      desk.after(RECHECK_MS, () =>
        desk.look(PRIMARY, (sight) => {
          rechecking = false;
          take(sight);
        }),
      );
    };
    const take = (sight: Sight | null) => {
      if (sight === null) return;
      if (failed(sight)) desk.look(PEER, (peer) => count(peer === null || failed(peer)));
      else count(false);
    };
    return (sight) => {
      if (sight.region === PRIMARY) take(sight);
    };
  },
};

/**
 * At least half of the regions, by the status that each last reported, however long ago; looked at
 * when a region's status changes. Half of them up again ends it.
 */
export const HALF_EVER: Rule = {
  name: "half of the regions, by last known status",
  source:
    "openstatus: openstatusHQ/openstatus, apps/workflows/src/checker/quorum.ts and transition.ts",
  start: (desk) => {
    const state = alarm(desk);
    const known = new Map<string, boolean>();
    return (sight) => {
      const down = failed(sight);
      if (known.get(sight.region) === down) return;
      known.set(sight.region, down);
      const alike = [...known.values()].filter((status) => status === down).length;
      if (alike * 2 >= REGIONS.length) state.set(down);
    };
  },
};

/**
 * Three of four places, by each one's latest check. The documentation does not say how old it may
 * be: two intervals here, which is to the rule's advantage.
 */
export const THREE_OF_FOUR: Rule = {
  name: "3 of 4 regions",
  source: "Better Stack: betterstack.com/docs/uptime/locations-and-regions",
  start: (desk) => {
    const state = alarm(desk);
    const latest = new Map<string, Sight>();
    return (sight) => {
      latest.set(sight.region, sight);
      const sinceMs = desk.nowMs - 2 * INTERVAL_MS;
      const failing = [...latest.values()].filter(
        (check) => failed(check) && check.startedAtMs >= sinceMs,
      );
      state.set(failing.length >= 3);
    };
  },
};

/** All of them. */
export const OTHERS: readonly Rule[] = [
  THREE_IN_A_ROW,
  RECHECK,
  SECOND_OPINION,
  PEER_VETO,
  HALF_EVER,
  THREE_OF_FOUR,
];
