/**
 * A snapshot of the network's status as text that fits into a row of D1, however large the network.
 *
 * What is too long loses its regions' days, then all days, then what each region saw; and if all
 * that is not enough, monitors: those without trouble first. Incidents lose the votes of their
 * transitions, then the oldest of them are left out. Pure.
 */
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { IncidentWithTimeline, MonitorStatus, NetworkStatus } from "../object/rpc.ts";

/** Longest text of all monitors, and of all incidents, in characters: a row may hold 2 MB. */
const MONITORS_CHARACTERS_MAX = 400_000;
const INCIDENTS_CHARACTERS_MAX = 200_000;

/** The same of what people wrote, for which more than one byte a character is likely. */
const WRITTEN_CHARACTERS_MAX = 60_000;

/** Most urgent first. */
const URGENCY: Readonly<Record<VerdictKind, number>> = {
  down: 0,
  degraded: 1,
  partial: 2,
  unknown: 3,
  maintenance: 4,
  operational: 5,
};

type Shorten<T> = (item: T) => T;

/** What of a monitor may be left out, the least missed first. */
const SHORTER_MONITORS: ReadonlyArray<Shorten<MonitorStatus>> = [
  (monitor) => monitor,
  (monitor) => ({ ...monitor, regions: monitor.regions.map((seen) => ({ ...seen, days: null })) }),
  (monitor) => ({
    ...monitor,
    days: null,
    regions: monitor.regions.map((seen) => ({ ...seen, days: null })),
  }),
  ({ verdict, ...monitor }) => ({
    ...monitor,
    days: null,
    regions: [],
    verdict: { ...verdict, votes: [] },
  }),
];

/** What of an incident may be left out. */
const SHORTER_INCIDENTS: ReadonlyArray<Shorten<IncidentWithTimeline>> = [
  (incident) => incident,
  ({ transitions, ...incident }) => ({
    ...incident,
    transitions: transitions.map((transition) => ({ ...transition, votes: [] })),
  }),
];

/** What of a written incident may be left out: what happened later is told first. */
const SHORTER_WRITTEN: ReadonlyArray<Shorten<WrittenIncident>> = [
  (written) => written,
  (written) => ({ ...written, postmortem: null, updates: written.updates.slice(-3) }),
];

/**
 * Texts of all items, in the first form in which they fit; if there is none, of as many as fit in
 * the last. No more is encoded at once than may be kept.
 */
function encodeItems<T>(
  items: readonly T[],
  forms: ReadonlyArray<Shorten<T>>,
  charactersMax: number,
): string[] {
  let texts: string[] = [];
  for (const shorten of forms) {
    texts = [];
    let characters = 0;
    for (const item of items) {
      const text = JSON.stringify(shorten(item));
      characters += text.length + 1;
      if (characters > charactersMax) break;
      texts.push(text);
    }
    if (texts.length === items.length) break;
  }
  return texts;
}

/** Encodes a snapshot. */
export function encodeSnapshot(snapshot: NetworkStatus): string {
  const { monitors, writtenIncidents = [], openIncidents, pastIncidents, ...rest } = snapshot;
  const whole = encodeItems(monitors, SHORTER_MONITORS, MONITORS_CHARACTERS_MAX);
  const urgent = () =>
    monitors.toSorted((a, b) => URGENCY[a.verdict.kind] - URGENCY[b.verdict.kind]);
  const shown =
    whole.length === monitors.length
      ? whole
      : encodeItems(urgent(), SHORTER_MONITORS.slice(-1), MONITORS_CHARACTERS_MAX);
  const [open, past] = [openIncidents, pastIncidents].map((incidents) =>
    encodeItems(incidents, SHORTER_INCIDENTS, INCIDENTS_CHARACTERS_MAX / 2),
  );
  const written = encodeItems(writtenIncidents, SHORTER_WRITTEN, WRITTEN_CHARACTERS_MAX);
  const lists = [
    `"writtenIncidents":[${written.join(",")}]`,
    `"monitors":[${shown.join(",")}]`,
    `"openIncidents":[${open?.join(",") ?? ""}]`,
    `"pastIncidents":[${past?.join(",") ?? ""}]`,
  ];
  return `${JSON.stringify(rest).slice(0, -1)},${lists.join(",")}}`;
}
