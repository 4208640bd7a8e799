/**
 * The network's status in the shapes of the Statuspage API v2.
 *
 * Built on the public pages' view model, so that it can show no more than they do. Ids are those of
 * monitors and incidents, hence stable. Statuspage has no word for "not known": such a component is
 * `degraded_performance`, never `operational`. Paused monitors are left out. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { DeclaredImpact, WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { Transition } from "../../../shared/monitor/verdict.ts";
import type { MaintenanceTimes } from "../db/maintenance-store.ts";
import type { IncidentWithTimeline, NetworkStatus } from "../object/rpc.ts";
import { ENGLISH } from "../pages/language/languages.ts";
import { renderEvidence } from "../pages/view-model/evidence.ts";
import { renderIncident } from "../pages/view-model/incident.ts";
import { publicMaintenances } from "../pages/view-model/maintenance.ts";
import type { GroupView, MonitorView, StatusView } from "../pages/view-model/status-view.ts";
import { renderStatus } from "../pages/view-model/status-view.ts";
import type { Tone } from "../pages/view-model/words.ts";
import { nameWords } from "../pages/view-model/words.ts";
import { declaredImpacts, publicWrittenIncidents } from "../pages/view-model/written-incident.ts";
import { renderMoment, renderMomentOrNull } from "./moment.ts";
import { renderScheduledMaintenance } from "./statuspage-maintenance.ts";
import {
  DECLARED_STATUS,
  renderStatuspageWritten,
  renderWrittenUpdates,
} from "./statuspage-written.ts";
import type {
  Component,
  ComponentStatus,
  ScheduledMaintenance,
  StatuspageIncident,
  Summary,
} from "./statuspage-schema.ts";

const PAGE_ID = "echoquorum";

/** What is rendered, and for whom. */
export interface StatuspageFacts {
  status: NetworkStatus;
  source: StatusView["source"];
  /** How the page calls itself; null: nobody has named it. */
  name: string | null;
  /** Address of the status page, without a slash at its end. */
  pageUrl: string;
  /** When each monitor was created, by id; one that is missing dates from its verdict. */
  createdAtMs: ReadonlyMap<string, number>;
  /** When each window of maintenance was announced and changed, by id. */
  maintenanceTimes: ReadonlyMap<string, MaintenanceTimes>;
  nowMs: number;
}

/** The summary with all incidents and maintenance, of which the faces pick. */
export interface StatuspageView extends Omit<Summary, "incidents" | "scheduled_maintenances"> {
  /** By their start, those that are over too. */
  maintenances: ScheduledMaintenance[];
  unresolved: StatuspageIncident[];
  /** Newest first. */
  incidents: StatuspageIncident[];
}

/** Renders everything that the Statuspage API tells. */
export function renderStatuspage(facts: StatuspageFacts): StatuspageView {
  const { status, source, nowMs } = facts;
  const view = renderStatus(status, { source, nowMs });
  const told = publicWrittenIncidents(status);
  const components = renderComponents(view, declaredImpacts(told), facts);
  const byId = new Map(components.map((component) => [component.id, component]));
  const found = [...status.openIncidents, ...status.pastIncidents]
    .filter((incident) => isPublic(status, incident.monitor))
    .map((incident) => renderStatuspageIncident(incident, byId, told, facts));
  const written = told.map((each) =>
    renderStatuspageWritten(each, { pageId: PAGE_ID, pageUrl: facts.pageUrl, components: byId }),
  );
  const incidents = [...written, ...found].sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  return {
    page: {
      id: PAGE_ID,
      name: facts.name === null ? "Service status" : nameWords(facts.name),
      url: facts.pageUrl,
      time_zone: "Etc/UTC",
      updated_at: renderMoment(status.newestRunAtMs ?? status.generatedAtMs),
    },
    status: renderOverall(view),
    components,
    unresolved: incidents.filter((incident) => incident.resolved_at === null),
    incidents,
    maintenances: publicMaintenances(status).map((window) =>
      renderScheduledMaintenance(window, {
        pageId: PAGE_ID,
        pageUrl: facts.pageUrl,
        times: facts.maintenanceTimes,
        components: byId,
        nowMs,
      }),
    ),
  };
}

