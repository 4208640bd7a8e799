/**
 * What a badge says: status, uptime or latency, of one public monitor or of all. Pure.
 *
 * Built on the page's view model: data that is out of date is `unknown`, never green.
 */
import { z } from "@hono/zod-openapi";
import { makeBadge } from "badge-maker";
import type { VerdictTimes } from "../../../shared/monitor/uptime.ts";
import { addTimes, NO_TIME, uptimeOf } from "../../../shared/monitor/uptime.ts";
import type { MonitorStatus, NetworkStatus } from "../object/rpc.ts";
import { ENGLISH } from "../pages/language/languages.ts";
import { renderStatus } from "../pages/view-model/status-view.ts";
import type { Tone } from "../pages/view-model/words.ts";
import { nameWords } from "../pages/view-model/words.ts";

/** What a badge may be about. */
export const BADGE_KINDS = ["status", "uptime", "latency"] as const;
/** What a badge is about. */
export type BadgeKind = (typeof BADGE_KINDS)[number];

const colourSchema = z
  .string()
  .regex(/^([a-z]{3,20}|#?[0-9a-f]{3}|#?[0-9a-f]{6})$/i, "expected a colour's name or hexadecimal")
  .transform((colour) => (/^[0-9a-f]{3}([0-9a-f]{3})?$/i.test(colour) ? `#${colour}` : colour));

/** Options as shields.io has them. */
export const badgeOptionsSchema = z.strictObject({
  label: z.string().max(100).optional(),
  labelColor: colourSchema.optional(),
  color: colourSchema.optional(),
  style: z.enum(["flat", "flat-square", "plastic", "for-the-badge", "social"]).default("flat"),
});

/** Options of a badge. */
export type BadgeOptions = z.output<typeof badgeOptionsSchema>;

/** What a badge says. */
export interface Badge {
  label: string;
  message: string;
  color: string;
}

const COLOURS: Readonly<Record<Tone, string>> = {
  operational: "brightgreen",
  degraded: "yellow",
  partial: "orange",
  down: "red",
  unknown: "lightgrey",
  maintenance: "blue",
  paused: "lightgrey",
};

/** Uptime from which a badge has a colour, best first. */
const UPTIME_COLOURS = [
  [0.999, "brightgreen"],
  [0.99, "green"],
  [0.95, "yellow"],
  [0.9, "orange"],
  [0, "red"],
] as const;

/** Latency up to which a badge has a colour, in milliseconds. */
const LATENCY_COLOURS = [
  [200, "brightgreen"],
  [500, "green"],
  [1_000, "yellow"],
  [3_000, "orange"],
  [Infinity, "red"],
] as const;

const UNKNOWN = { message: "unknown", color: "lightgrey" };

/** What a badge says; null: there is no public monitor of that id. */
export function renderBadge(
  kind: BadgeKind,
  status: NetworkStatus,
  moment: { source: "live" | "snapshot"; nowMs: number },
  monitor: string | null,
): Badge | null {
  const view = renderStatus(status, moment);
  const all = view.groups.flatMap(({ monitors }) => monitors);
  const shown = all.find(({ id }) => id === monitor);
  if (monitor !== null && shown === undefined) return null;
  const label = shown?.name ?? kind;
  const chosen = status.monitors.filter(
    (each) => each.public && (shown?.id ?? each.id) === each.id,
  );
  switch (kind) {
    case "status": {
      const tone = shown?.tone ?? view.headline.tone;
      return { label, message: ENGLISH.t.tones[tone].toLowerCase(), color: COLOURS[tone] };
    }
    case "uptime":
      return { label, ...renderUptime(chosen) };
    case "latency":
      return { label, ...(view.headline.current ? renderLatency(chosen) : UNKNOWN) };
  }
}

function renderUptime(monitors: readonly MonitorStatus[]): Omit<Badge, "label"> {
  const times = monitors.flatMap(({ days }) => days ?? []).reduce<VerdictTimes>(addTimes, NO_TIME);
  const uptime = uptimeOf(times);
  if (uptime === null) return UNKNOWN;
  const [, color = "red"] = UPTIME_COLOURS.find(([from]) => uptime >= from) ?? [];
  return { message: ENGLISH.percent(uptime), color };
}

/** The median over what each region measured last. */
function renderLatency(monitors: readonly MonitorStatus[]): Omit<Badge, "label"> {
  const latencies = monitors
    .filter(({ paused }) => !paused)
    .flatMap(({ regions }) => regions)
    .flatMap(({ last }) => (last?.status === "up" || last?.status === "degraded" ? last : []))
    .flatMap(({ totalMs }) => totalMs ?? [])
    .sort((a, b) => a - b);
  const median = latencies[Math.floor((latencies.length - 1) / 2)];
  if (median === undefined) return UNKNOWN;
  const [, color = "red"] = LATENCY_COLOURS.find(([to]) => median <= to) ?? [];
  return { message: ENGLISH.latency(median), color };
}

/** What is shown: the badge with the reader's own wishes. */
export function chooseBadge(badge: Badge, options: BadgeOptions): Badge & { labelColor: string } {
  const { label = badge.label, color = badge.color, labelColor = "#555" } = options;
  return { label: plain(label), message: plain(badge.message), color, labelColor };
}

/** Draws a badge as SVG. */
export function drawBadge(badge: Badge, options: BadgeOptions): string {
  return makeBadge({ ...chooseBadge(badge, options), style: options.style });
}

/** Text that XML can hold, without characters that turn it around. */
function plain(text: string): string {
  return nameWords(text.toWellFormed().replaceAll(/[\ufffe\uffff]/g, ""));
}
