/**
 * Turns what the Workers log into lines for the terminal: one per transition, one per delivery that
 * needs attention, and anything that looks like trouble. The rest stays silent.
 */
import { z } from "zod";
import type { WorkerLog } from "../network/runtime.ts";
import type { Palette } from "./terminal.ts";
import { clockTime } from "./terminal.ts";

const transitionSchema = z.object({
  event: z.literal("transition"),
  kind: z.string(),
  monitor: z.string(),
  name: z.string(),
  from: z.string(),
  to: z.string(),
  message: z.string(),
  at: z.union([z.string(), z.number()]),
});

/** What was missed and is caught up with. */
const historySchema = z.object({
  event: z.literal("history"),
  transitions: z.number(),
  from: z.string(),
  to: z.string(),
});

const deliverySchema = z.object({
  event: z.literal("delivery"),
  alert: z.string(),
  title: z.string(),
  channel: z.string(),
  state: z.enum(["pending", "sent", "dead"]),
  error: z.string().nullable().optional(),
});

/** Trouble that a Worker reports about itself. */
const failureSchema = z.object({
  event: z.string(),
  what: z.string().optional(),
  error: z.string(),
});

const WIDTH = 12;

/** Line for the terminal; null: nothing that a person needs to see. */
export function renderLogLine(log: WorkerLog, palette: Palette, nowMs: number): string | null {
  const event = parseJson(log.message);
  const transition = transitionSchema.safeParse(event);
  if (transition.success) return renderTransition(transition.data, palette);
  const history = historySchema.safeParse(event);
  if (history.success) return renderHistory(history.data, palette, nowMs);
  const delivery = deliverySchema.safeParse(event);
  if (delivery.success) return renderDelivery(delivery.data, palette, nowMs);
  const failure = failureSchema.safeParse(event);
  if (failure.success) {
    const { what, error } = failure.data;
    const text = `${what ?? failure.data.event.replaceAll("_", " ")}: ${error}`;
    return `${palette.soft(clockTime(nowMs))} ${palette.warn("trouble".padEnd(WIDTH))} ${text}`;
  }
  if (log.level !== "error" && log.level !== "warn") return null;
  const colour = log.level === "error" ? palette.bad : palette.warn;
  return `${palette.soft(clockTime(nowMs))} ${colour(log.level)} ${log.message.trimEnd()}`;
}

function parseJson(text: string): unknown {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text);
  } catch {
    // A line that only looks like one of ours.
    return null;
  }
}

function colourOf(verdict: string, palette: Palette): (text: string) => string {
  if (verdict === "operational") return palette.good;
  if (verdict === "down") return palette.bad;
  return verdict === "unknown" || verdict === "maintenance" ? palette.soft : palette.warn;
}

function renderTransition(transition: z.output<typeof transitionSchema>, palette: Palette): string {
  // An incident's own transitions say more than the change of verdict they come with.
  const { from, to, kind, name, message, at } = transition;
  const what = kind.startsWith("incident_") ? kind.slice("incident_".length) : "";
  const verdict = colourOf(to, palette)(to.padEnd(WIDTH));
  const change = palette.soft(what === "" ? `from ${from}` : `incident ${what}`);
  const time = palette.soft(clockTime(new Date(at).getTime()));
  return `${time} ${verdict} ${palette.bold(name)} (${change}) ${message}`;
}

function renderHistory(
  { transitions, from, to }: z.output<typeof historySchema>,
  palette: Palette,
  nowMs: number,
): string {
  const time = palette.soft(clockTime(nowMs));
  const changes = `${transitions} ${transitions === 1 ? "change" : "changes"}`;
  return `${time} ${palette.soft("history".padEnd(WIDTH))} ${changes} from ${from} to ${to}`;
}

function renderDelivery(
  delivery: z.output<typeof deliverySchema>,
  palette: Palette,
  nowMs: number,
): string {
  const time = palette.soft(clockTime(nowMs));
  const text = `${delivery.alert} → ${delivery.channel}: ${delivery.title}`;
  if (delivery.state === "sent") {
    return `${time} ${palette.soft("alert".padEnd(WIDTH))} ${palette.soft(text)}`;
  }
  const colour = delivery.state === "dead" ? palette.bad : palette.warn;
  const outcome = delivery.state === "dead" ? "given up" : "will be tried again";
  return `${time} ${colour("alert".padEnd(WIDTH))} ${text} (${outcome}: ${delivery.error ?? "no reason"})`;
}
