/**
 * Announced maintenance as the public pages show it: what goes on and what is to come, of monitors
 * that are public. Pure.
 */
import type { MaintenanceStatus, NetworkStatus } from "../../object/rpc.ts";
import type { Words } from "../language/words.ts";
import { nameWords } from "./words.ts";

/** Windows that a page lists; more than anybody reads. */
const SHOWN_MAX = 10;
/** Services that are named one by one. */
const NAMED_MAX = 4;

/** One window of maintenance. */
export interface MaintenanceView {
  id: string;
  name: string;
  /** Null: there is none. */
  description: string | null;
  /** Whether it goes on. */
  active: boolean;
  /** Whether it is over. */
  past: boolean;
  startsAtMs: number;
  endsAtMs: number;
  /** E.g. `Chat and Presence`, `All services`. */
  services: string;
}

/** A window with the ids of those public monitors that it covers, in their order. */
export type PublicMaintenance = Omit<MaintenanceStatus, "groups"> & { monitors: string[] };

/** Windows that cover a public monitor, with those of its monitors alone. */
export function publicMaintenances(
  status: Pick<NetworkStatus, "monitors" | "maintenances">,
): PublicMaintenance[] {
  const shown = status.monitors.filter((each) => each.public);
  return (status.maintenances ?? []).flatMap(({ groups = [], ...window }) => {
    const named = new Set(window.monitors);
    const isEverything = window.monitors === null && groups.length === 0;
    const covered = shown.filter(
      ({ id, group }) =>
        isEverything || named.has(id) || (group !== null && groups.includes(group)),
    );
    return covered.length === 0 ? [] : [{ ...window, monitors: covered.map(({ id }) => id) }];
  });
}

/** A description in one paragraph, made safe as names are. */
export function descriptionWords(description: string): string {
  return nameWords(description.replaceAll(/\s+/g, " "));
}

/** Renders the windows that are not over, by their start. */
export function renderMaintenances(
  status: NetworkStatus,
  nowMs: number,
  words: Words,
): MaintenanceView[] {
  return publicMaintenances(status)
    .filter(({ endsAtMs }) => endsAtMs > nowMs)
    .slice(0, SHOWN_MAX)
    .map((window) => renderMaintenance(window, status, nowMs, words));
}

/** Renders the windows of one public monitor: what is not over by its start, then what is, latest first. */
export function renderMonitorMaintenances(
  status: NetworkStatus,
  monitor: string,
  nowMs: number,
  words: Words,
): MaintenanceView[] {
  const windows = publicMaintenances(status)
    .filter(({ monitors }) => monitors.includes(monitor))
    .map((window) => renderMaintenance(window, status, nowMs, words));
  const coming = windows.filter(({ past }) => !past).slice(0, SHOWN_MAX);
  const past = windows.filter((window) => window.past).toReversed();
  return [...coming, ...past.slice(0, SHOWN_MAX)];
}

/** Renders a window that {@link publicMaintenances} has let through. */
export function renderMaintenance(
  { id, name, description, startsAtMs, endsAtMs, monitors }: PublicMaintenance,
  status: NetworkStatus,
  nowMs: number,
  words: Words,
): MaintenanceView {
  const shown = status.monitors.filter((each) => each.public);
  const covered = shown.filter((each) => monitors.includes(each.id));
  return {
    id,
    name: words.name(name),
    description: description === "" ? null : descriptionWords(description),
    active: startsAtMs <= nowMs && endsAtMs > nowMs,
    past: endsAtMs <= nowMs,
    startsAtMs,
    endsAtMs,
    services: serviceWords(
      covered.map((each) => words.name(each.name)),
      shown.length,
      words,
    ),
  };
}

function serviceWords(names: readonly string[], total: number, words: Words): string {
  const t = words.t.maintenance;
  if (names.length === total && total > 1) return t.all;
  return names.length > NAMED_MAX ? words.count(names.length, t.services) : words.list(names);
}
