/**
 * What people wrote about trouble, as the public may see it: only where it is about everything or
 * about a monitor that is public, and of its monitors those alone. Pure: `now` is an argument.
 */
import type {
  DeclaredImpact,
  WrittenIncident,
} from "../../../../shared/monitor/written-incident.ts";
import {
  latestUpdate,
  namedMonitors,
  resolvedAtMs,
  worstDeclared,
  worstImpact,
} from "../../../../shared/monitor/written-incident.ts";
import type { NetworkStatus } from "../../object/rpc.ts";
import type { Words } from "../language/words.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Tone } from "./words.ts";

/** One update. */
export interface WrittenUpdateView {
  id: string;
  atMs: number;
  tone: Tone;
  /** E.g. `Investigating`. */
  title: string;
  /** Sanitised markup. */
  markup: string;
}

/** A written incident. */
export interface WrittenIncidentView {
  id: string;
  title: string;
  tone: Tone;
  /** E.g. `Investigating`. */
  label: string;
  startedAtMs: number;
  /** Null: it goes on. */
  resolvedAtMs: number | null;
  duration: string;
  /** Public monitors with what is declared of them, or was at worst. */
  services: Array<{ name: string; tone: Tone; words: string }>;
  /** Newest first. */
  updates: WrittenUpdateView[];
  /** Sanitised markup; null: there is none. */
  postmortem: { markup: string; atMs: number } | null;
  /** Incidents of public monitors that the quorum found and that it is about. */
  incidents: string[];
}

const IMPACT_TONES: Readonly<Record<DeclaredImpact, Tone>> = {
  none: "operational",
  degraded: "degraded",
  partial: "partial",
  down: "down",
};

type PublicFacts = Pick<
  NetworkStatus,
  "monitors" | "openIncidents" | "pastIncidents" | "writtenIncidents"
>;

/** What of a written incident the public may see; null: nothing. */
export function publicWritten(
  written: WrittenIncident,
  { monitors, openIncidents, pastIncidents }: PublicFacts,
): WrittenIncident | null {
  const shown = new Set(monitors.filter((each) => each.public).map(({ id }) => id));
  const named = namedMonitors(written);
  if (named.length > 0 && !named.some((id) => shown.has(id))) return null;
  const known = new Set(
    [...openIncidents, ...pastIncidents]
      .filter(({ monitor }) => shown.has(monitor))
      .map(({ id }) => id),
  );
  return {
    ...written,
    incidents: written.incidents.filter((id) => known.has(id)),
    updates: written.updates.map((update) => ({
      ...update,
      monitors: Object.fromEntries(Object.entries(update.monitors).filter(([id]) => shown.has(id))),
    })),
  };
}

/** All that the public may see, newest first. */
export function publicWrittenIncidents(status: PublicFacts): WrittenIncident[] {
  return (status.writtenIncidents ?? [])
    .flatMap((written) => publicWritten(written, status) ?? [])
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** What is declared of each monitor by those that go on; monitors without trouble are left out. */
export function declaredImpacts(written: readonly WrittenIncident[]): Map<string, DeclaredImpact> {
  const impacts = new Map<string, DeclaredImpact>();
  for (const each of written) {
    if (resolvedAtMs(each) !== null) continue;
    for (const [id, impact] of Object.entries(latestUpdate(each).monitors)) {
      if (impact !== "none") impacts.set(id, worstImpact([impact, impacts.get(id) ?? "none"]));
    }
  }
  return impacts;
}

/** Renders what {@link publicWritten} has let through. */
export function renderWritten(
  written: WrittenIncident,
  monitors: NetworkStatus["monitors"],
  nowMs: number,
  words: Words,
): WrittenIncidentView {
  const { id, title, startedAtMs, incidents, postmortem } = written;
  const endMs = resolvedAtMs(written);
  const { status } = latestUpdate(written);
  return {
    id,
    title: words.name(title),
    tone: writtenTone(written),
    label: words.t.written[status],
    startedAtMs,
    resolvedAtMs: endMs,
    duration: words.duration((endMs ?? nowMs) - startedAtMs),
    services: renderServices(written, monitors, words),
    updates: renderWrittenUpdates(written, words).toReversed(),
    postmortem:
      postmortem === null
        ? null
        : { markup: renderMarkdown(postmortem.text), atMs: postmortem.atMs },
    incidents,
  };
}

/** How bad it is said to be, or to have been; without a word about it, that is not known. */
function writtenTone(written: WrittenIncident): Tone {
  const current = worstImpact(Object.values(latestUpdate(written).monitors));
  const impact = resolvedAtMs(written) === null ? current : worstDeclared(written);
  return impact === "none" ? "unknown" : IMPACT_TONES[impact];
}

function renderServices(
  written: WrittenIncident,
  monitors: NetworkStatus["monitors"],
  words: Words,
): WrittenIncidentView["services"] {
  const isOver = resolvedAtMs(written) !== null;
  const now = latestUpdate(written).monitors;
  return namedMonitors(written).flatMap((id) => {
    const monitor = monitors.find((each) => each.id === id && each.public);
    if (monitor === undefined) return [];
    const impacts = isOver
      ? written.updates.map((update) => update.monitors[id] ?? "none")
      : [now[id] ?? "none"];
    const impact = worstImpact(impacts);
    const tone = IMPACT_TONES[impact];
    const said = impact === "none" ? words.t.written.unaffected : words.t.tones[tone];
    return [{ name: words.name(monitor.name), tone, words: said }];
  });
}

/** Updates, oldest first. */
export function renderWrittenUpdates(
  { updates }: Pick<WrittenIncident, "updates">,
  words: Words,
): WrittenUpdateView[] {
  return updates.map(({ id, atMs, status, text, monitors }) => {
    const impact = worstImpact(Object.values(monitors));
    const bad = impact === "none" ? "unknown" : IMPACT_TONES[impact];
    return {
      id,
      atMs,
      tone: status === "resolved" ? "operational" : bad,
      title: words.t.written[status],
      markup: renderMarkdown(text),
    };
  });
}
