/**
 * What is told of a time in which the coordinator was away: incidents that began and ended before
 * anybody could be told of them. One message, for information: nothing in it is still so. Pure.
 */
import { formatDuration } from "../duration.ts";
import type { Incident } from "../monitor/verdict.ts";
import type { Advisory } from "./advisory.ts";

/** Incidents that a summary names one by one in words; the rest are counted. */
const NAMED_MAX = 20;

/** An incident that is over and was told to nobody. */
export interface UntoldIncident extends Pick<
  Incident,
  "id" | "monitor" | "reason" | "startedAtMs"
> {
  monitorName: string;
  kind: Incident["worst"];
  endedAtMs: number;
  /** Channels that hear of its monitor; null: all. */
  notify: readonly string[] | null;
}

/** A time in which nobody was told anything. */
export interface History {
  fromMs: number;
  toMs: number;
  /** In the order in which they ended. */
  untold: readonly UntoldIncident[];
  /** Others that were too many to be kept. */
  more: number;
  /** Coordinator that was away, counted from 0: several may have been, each with its own monitors. */
  coordinator: number;
}

function iso(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

function describe({ monitorName, kind, reason, startedAtMs, endedAtMs }: UntoldIncident): string {
  const lasted = formatDuration(Math.max(1, Math.round((endedAtMs - startedAtMs) / 1_000)) * 1_000);
  const why = reason === null ? "" : ` (${reason})`;
  return `${monitorName}: ${kind} from ${iso(startedAtMs)} for ${lasted}${why}.`;
}

/** The summary of a time for a channel; null: there is nothing that it would have been told of. */
export function summariseHistory(
  { fromMs, toMs, untold, more, coordinator }: History,
  channel: string,
): Advisory | null {
  const ended = untold.filter(({ notify }) => notify === null || notify.includes(channel));
  if (ended.length === 0) return null;
  const count = ended.length + more;
  const incidents = `${count} incident${count === 1 ? "" : "s"} began and ended`;
  const rest = count - Math.min(NAMED_MAX, ended.length);
  return {
    subject: coordinator === 0 ? `history-${toMs}` : `history-${toMs}-${coordinator + 1}`,
    step: 1,
    about: "history",
    over: false,
    severity: "info",
    title: `${incidents} while Echoquorum was away`,
    text: [
      `Echoquorum was away from ${iso(fromMs)} to ${iso(toMs)}. Meanwhile ${incidents}.`,
      ...ended.slice(0, NAMED_MAX).map(describe),
      ...(rest > 0 ? [`And ${rest} more.`] : []),
    ].join("\n"),
    reason: null,
    ended: ended.map(({ id, monitor, monitorName, kind, startedAtMs, endedAtMs }) => ({
      id,
      monitor: { id: monitor, name: monitorName },
      kind,
      startedAt: new Date(startedAtMs).toISOString(),
      endedAt: new Date(endedAtMs).toISOString(),
    })),
    monitor: null,
  };
}
