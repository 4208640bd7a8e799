/**
 * Announced maintenance as the public pages show it: what goes on and what is to come, of monitors
 * that are public. Pure.
 */
import type { MaintenanceStatus, NetworkStatus } from "../../object/rpc.ts";
import { countWords, listWords, nameWords } from "./words.ts";

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
  startsAtMs: number;
  endsAtMs: number;
  /** E.g. `Chat and Presence`, `All services`. */
  services: string;
}

/** Windows that cover a public monitor, with those of its monitors alone. */
export function publicMaintenances(status: NetworkStatus): MaintenanceStatus[] {
  const shown = new Set(status.monitors.filter((each) => each.public).map(({ id }) => id));
  return (status.maintenances ?? []).flatMap((window) => {
    const monitors = window.monitors.filter((id) => shown.has(id));
    return monitors.length === 0 ? [] : [{ ...window, monitors }];
  });
}

/** A description in one paragraph, made safe as names are. */
export function descriptionWords(description: string): string {
  return nameWords(description.replaceAll(/\s+/g, " "));
}

/** Renders the windows that are not over, by their start. */
export function renderMaintenances(status: NetworkStatus, nowMs: number): MaintenanceView[] {
  const names = new Map(
    status.monitors.filter((each) => each.public).map(({ id, name }) => [id, nameWords(name)]),
  );
  return publicMaintenances(status)
    .filter(({ endsAtMs }) => endsAtMs > nowMs)
    .slice(0, SHOWN_MAX)
    .map(({ id, name, description, startsAtMs, endsAtMs, monitors }) => ({
      id,
      name: nameWords(name),
      description: description === "" ? null : descriptionWords(description),
      active: startsAtMs <= nowMs,
      startsAtMs,
      endsAtMs,
      services: serviceWords(
        monitors.map((monitor) => names.get(monitor) ?? monitor),
        names.size,
      ),
    }));
}

function serviceWords(names: readonly string[], total: number): string {
  if (names.length === total && total > 1) return "All services";
  return names.length > NAMED_MAX ? countWords(names.length, "service") : listWords(names);
}