function isPublic(status: NetworkStatus, monitor: string): boolean {
  return status.monitors.some((each) => each.id === monitor && each.public);
}

const COMPONENT_STATUS: Readonly<Record<Exclude<Tone, "paused">, ComponentStatus>> = {
  operational: "operational",
  degraded: "degraded_performance",
  partial: "partial_outage",
  down: "major_outage",
  maintenance: "under_maintenance",
  unknown: "degraded_performance",
};

function componentStatus(tone: Tone): ComponentStatus {
  return COMPONENT_STATUS[tone === "paused" ? "unknown" : tone];
}

/** Mildest first. */
const SEVERITY: readonly ComponentStatus[] = [
  "operational",
  "under_maintenance",
  "degraded_performance",
  "partial_outage",
  "major_outage",
];

function worst(statuses: readonly ComponentStatus[]): ComponentStatus {
  return SEVERITY.findLast((status) => statuses.includes(status)) ?? "operational";
}

/** As the headline has it: what is measured, or what is declared where that is worse. */
function renderOverall(view: StatusView): Summary["status"] {
  const { tone, title, declared } = view.headline;
  if (declared) return { indicator: tone === "degraded" ? "minor" : "major", description: title };
  const tones = view.groups.flatMap((group) => group.monitors.map((monitor) => monitor.tone));
  switch (tone) {
    case "operational":
    case "paused":
      return { indicator: "none", description: title };
    case "maintenance":
      return { indicator: "maintenance", description: title };
    case "degraded":
    case "partial":
    case "unknown":
      return { indicator: "minor", description: title };
    case "down": {
      const isTotal = tones.every((each) => each === "down" || each === "paused");
      return { indicator: isTotal ? "critical" : "major", description: title };
    }
  }
}

function renderComponents(
  view: StatusView,
  declared: ReadonlyMap<string, DeclaredImpact>,
  facts: StatuspageFacts,
): Component[] {
  const components: Component[] = [];
  for (const group of view.groups) {
    const watched = group.monitors.filter((monitor) => monitor.tone !== "paused");
    if (watched.length === 0) continue;
    const groupId = group.name === null ? null : groupIdOf(group.name);
    const members = watched.map((monitor) => {
      const component = renderComponent(monitor, groupId, facts);
      const impact = DECLARED_STATUS[declared.get(monitor.id) ?? "none"];
      return { ...component, status: worst([component.status, impact]) };
    });
    if (groupId !== null) components.push(renderGroup(group, groupId, members));
    components.push(...members);
  }
  return components.map((component, index) => ({ ...component, position: index + 1 }));
}

function renderComponent(
  monitor: Pick<MonitorView, "id" | "name" | "tone" | "sinceMs">,
  groupId: string | null,
  facts: StatuspageFacts,
): Component {
  const createdAt = renderMoment(facts.createdAtMs.get(monitor.id) ?? monitor.sinceMs);
  return {
    id: monitor.id,
    name: monitor.name,
    status: componentStatus(monitor.tone),
    created_at: createdAt,
    updated_at: renderMoment(monitor.sinceMs),
    position: 0,
    description: null,
    showcase: true,
    start_date: createdAt.slice(0, 10),
    group_id: groupId,
    page_id: PAGE_ID,
    group: false,
    only_show_if_degraded: false,
  };
}

