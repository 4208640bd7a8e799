/**
 * Has told what cannot be seen for long: monitors of which nothing is known, and regions that cannot
 * vote. What is told when is decided in `shared/alert/unseen.ts`; nothing here touches a verdict.
 */
import type { AlertSubject, SubjectKind } from "../../../shared/alert/subject.ts";
import type { Sight } from "../../../shared/alert/unseen.ts";
import { decideRegion, decideUnknown } from "../../../shared/alert/unseen.ts";
import { milliseconds } from "../../../shared/alert/policy.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { noteAdvisory } from "./alerts.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";

/** Open alerts of one kind, by the monitor or region that they are about. */
type OpenAlerts = ReadonlyMap<string, AlertSubject>;

/**
 * Tells what has become due; of regions only the first coordinator does. Of a kind that is not told
 * nothing new is taken in, but what was told before it ceased to be still ends.
 */
export function tellUnseen(
  draft: Draft,
  { monitors, awakeSinceMs }: { monitors: readonly Monitor[]; awakeSinceMs: number | null },
  court: Court,
): void {
  const { state, sinceMs } = draft.monitoring;
  const sees = state === "working" && awakeSinceMs !== null;
  const sight = { sinceMs: sees ? Math.max(sinceMs, awakeSinceMs) : null, nowMs: court.wallMs };
  tellUnknown(draft, monitors, sight, court);
  if (court.coordinator.index === 0) tellRegions(draft, sight, court);
}

function tellUnknown(draft: Draft, monitors: readonly Monitor[], sight: Sight, court: Court): void {
  const open = openAlerts(draft, "unknown", ({ monitor }) => monitor?.id);
  const afterMs = milliseconds(draft.alertPolicy.unknownAfter);
  const isTold = draft.alertPolicy.tiers.unknown !== "none";
  for (const monitor of monitors) {
    const { id, paused } = monitor;
    const judgement = draft.judgement(id);
    if (judgement === null || (!isTold && !open.has(id))) continue;
    const watched = { monitor, verdict: judgement.verdict, paused, open: open.get(id) ?? null };
    const advisory = decideUnknown(watched, afterMs, sight);
    if (advisory !== null) noteAdvisory(draft, advisory, court);
  }
}

function tellRegions(draft: Draft, sight: Sight, court: Court): void {
  const open = openAlerts(draft, "region", ({ regions }) => regions[0]);
  const used = draft.config?.regions ?? [];
  const afterMs = milliseconds(draft.alertPolicy.regionAfter);
  const isTold = draft.alertPolicy.tiers.region !== "none";
  for (const region of new Set([...(isTold ? used : []), ...open.keys()])) {
    const health = used.includes(region) ? draft.ledger(region).health : null;
    const advisory = decideRegion(region, health, open.get(region) ?? null, afterMs, sight);
    if (advisory !== null) noteAdvisory(draft, advisory, court);
  }
}

function openAlerts(
  draft: Draft,
  kind: SubjectKind,
  nameOf: (subject: AlertSubject) => string | undefined,
): OpenAlerts {
  const open = new Map<string, AlertSubject>();
  for (const subject of draft.alertSubjects().values()) {
    const name = nameOf(subject);
    if (subject.kind === kind && subject.endedAtMs === null && name !== undefined) {
      open.set(name, subject);
    }
  }
  return open;
}
