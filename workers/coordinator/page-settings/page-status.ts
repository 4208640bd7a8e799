/**
 * What of the network's status one page may know: its own monitors, what is about them, and of that
 * nothing that its owner hides. Every public face is made of this and of nothing else, so that what
 * is not here can be on none. Pure.
 */
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { QUORUM_REGION } from "../../../shared/monitor/rollup.ts";
import type { CountedVote } from "../../../shared/monitor/verdict.ts";
import type { IncidentWithTimeline, MonitorStatus, NetworkStatus } from "../object/rpc.ts";
import { isReporting } from "../pages/view-model/headline.ts";
import { publicMaintenances } from "../pages/view-model/maintenance.ts";
import { publicWrittenIncidents } from "../pages/view-model/written-incident.ts";
import type { Page, PageDetails } from "./page.ts";

/** As much of a page as decides what it shows. */
export type PageScope = Pick<Page, "monitors" | "groups" | "details"> & {
  /** Whether it asks for a password or a token: only then does it show monitors that are private. */
  isPrivate: boolean;
};

/** What a network without any page of its own shows. */
export const EVERYTHING_PUBLIC: PageScope = {
  monitors: [],
  groups: [],
  details: { regions: true, latency: true, reasons: true },
  isPrivate: false,
};

/** What a page shows. */
export function scopeOf({ monitors, groups, details, access }: Page): PageScope {
  return { monitors, groups, details, isPrivate: access !== null };
}

/** What its subscribers hear of: nothing private, on a private page neither. */
export function heardScope(scope: PageScope): PageScope {
  return { ...scope, isPrivate: false };
}

/** The monitors of a page: those that it names in the order in which it does, then its groups'. */
export function pageMonitors<Each extends Pick<MonitorStatus, "id" | "group" | "public">>(
  all: readonly Each[],
  { monitors, groups, isPrivate }: Pick<PageScope, "monitors" | "groups" | "isPrivate">,
): Each[] {
  if (monitors.length + groups.length === 0) return all.filter((each) => each.public);
  const named = monitors.flatMap((id) => all.find((each) => each.id === id) ?? []);
  const grouped = all.filter(({ group }) => group !== null && groups.includes(group));
  return [...new Set([...named, ...grouped])].filter((each) => each.public || isPrivate);
}

/** The status as the page may know it: what is left of it is public there. */
export function pageStatus(status: NetworkStatus, scope: PageScope): NetworkStatus {
  const { details } = scope;
  const monitors = pageMonitors(status.monitors, scope);
  const shown = new Set(monitors.map(({ id }) => id));
  const isShown = ({ monitor }: { monitor: string }) => shown.has(monitor);
  const limit = (incident: IncidentWithTimeline) => limitIncident(incident, details);
  const known = {
    ...status,
    monitors: monitors.map((monitor) => limitMonitor({ ...monitor, public: true }, details)),
    openIncidents: status.openIncidents.filter(isShown).map(limit),
    pastIncidents: status.pastIncidents.filter(isShown).map(limit),
    ...(details.regions ? {} : withoutRegions(status)),
  };
  return {
    ...known,
    maintenances: publicMaintenances(known),
    writtenIncidents: publicWrittenIncidents(known),
  };
}

/** An incident of one of the page's monitors, as the page may know it. */
export function limitIncident(
  incident: IncidentWithTimeline,
  details: PageDetails,
): IncidentWithTimeline {
  return {
    ...incident,
    reason: details.reasons ? incident.reason : null,
    regions: details.regions ? incident.regions : [],
    transitions: incident.transitions.map((transition) => ({
      ...transition,
      reason: details.reasons ? transition.reason : null,
      votes: limitVotes(transition.votes, details),
    })),
  };
}

/** Rows of one of the page's monitors, as the page may know them. */
export function limitRows(rows: readonly Rollup[], details: PageDetails): Rollup[] {
  const known = rows.filter(({ region }) => details.regions || region === QUORUM_REGION);
  return details.latency ? known : known.map((row) => ({ ...row, latency: "" }));
}

/** One of the page's monitors, as the page may know it. */
export function limitMonitor(monitor: MonitorStatus, details: PageDetails): MonitorStatus {
  const { verdict, regions } = monitor;
  return {
    ...monitor,
    verdict: {
      ...verdict,
      reason: details.reasons ? verdict.reason : null,
      votes: limitVotes(verdict.votes, details),
    },
    regions: details.regions ? regions.map((region) => limitRegion(region, details)) : [],
  };
}

type MonitorRegion = MonitorStatus["regions"][number];

function limitRegion({ last, ...region }: MonitorRegion, details: PageDetails): MonitorRegion {
  return {
    ...region,
    last:
      last === null
        ? null
        : {
            ...last,
            reason: details.reasons ? last.reason : null,
            totalMs: details.latency ? last.totalMs : null,
          },
    latency: details.latency ? region.latency : null,
  };
}

/** Votes tell regions and reasons, and by what HTTP saw beside them likely causes. */
function limitVotes(votes: readonly CountedVote[], details: PageDetails): CountedVote[] {
  if (!details.regions) return [];
  if (details.reasons) return [...votes];
  return votes.map(({ http: _hidden, ...vote }) => ({ ...vote, reason: null }));
}

/** Without the regions it still has to be known whether any of them can see. */
function withoutRegions({ regions, monitoring }: NetworkStatus): Partial<NetworkStatus> {
  const isBlind = regions.length > 0 && !regions.some(isReporting);
  const sinceMs = monitoring?.sinceMs ?? 0;
  return { regions: [], monitoring: { state: isBlind ? "impaired" : "working", sinceMs } };
}
