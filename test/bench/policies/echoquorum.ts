/**
 * Echoquorum's own rule, by its core: votes, judgement, asks and the policy of alerts. What the
 * coordinator adds to detection is modelled: the log tail looks every two seconds, answers to an ask
 * come one by one. What it has besides is not: regions are never suspended, and runs that are
 * missing are not asked for.
 */
import { TICK_MS } from "../../../workers/coordinator/object/limits.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { advanceJudgement, initialJudgement } from "../../../shared/monitor/judgement.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { Transition, Vote } from "../../../shared/monitor/verdict.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import { decideDeliveries } from "../../support/alert-facts.ts";
import { makeMonitor, makeObservation } from "../../support/observation.ts";
import type { Desk, Judge, Rule } from "./court.ts";
import type { Sight } from "./trace.ts";
import { INTERVAL_MS, REGIONS } from "./trace.ts";

/** Time for a row to be written, and for an answer to arrive, in milliseconds. */
const HANDOVER_MS = 100;
const NONE_SUSPENDED: ReadonlySet<string> = new Set<string>();
const REASONS = { up: null, down: "connect_timeout", trouble: "probe_error" } as const;

function start(desk: Desk, monitor: Monitor): Judge {
  const votes = new Map<string, Vote>();
  let judgement = initialJudgement(monitor.id, desk.nowMs);
  let told: Delivery[] = [];
  let ticking = false;

  const tell = (transition: Transition) => {
    const { incident } = judgement;
    if (incident === null) return;
    const due = decideDeliveries({
      transition,
      incident,
      monitor,
      channels: [{ id: "people" }],
      previous: told.filter((delivery) => delivery.incident === incident.id),
      publicUrl: null,
      nowMs: desk.nowMs,
    });
    if (due.some(({ alert }) => alert !== "resolved")) desk.alert();
    told = transition.kind === "incident_resolved" ? [] : [...told, ...due];
  };
  const judge = () => {
    const step = advanceJudgement({
      monitor,
      regions: REGIONS,
      votes,
      judgement,
      intervalMs: INTERVAL_MS,
      suspended: NONE_SUSPENDED,
      nowMs: desk.nowMs,
    });
    judgement = step.judgement;
    for (const transition of step.transitions) tell(transition);
    if (step.ask !== null) desk.after(HANDOVER_MS, ask);
    const calm = [...votes.values()].every(({ status }) => status === "up");
    if (calm && judgement.verdict.kind === "operational") return;
    // As long as something is wrong time alone may be reason to ask again.
    tickOnce();
  };
  const tickOnce = () => {
    if (ticking) return;
    ticking = true;
    desk.after(TICK_MS, () => {
      ticking = false;
      judge();
    });
  };
  const take = (sight: Sight) => {
    const { region, colo, startedAtMs, result } = sight;
    const observation = makeObservation({ region, colo, startedAtMs, reason: REASONS[result] });
    votes.set(region, castVote(votes.get(region), observation, INTERVAL_MS));
    judge();
  };
  const ask = () => {
    for (const region of REGIONS) {
      desk.look(region, (sight) => {
        if (sight !== null) desk.after(HANDOVER_MS, () => take(sight));
      });
    }
  };
  return (sight) => {
    const writtenAtMs = desk.nowMs + HANDOVER_MS;
    const seenAtMs = Math.ceil(writtenAtMs / TICK_MS) * TICK_MS;
    desk.after(seenAtMs - desk.nowMs, () => take(sight));
  };
}

/** As it is unless a monitor says otherwise. */
export const ECHOQUORUM: Rule = {
  name: "Echoquorum",
  source: "shared/monitor, at the default policy",
  start: (desk) => start(desk, makeMonitor()),
};

/** For those who would rather hear a few seconds later, and of fewer blips. */
export const ECHOQUORUM_PATIENT: Rule = {
  name: "Echoquorum, raiseAfter 2",
  source: "shared/monitor, with two failures in a row for a vote to count",
  start: (desk) => start(desk, makeMonitor({ quorum: { raiseAfter: 2 } })),
};

/** The ways in which it is compared. */
export const OWN: readonly Rule[] = [ECHOQUORUM, ECHOQUORUM_PATIENT];
