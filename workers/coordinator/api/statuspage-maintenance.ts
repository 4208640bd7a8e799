/**
 * Announced maintenance in the shape of the Statuspage API v2: only what the public page may show,
 * under stable ids. Pure.
 */
import type { MaintenanceTimes } from "../db/maintenance-store.ts";
import type { PublicMaintenance } from "../pages/view-model/maintenance.ts";
import { descriptionWords } from "../pages/view-model/maintenance.ts";
import { nameWords } from "../pages/view-model/words.ts";
import { renderMoment } from "./moment.ts";
import type { Component, ScheduledMaintenance } from "./statuspage-schema.ts";

/** What the rendering of a window depends on. */
export interface MaintenanceFacts {
  pageId: string;
  /** Address of the status page, without a slash at its end. */
  pageUrl: string;
  /** By id; a window that is missing was announced when it began, as far as anybody knows. */
  times: ReadonlyMap<string, MaintenanceTimes>;
  /** By the monitor's id. */
  components: ReadonlyMap<string, Component>;
  nowMs: number;
}

/** Renders a window that covers public monitors only. */
export function renderScheduledMaintenance(
  window: PublicMaintenance,
  facts: MaintenanceFacts,
): ScheduledMaintenance {
  const { id, startsAtMs, endsAtMs } = window;
  const { nowMs } = facts;
  const createdAtMs = facts.times.get(id)?.createdAtMs ?? Math.min(startsAtMs, nowMs);
  const updates = renderUpdates(window, createdAtMs, nowMs);
  const changedAtMs = facts.times.get(id)?.updatedAtMs ?? createdAtMs;
  const steps = [changedAtMs, startsAtMs, endsAtMs].filter((atMs) => atMs <= nowMs);
  return {
    id,
    name: nameWords(window.name),
    status: updates[0]?.status ?? "scheduled",
    impact: "maintenance",
    created_at: renderMoment(createdAtMs),
    updated_at: renderMoment(Math.max(createdAtMs, ...steps)),
    started_at: renderMoment(startsAtMs),
    monitoring_at: null,
    resolved_at: endsAtMs <= nowMs ? renderMoment(endsAtMs) : null,
    shortlink: `${facts.pageUrl}/#maintenance-${id}`,
    page_id: facts.pageId,
    incident_updates: updates,
    components: window.monitors.flatMap((monitor) => facts.components.get(monitor) ?? []),
    scheduled_for: renderMoment(startsAtMs),
    scheduled_until: renderMoment(endsAtMs),
  };
}

/** Newest first: how far it has come by now. */
function renderUpdates(
  { id, description, startsAtMs, endsAtMs }: PublicMaintenance,
  createdAtMs: number,
  nowMs: number,
): ScheduledMaintenance["incident_updates"] {
  const announced =
    description === "" ? "Maintenance has been announced." : descriptionWords(description);
  const steps = [
    { status: "scheduled", atMs: createdAtMs, body: announced },
    { status: "in_progress", atMs: startsAtMs, body: "Maintenance is in progress." },
    { status: "completed", atMs: endsAtMs, body: "The time of the maintenance is over." },
  ] as const;
  return steps
    .filter(({ status, atMs }) => status === "scheduled" || atMs <= nowMs)
    .map(({ status, atMs, body }) => {
      const at = renderMoment(atMs);
      return {
        id: `${id}.${status}`,
        incident_id: id,
        status,
        body,
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: null,
        deliver_notifications: false,
        custom_tweet: null,
        tweet_id: null,
      };
    })
    .toReversed();
}
