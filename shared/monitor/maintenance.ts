/**
 * Announced maintenance: the windows in which what is seen of some monitors does not count. Pure.
 *
 * A window covers [startsAtMs, endsAtMs). It is stored and published in epoch milliseconds; the API
 * and the configuration file write its moments in ISO 8601. A rule of recurrence could later stand
 * beside the two moments, which would then be those of the first occurrence: who asks here asks
 * about a moment or a span, never about a window's own times.
 */
import { z } from "zod";
import type { Monitor } from "./monitor.ts";
import { eachOnce, idSchema } from "./monitor.ts";

const DAY_MS = 86_400_000;
/** Longest window, in milliseconds: what lasts longer is no maintenance but another monitor. */
export const MAINTENANCE_MAX_MS = 30 * DAY_MS;
/**
 * For how long after its end a window stays published, in milliseconds: longer than the log may be
 * behind, and long enough for pages to tell of it.
 */
export const MAINTENANCE_PUBLISHED_MS = 30 * DAY_MS;

/** What stored and declared windows have in common. */
const commonShape = {
  name: z.string().trim().min(1).max(200),
  /** Shown on the public page beside the name. */
  description: z.string().trim().max(2_000).default(""),
  /** Ids of the monitors it covers; null: none by id, and all of them if no group is named. */
  monitors: z.array(idSchema).min(1).max(1_000).superRefine(eachOnce).nullable().default(null),
  /** Groups whose monitors it covers besides. */
  groups: z.array(z.string().trim().min(1).max(100)).max(100).superRefine(eachOnce).default([]),
};

/** Schema of a stored or published window. */
export const maintenanceSchema = z.strictObject({
  id: idSchema,
  ...commonShape,
  startsAtMs: z.int().min(0),
  endsAtMs: z.int().min(0),
});

/** A window of announced maintenance. */
export type Maintenance = z.output<typeof maintenanceSchema>;

const MOMENT = 'expected date and time with an offset such as "2026-11-20T22:00:00Z"';
const momentSchema = z.iso.datetime({ offset: true, error: MOMENT, abort: true });

function endsWell(
  { startsAt, endsAt }: { startsAt: string; endsAt: string },
  context: z.RefinementCtx,
): void {
  const lengthMs = Date.parse(endsAt) - Date.parse(startsAt);
  const report = (message: string) =>
    context.addIssue({ code: "custom", path: ["endsAt"], message });
  if (lengthMs <= 0) report("expected a moment after startsAt");
  else if (lengthMs > MAINTENANCE_MAX_MS) {
    report(`expected at most ${MAINTENANCE_MAX_MS / DAY_MS} days after startsAt`);
  }
}

const declaredShape = { ...commonShape, startsAt: momentSchema, endsAt: momentSchema };

/** A window as it is declared: name, beginning and end are enough. */
export const maintenanceInputSchema = z
  .strictObject({ id: idSchema.optional(), ...declaredShape })
  .superRefine(endsWell);

/** A whole window in the form of the API. */
export const declaredMaintenanceSchema = z
  .strictObject({ id: idSchema, ...declaredShape })
  .superRefine(endsWell);

/** A window in the form of the API. */
export type DeclaredMaintenance = z.output<typeof declaredMaintenanceSchema>;

/** Reads a validated window in the form of the API. */
export function parseMaintenance(declared: DeclaredMaintenance): Maintenance {
  const { startsAt, endsAt, ...rest } = declared;
  return { ...rest, startsAtMs: Date.parse(startsAt), endsAtMs: Date.parse(endsAt) };
}

/** Writes a window in the form of the API. */
export function renderMaintenance(maintenance: Maintenance): DeclaredMaintenance {
  const { startsAtMs, endsAtMs, ...rest } = maintenance;
  return {
    ...rest,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
  };
}

/** Whether a window is about a monitor, whenever it is. */
export function coversMonitor(
  { monitors, groups }: Pick<Maintenance, "monitors" | "groups">,
  { id, group }: Pick<Monitor, "id" | "group">,
): boolean {
  if (monitors === null && groups.length === 0) return true;
  return monitors?.includes(id) === true || (group !== null && groups.includes(group));
}

/** Whether a monitor is under maintenance at a moment. */
export function isUnderMaintenance(
  windows: readonly Maintenance[],
  monitor: Pick<Monitor, "id" | "group">,
  atMs: number,
): boolean {
  return windows.some(
    (window) =>
      atMs >= window.startsAtMs && atMs < window.endsAtMs && coversMonitor(window, monitor),
  );
}

/**
 * Moments in (fromMs, toMs] at which a window of a monitor begins or ends, in no order; where
 * windows overlap, not each of them changes anything.
 */
export function maintenanceEdges(
  windows: readonly Maintenance[],
  monitor: Pick<Monitor, "id" | "group">,
  fromMs: number,
  toMs: number,
): number[] {
  return windows
    .filter(({ startsAtMs, endsAtMs }) => endsAtMs > fromMs && startsAtMs <= toMs)
    .filter((window) => coversMonitor(window, monitor))
    .flatMap(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs])
    .filter((atMs) => atMs > fromMs && atMs <= toMs);
}
