/**
 * Takes a new configuration over: monitors that are gone are no longer judged, and their incidents
 * end, so that whoever was told of one hears that it is over.
 */
import { openIncident } from "../../../shared/monitor/incident.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Judgement, Transition } from "../../../shared/monitor/verdict.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { Draft } from "./draft.ts";
import { sameData } from "./essence.ts";
import type { Court } from "./judge.ts";
import { judge, recordStep } from "./judge.ts";

/** Takes configuration and channels over, where they differ from what is known. */
export function adoptConfig(
  draft: Draft,
  published: { config: PublishedConfig | null; channels: readonly StoredChannel[] },
  court: Court,
): void {
  const { config, channels } = published;
  if (!sameData(channels, draft.channels)) {
    draft.changes.channels = channels;
  }
  if (config === null || sameData(config, draft.config)) return;
  const before = new Map(draft.config?.monitors.map((monitor) => [monitor.id, monitor]));
  draft.saveConfig(config);
  const present = new Set(config.monitors.map(({ id }) => id));
  // Not now: while catching up, judgements must not run ahead of the log.
  const atMs = draft.judgedAtMs;
  for (const id of draft.judgedMonitors()) {
    if (!present.has(id)) retire(draft, before.get(id), id, atMs, court);
  }
  for (const id of before.keys()) if (!present.has(id)) draft.forgetCertificate(id);
  forgetVotes(
    draft,
    [...before.keys()].filter((id) => !present.has(id)),
  );
  // Before the first run there is nothing to judge by.
  if (atMs > 0) for (const { id } of config.monitors) judge(draft, id, atMs, court);
}

/** Ends a removed monitor's incident and forgets its judgement. */
function retire(
  draft: Draft,
  monitor: Monitor | undefined,
  id: string,
  atMs: number,
  court: Court,
): void {
  const judgement = draft.judgement(id);
  const incident = openIncident(judgement?.incident ?? null);
  if (judgement !== null && incident !== null && monitor !== undefined) {
    const ended: Judgement = { ...judgement, incident: { ...incident, endedAtMs: atMs } };
    const transition: Transition = {
      id: `${incident.id}.${judgement.sequence}`,
      monitor: id,
      incident: incident.id,
      atMs,
      kind: "incident_resolved",
      from: judgement.verdict.kind,
      to: "unknown",
      reason: null,
      message: "The monitor was removed",
      votes: [],
    };
    recordStep(draft, monitor, judgement, { judgement: ended, transitions: [transition] }, court);
  }
  draft.retireJudgement(id);
}

function forgetVotes(draft: Draft, monitors: readonly string[]): void {
  for (const region of draft.config?.regions ?? []) {
    for (const monitor of monitors) draft.forgetVote(monitor, region);
  }
}
