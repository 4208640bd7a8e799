/**
 * Written incidents in the shape of the Statuspage API v2: only what the public page may show, under
 * stable ids. Bodies are plain text: clients put them into pages of their own. Pure.
 */
import type { DeclaredImpact, WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import {
  lastWordAtMs,
  latestUpdate,
  namedMonitors,
  resolvedAtMs,
  worstDeclared,
} from "../../../shared/monitor/written-incident.ts";
import { markdownWords } from "../pages/view-model/markdown.ts";
import { nameWords } from "../pages/view-model/words.ts";
import { renderMoment, renderMomentOrNull } from "./moment.ts";
import type { Component, ComponentStatus, StatuspageIncident } from "./statuspage-schema.ts";

/** What the rendering of a written incident depends on. */
export interface WrittenFacts {
  pageId: string;
  /** Address of the status page, without a slash at its end. */
  pageUrl: string;
  /** By the monitor's id. */
  components: ReadonlyMap<string, Component>;
}

/** Status of a component of which this is declared. */
export const DECLARED_STATUS: Readonly<Record<DeclaredImpact, ComponentStatus>> = {
  none: "operational",
  degraded: "degraded_performance",
  partial: "partial_outage",
  down: "major_outage",
};

const IMPACT = { none: "none", degraded: "minor", partial: "major", down: "critical" } as const;

type Update = StatuspageIncident["incident_updates"][number];

/** Renders what the public may see of a written incident. */
export function renderStatuspageWritten(
  written: WrittenIncident,
  facts: WrittenFacts,
): StatuspageIncident {
  const { id, postmortem, updates } = written;
  const told = renderWrittenUpdates(written, id, facts.components);
  const { status, atMs } = latestUpdate(written);
  if (postmortem !== null) told.unshift(renderPostmortem(id, postmortem));
  return {
    id,
    name: nameWords(written.title),
    status: postmortem === null ? status : "postmortem",
    impact: IMPACT[worstDeclared(written)],
    created_at: renderMoment(updates[0]?.atMs ?? written.startedAtMs),
    updated_at: renderMoment(lastWordAtMs(written)),
    started_at: renderMoment(written.startedAtMs),
    monitoring_at: status === "monitoring" ? renderMoment(atMs) : null,
    resolved_at: renderMomentOrNull(resolvedAtMs(written)),
    shortlink: `${facts.pageUrl}/incidents/written/${id}`,
    page_id: facts.pageId,
    incident_updates: told,
    components: namedMonitors(written).flatMap((each) => facts.components.get(each) ?? []),
  };
}

/** Updates of a written incident as those of an incident, newest first. */
export function renderWrittenUpdates(
  written: WrittenIncident,
  incidentId: string,
  components: ReadonlyMap<string, Component>,
): Update[] {
  return written.updates
    .map((update, index) => {
      const at = renderMoment(update.atMs);
      const before = written.updates[index - 1]?.monitors ?? {};
      const affected = Object.entries(update.monitors).flatMap(([code, impact]) => {
        const component = components.get(code);
        if (component === undefined) return [];
        const old_status = DECLARED_STATUS[before[code] ?? "none"];
        return [{ code, name: component.name, old_status, new_status: DECLARED_STATUS[impact] }];
      });
      const isLinked = incidentId !== written.id;
      return {
        id: isLinked ? `${incidentId}.${written.id}.${update.id}` : `${incidentId}.${update.id}`,
        incident_id: incidentId,
        status: update.status,
        body: markdownWords(update.text),
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: affected.length === 0 ? null : affected,
        deliver_notifications: true,
        custom_tweet: null,
        tweet_id: null,
      };
    })
    .toReversed();
}

function renderPostmortem(id: string, { text, atMs }: { text: string; atMs: number }): Update {
  const at = renderMoment(atMs);
  return {
    id: `${id}.postmortem`,
    incident_id: id,
    status: "postmortem",
    body: markdownWords(text),
    created_at: at,
    updated_at: at,
    display_at: at,
    affected_components: null,
    deliver_notifications: false,
    custom_tweet: null,
    tweet_id: null,
  };
}