function renderGroup(group: GroupView, id: string, members: readonly Component[]): Component {
  const dates = (field: "created_at" | "updated_at") => members.map((each) => each[field]).sort();
  const createdAt = dates("created_at")[0] ?? "";
  return {
    id,
    name: group.name ?? "",
    status: worst(members.map((member) => member.status)),
    created_at: createdAt,
    updated_at: dates("updated_at").at(-1) ?? createdAt,
    position: 0,
    description: null,
    showcase: false,
    start_date: null,
    group_id: null,
    page_id: PAGE_ID,
    group: true,
    only_show_if_degraded: false,
    components: members.map((member) => member.id),
  };
}

/** The same for the same name; a colon keeps it apart from every monitor's id. */
function groupIdOf(name: string): string {
  return `group:${bytesToHex(sha256(utf8ToBytes(name))).slice(0, 12)}`;
}

const IMPACT = { partial: "minor", degraded: "minor", down: "major" } as const;

function renderStatuspageIncident(
  incident: IncidentWithTimeline,
  components: ReadonlyMap<string, Component>,
  written: readonly WrittenIncident[],
  facts: StatuspageFacts,
): StatuspageIncident {
  const view = renderIncident(incident, facts.nowMs);
  const component = components.get(incident.monitor);
  const updates = renderUpdates(incident, view.monitor.name);
  const linked = written
    .filter(({ incidents }) => incidents.includes(incident.id))
    .flatMap((each) => renderWrittenUpdates(each, incident.id, components));
  const startedAt = renderMoment(incident.startedAtMs);
  const calmSinceMs = incident.endedAtMs === null ? (incident.calmSinceMs ?? null) : null;
  const status = incident.endedAtMs === null ? "investigating" : "resolved";
  return {
    id: incident.id,
    name: view.title,
    status: calmSinceMs === null ? (updates[0]?.status ?? status) : "monitoring",
    impact: IMPACT[incident.worst],
    created_at: renderMoment(incident.confirmedAtMs),
    updated_at: [...updates, ...linked].reduce(
      (latest, { updated_at }) => (updated_at > latest ? updated_at : latest),
      renderMoment(incident.endedAtMs ?? incident.confirmedAtMs),
    ),
    started_at: startedAt,
    monitoring_at: renderMomentOrNull(calmSinceMs),
    resolved_at: renderMomentOrNull(incident.endedAtMs),
    shortlink: `${facts.pageUrl}/incidents/${encodeURIComponent(incident.id)}`,
    page_id: PAGE_ID,
    incident_updates: [...updates, ...linked].sort((a, b) =>
      a.display_at < b.display_at ? 1 : a.display_at > b.display_at ? -1 : 0,
    ),
    components: component === undefined ? [] : [component],
  };
}

type Update = StatuspageIncident["incident_updates"][number];

/** Newest first. */
function renderUpdates(incident: IncidentWithTimeline, name: string): Update[] {
  let status: Update["status"] = "investigating";
  const updates = incident.transitions
    .filter((transition) => transition.kind !== "verdict_changed")
    .map((transition) => {
      if (transition.kind === "incident_acknowledged") status = "identified";
      if (transition.kind === "incident_resolved") status = "resolved";
      const at = renderMoment(transition.atMs);
      return {
        id: transition.id,
        incident_id: incident.id,
        status,
        body: renderBody(transition),
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: renderAffected(transition, incident.monitor, name),
        deliver_notifications: true,
        custom_tweet: null,
        tweet_id: null,
      };
    });
  return updates.reverse();
}

function renderBody(transition: Transition): string {
  if (transition.kind === "incident_acknowledged") return "Acknowledged by the people in charge.";
  const { sentence } = renderEvidence(transition.to, transition.reason, transition.votes);
  return `${ENGLISH.t.tones[transition.to]}: ${sentence}`;
}

function renderAffected(transition: Transition, monitor: string, name: string) {
  const { from, to } = transition;
  if (from === to) return null;
  const [old_status, new_status] = [COMPONENT_STATUS[from], COMPONENT_STATUS[to]];
  return [{ code: monitor, name, old_status, new_status }];
}
