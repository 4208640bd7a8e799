/**
 * Takes a new configuration over: monitors that are gone are no longer judged, and their incidents
 * end, so that whoever was told of one hears that it is over.
 */
import { DEFAULT_POLICY } from "../../../shared/alert/policy.ts";
import { removeMonitor } from "../../../shared/monitor/judgement.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { endAdvisories } from "./alerts.ts";
import { noteMaintenances, noteWritten } from "./bulletins.ts";
import type { Draft } from "./draft.ts";
import { sameData } from "./essence.ts";
import type { Court } from "./judge.ts";
import { enterTimeOf, judge, recordStep } from "./judge.ts";
import { beginLate } from "./late-beginning.ts";
import { membersOf } from "./roster.ts";
import type { Published } from "./ports.ts";

/** Takes configuration, channels and alerting over, where they differ from what is known. */
export function adoptConfig(draft: Draft, published: Published, court: Court): void {
  const { config, channels } = published;
  adoptAlerting(draft, published);
  const roster = published.roster ?? [];
  const members = membersOf(roster, config ?? draft.config);
  if (!sameData(roster, draft.roster)) draft.changes.roster = roster;
  const writtenIncidents = published.writtenIncidents ?? [];
  if (!sameData(writtenIncidents, draft.writtenIncidents)) {
    noteWritten(draft, draft.writtenIncidents, writtenIncidents, members, court);
    draft.changes.writtenIncidents = writtenIncidents;
  }
  if (!sameData(channels, draft.channels)) {
    draft.changes.channels = channels;
    draft.touchAllAlerts();
  }
  if (config === null || sameData(config, draft.config)) return;
  const before = new Map(draft.config?.monitors.map((monitor) => [monitor.id, monitor]));
  if (court.coordinator.index === 0) {
    noteMaintenances(draft, draft.config, config, members, court);
  }
  if (before.size === 0) beginLate(draft, court);
  draft.saveConfig(config);
  const present = new Set(config.monitors.map(({ id }) => id));
  // Not now: while catching up, judgements must not run ahead of the log.
  const atMs = draft.judgedAtMs;
  const network = new Set(roster.map(({ id }) => id));
  for (const id of draft.judgedMonitors()) {
    if (present.has(id)) continue;
    retire(draft, before.get(id), id, { atMs, moved: network.has(id) }, court);
  }
  for (const id of before.keys()) if (!present.has(id)) draft.forgetCertificate(id);
  forgetVotes(
    draft,
    [...before.keys()].filter((id) => !present.has(id)),
  );
  // Before the first run there is nothing to judge by.
  if (atMs > 0) for (const { id } of config.monitors) judge(draft, id, atMs, court);
}

/** Takes the alert policy and the silences over, and has all alerts looked at by them. */
function adoptAlerting(draft: Draft, published: Published): void {
  const alertPolicy = published.alertPolicy ?? DEFAULT_POLICY;
  const silences = published.silences ?? [];
  if (!sameData(alertPolicy, draft.alertPolicy)) {
    draft.changes.alertPolicy = alertPolicy;
    draft.touchAllAlerts();
  }
  if (!sameData(silences, draft.silences)) {
    draft.changes.silences = silences;
    draft.touchAllAlerts();
  }
}

/** Ends the incident and the time of a monitor that is removed or moved, and forgets its judgement. */
function retire(
  draft: Draft,
  monitor: Monitor | undefined,
  id: string,
  { atMs, moved }: { atMs: number; moved: boolean },
  court: Court,
): void {
  const judgement = draft.judgement(id);
  if (judgement !== null && monitor !== undefined) {
    enterTimeOf(draft, judgement, atMs);
    recordStep(draft, monitor, judgement, removeMonitor(judgement, atMs, moved), court);
  }
  endAdvisories(draft, id, moved, court);
  draft.retireJudgement(id);
}

function forgetVotes(draft: Draft, monitors: readonly string[]): void {
  for (const region of draft.config?.regions ?? []) {
    for (const monitor of monitors) draft.forgetVote(monitor, region);
  }
}
