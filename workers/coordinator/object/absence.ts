/**
 * Remembers what began and ended while the coordinator was away, and has it told in one message per
 * channel once the log has been caught up with. What is still so is told by itself (`judge.ts`).
 */
import { advisoryDelivery } from "../../../shared/alert/composition.ts";
import type { UntoldIncident } from "../../../shared/alert/history-summary.ts";
import { summariseHistory } from "../../../shared/alert/history-summary.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { Incident } from "../../../shared/monitor/verdict.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";
import { STALE_JUDGEMENT_MS, UNTOLD_INCIDENTS_MAX } from "./limits.ts";

/** A time in which nobody was told anything. */
export interface Absence {
  /** Time of the last judgement before it. */
  sinceMs: number;
  /** Incidents that have ended untold, in that order. */
  untold: UntoldIncident[];
  /** Others, which were too many to be kept. */
  more: number;
}

/** Notes that the coordinator has been away, if it has: time goes on from a moment long past. */
export function noteAbsence(draft: Draft, fromMs: number, wallMs: number): void {
  if (draft.tail.absence !== undefined || fromMs === 0) return;
  if (wallMs - fromMs <= STALE_JUDGEMENT_MS) return;
  draft.moveTail({ absence: { sinceMs: fromMs, untold: [], more: 0 } });
}

/** Notes an incident that has ended while its alert was withheld, if somebody would have heard. */
export function noteUntold(draft: Draft, monitor: Monitor, incident: Incident): void {
  const { id, worst: kind, reason, startedAtMs, endedAtMs } = incident;
  if (kind === "partial" || endedAtMs === null || draft.deliveriesAbout(id).length > 0) return;
  // It is among the alerts, and is told with its end if it has not been told yet.
  if (draft.alertSubject(id) !== null) return;
  const absence = draft.tail.absence ?? { sinceMs: startedAtMs, untold: [], more: 0 };
  if (absence.untold.length >= UNTOLD_INCIDENTS_MAX) {
    draft.moveTail({ absence: { ...absence, more: absence.more + 1 } });
    return;
  }
  const { id: monitorId, name: monitorName, notify } = monitor;
  const known = { id, monitor: monitorId, monitorName, kind, reason, notify };
  const untold = [...absence.untold, { ...known, startedAtMs, endedAtMs }];
  draft.moveTail({ absence: { ...absence, untold } });
}

/** Tells of an absence that is over. */
export function tellAbsence(draft: Draft, { wallMs: nowMs, publicUrl, coordinator }: Court): void {
  const { absence } = draft.tail;
  if (absence === undefined) return;
  const { sinceMs: fromMs, untold, more } = absence;
  const channels = draft.alertPolicy.tiers.history === "none" ? [] : draft.channels;
  for (const channel of channels) {
    const history = { fromMs, toMs: nowMs, untold, more, coordinator: coordinator.index };
    const advisory = summariseHistory(history, channel.id);
    if (advisory === null) continue;
    draft.saveDelivery(advisoryDelivery(advisory, channel.id, publicUrl, nowMs));
  }
  draft.moveTail({ absence: undefined });
}
