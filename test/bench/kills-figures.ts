/** What came of a network that was killed again and again: judged from what is left. Pure. */

/** A time in which the network was dead or starting. */
export interface Absence {
  fromMs: number;
  toMs: number;
}

/** An incident as the API tells it. */
export interface ToldIncident {
  id: string;
  endedAt: string | null;
  timeline: ReadonlyArray<{ id: string; kind: string }>;
}

/** Incidents that were not opened once and resolved once. */
export function incidentProblems(incidents: readonly ToldIncident[]): string[] {
  return incidents.flatMap(({ id, endedAt, timeline }) => {
    const count = (kind: string) => timeline.filter((each) => each.kind === kind).length;
    const [opened, resolved] = [count("incident_opened"), count("incident_resolved")];
    const once = opened === 1 && resolved === 1 && endedAt !== null;
    return once ? [] : [`${id} was opened ${opened} times and resolved ${resolved} times`];
  });
}

/**
 * Compares what was decided with what arrived, by key.
 *
 * @param keyOf the key under which a receiver sees a delivery's id
 */
export function countMessages(
  keyOf: (id: string) => string,
  decided: ReadonlyArray<{ id: string; state: string }>,
  received: ReadonlyArray<{ key: string; body: string }>,
) {
  const bodies = new Map<string, Set<string>>();
  for (const { key, body } of received) {
    bodies.set(key, (bodies.get(key) ?? new Set()).add(messageOf(body)));
  }
  const keys = new Set(decided.map(({ id }) => keyOf(id)));
  const lost = decided.filter(({ id, state }) => state !== "sent" || !bodies.has(keyOf(id)));
  const problems = [
    ...lost.map(({ id, state }) => `${id} is ${state}, and arrived: ${bodies.has(keyOf(id))}`),
    ...[...bodies.keys()].filter((key) => !keys.has(key)).map((key) => `${key} is of nobody`),
    ...[...bodies].filter(([, { size }]) => size > 1).map(([key]) => `${key} says two things`),
  ];
  return {
    keys: keys.size,
    lost: lost.length,
    repeated: received.length - bodies.size,
    problems,
  };
}

/** A message without the moment at which it was sent. */
function messageOf(body: string): string {
  const { data } = JSON.parse(body) as { data: unknown };
  return JSON.stringify(data);
}

/**
 * Accounts for every round of every region: in the log, or due while nothing ran, or within a pace
 * before a kill or after a start: its checks died, or its cron had not fired yet.
 */
export function accountForRuns(facts: {
  logged: ReadonlyArray<{ scheduledAtMs: number; region: string }>;
  regions: readonly string[];
  everyMs: number;
  window: { fromMs: number; toMs: number };
  absences: readonly Absence[];
}) {
  const { logged, regions, everyMs, window, absences } = facts;
  const excused = (fromMs: number, toMs: number) =>
    absences.some((absence) => fromMs <= absence.toMs + everyMs && toMs >= absence.fromMs);
  const account = { expected: 0, logged: 0, absent: 0, lost: 0, problems: [] as string[] };
  for (const region of regions) {
    const moments = logged.filter((run) => run.region === region).map((run) => run.scheduledAtMs);
    for (let fromMs = window.fromMs; fromMs < window.toMs; fromMs += everyMs) {
      const toMs = fromMs + everyMs;
      account.expected += 1;
      if (moments.some((atMs) => atMs >= fromMs && atMs < toMs)) account.logged += 1;
      else if (excused(fromMs, toMs)) account.absent += 1;
      else {
        account.lost += 1;
        account.problems.push(`${region} has no run from ${new Date(fromMs).toISOString()} on`);
      }
    }
  }
  return account;
}
