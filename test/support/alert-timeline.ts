/**
 * The alert pipeline along a timeline: `at` a time something happens, and `want` between two times
 * a message. `play` lets time pass, with a look every two seconds as the coordinator has, and fails
 * for a message that is missing, late, early, or not wanted. What is stored goes through JSON after
 * each look, as it would over a restart.
 */
import { expect } from "vitest";
import type { Decision } from "../../shared/alert/decision.ts";
import type { Delivery } from "../../shared/alert/delivery.ts";
import type { AlertGroup } from "../../shared/alert/grouping.ts";
import { advanceAlerts } from "../../shared/alert/pipeline.ts";
import type { AlertPolicy } from "../../shared/alert/policy.ts";
import { alertPolicySchema } from "../../shared/alert/policy.ts";
import type { Silence } from "../../shared/alert/silence.ts";
import type { AlertSubject } from "../../shared/alert/subject.ts";
import { subjectOfAdvisory, subjectOfIncident } from "../../shared/alert/subject.ts";
import type { Advisory } from "../../shared/alert/advisory.ts";
import { parseDuration } from "../../shared/duration.ts";
import type { IncidentKind } from "../../shared/monitor/verdict.ts";
import { INCIDENT_KINDS } from "../../shared/monitor/verdict.ts";
import { countedVote } from "./alert-facts.ts";

/** What happens at a moment. */
export type Happening = (timeline: AlertTimeline, atMs: number) => void;

/** A time in which a message is wanted, both ends included. */
export interface Between {
  fromMs: number;
  toMs: number;
}

function ms(time: string): number {
  const parsed = parseDuration(time);
  if (parsed === null) throw new Error(`not a time: ${time}`);
  return parsed;
}

/** From one time after the start to another. */
export function between(from: string, to: string): Between {
  return { fromMs: ms(from), toMs: ms(to) };
}

/** A monitor's fields, as far as alerts know them. */
type Fields = Partial<NonNullable<AlertSubject["monitor"]>>;

/** A monitor's incident opens, or becomes of another kind. */
export function becomes(monitor: string, kind: IncidentKind, fields: Fields = {}): Happening {
  return (timeline, atMs) => timeline.setIncident(monitor, kind, fields, atMs);
}

/** A monitor's outage begins. */
export const falls = (monitor: string, fields: Fields = {}): Happening =>
  becomes(monitor, "down", fields);

/** A monitor's incident ends. */
export function recovers(monitor: string): Happening {
  return (timeline, atMs) => timeline.setIncident(monitor, null, {}, atMs);
}

/** Somebody takes a monitor's incident on. */
export function acknowledged(monitor: string): Happening {
  return (timeline) => timeline.change(monitor, (subject) => ({ ...subject, acknowledged: true }));
}

/** A fact that is no incident. */
export function advises(advisory: Advisory): Happening {
  return (timeline, atMs) => timeline.advise(advisory, atMs);
}

/** A channel begins, or ceases, to refuse everything. */
export function channelFails(channel: string, fails: boolean): Happening {
  return (timeline) => timeline.setFailing(channel, fails);
}

/** Announced work on a monitor begins or ends. */
export function maintenance(monitor: string, begins: boolean): Happening {
  return (timeline) => timeline.setMaintained(monitor, begins);
}

/** A timeline of alerts. */
export class AlertTimeline {
  readonly #startMs: number;
  readonly #lookEveryMs: number;
  readonly #policy: AlertPolicy;
  readonly #channels: ReadonlyArray<{ id: string }>;
  readonly #silences: Silence[] = [];
  readonly #happenings: Array<{ atMs: number; happening: Happening }> = [];
  readonly #wants: Array<Between & { text: string }> = [];
  readonly #touched = new Set<string>();
  readonly #failing = new Set<string>();
  readonly #maintained = new Set<string>();
  #subjects = new Map<string, AlertSubject>();
  #groups = new Map<string, AlertGroup>();
  readonly #outbox = new Map<string, Delivery>();
  readonly #open = new Map<string, string>();
  #sequence = 0;
  readonly deliveries: Array<{ atMs: number; delivery: Delivery }> = [];
  readonly decisions: Decision[] = [];

  constructor(
    options: {
      policy?: unknown;
      channels?: readonly string[];
      start?: string;
      /** For long stories; default `2s`. */
      lookEvery?: string;
    } = {},
  ) {
    this.#lookEveryMs = ms(options.lookEvery ?? "2s");
    this.#startMs = Date.parse(options.start ?? "2026-11-20T14:00:00Z");
    this.#policy = alertPolicySchema.parse(options.policy ?? {});
    this.#channels = (options.channels ?? ["ops"]).map((id) => ({ id }));
  }

  /** Lets something happen at a time after the start. */
  at(time: string, ...happenings: Happening[]): this {
    for (const happening of happenings) {
      this.#happenings.push({ atMs: this.#startMs + ms(time), happening });
    }
    return this;
  }

  /** Silences what matches, from one time to another. */
  silence(span: Between, ...matchers: string[]): this {
    this.#silences.push({
      id: `silence-${this.#silences.length + 1}`,
      matchers,
      author: "Ada",
      comment: "known",
      startsAtMs: this.#startMs + span.fromMs,
      endsAtMs: this.#startMs + span.toMs,
      createdAtMs: this.#startMs,
    });
    return this;
  }

  /** Wants one message, written as `ops: chat fired, feed fired`. */
  want(span: Between, text: string): this {
    this.#wants.push({ ...span, text });
    return this;
  }

  /** Lets time pass, and holds what was told against what was wanted. */
  play(until: string): this {
    const untilMs = this.#startMs + ms(until);
    const due = [...this.#happenings].sort((a, b) => a.atMs - b.atMs);
    for (let lookMs = this.#startMs; lookMs <= untilMs; lookMs += this.#lookEveryMs) {
      while ((due[0]?.atMs ?? Infinity) < lookMs) {
        const atMs = due[0]?.atMs ?? 0;
        // What happens in one moment is one step.
        while (due[0]?.atMs === atMs) due.shift()?.happening(this, atMs);
        this.#look(atMs, new Set(this.#touched));
      }
      while (due[0]?.atMs === lookMs) due.shift()?.happening(this, lookMs);
      this.#look(lookMs, null);
    }
    this.#compare();
    return this;
  }

  setIncident(monitor: string, kind: IncidentKind | null, fields: Fields, atMs: number): void {
    const id = this.#open.get(monitor) ?? `${monitor}-${atMs}`;
    const before = this.#subjects.get(id) ?? null;
    const { regions: seen = ["us-east", "eu-central"] } = before ?? {};
    const known = before?.story !== undefined && "incident" in before.story ? before.story : null;
    const worst = INCIDENT_KINDS.findLast(
      (each) => each === kind || each === known?.incident.worst,
    );
    const present = kind ?? known?.incident.kind ?? "down";
    if (kind === null) this.#open.delete(monitor);
    else this.#open.set(monitor, id);
    const incident = {
      id,
      monitor,
      kind: present,
      worst: worst ?? present,
      reason: "connect_timeout" as const,
      message: "2 of 2 fresh regions: connect_timeout",
      startedAtMs: before?.startedAtMs ?? atMs,
      confirmedAtMs: before?.startedAtMs ?? atMs,
      endedAtMs: kind === null ? atMs : null,
      acknowledgedAtMs: null,
      regions: [...seen],
    };
    this.#sequence += 1;
    const transition = {
      id: `${id}.${this.#sequence}`,
      monitor,
      incident: id,
      atMs,
      kind:
        kind === null
          ? ("incident_resolved" as const)
          : before === null
            ? ("incident_opened" as const)
            : ("incident_changed" as const),
      from: known?.incident.kind ?? ("operational" as const),
      to: kind ?? ("operational" as const),
      reason: kind === null ? null : ("connect_timeout" as const),
      message: incident.message,
      votes: seen.map((region) => countedVote(region, kind === null ? "up" : "down")),
    };
    const declared = {
      id: monitor,
      name: monitor,
      group: null,
      severity: "critical" as const,
      notify: null,
      labels: {},
      ...before?.monitor,
      ...fields,
    };
    this.#touch(subjectOfIncident({ incident, transition, monitor: declared }, before));
  }

  /** Changes what is known of a monitor's open incident. */
  change(monitor: string, change: (subject: AlertSubject) => AlertSubject): void {
    const subject = this.#subjects.get(this.#open.get(monitor) ?? "");
    if (subject === undefined) throw new Error(`${monitor} has no incident`);
    this.#touch(change(subject));
  }

  advise(advisory: Advisory, atMs: number): void {
    const before = this.#subjects.get(advisory.subject) ?? null;
    this.#touch(subjectOfAdvisory(advisory, atMs, before));
  }

  setFailing(channel: string, fails: boolean): void {
    if (fails) this.#failing.add(channel);
    else this.#failing.delete(channel);
  }

  setMaintained(monitor: string, maintained: boolean): void {
    if (maintained) this.#maintained.add(monitor);
    else this.#maintained.delete(monitor);
  }

  #touch(subject: AlertSubject): void {
    this.#subjects.set(subject.id, subject);
    this.#touched.add(subject.id);
  }

  #look(nowMs: number, only: ReadonlySet<string> | null): void {
    this.#touched.clear();
    const step = advanceAlerts({
      policy: this.#policy,
      silences: this.#silences,
      channels: this.#channels,
      subjects: this.#subjects,
      groups: this.#groups,
      outbox: this.#outbox,
      maintained: this.#maintained,
      only,
      publicUrl: "https://status.example.com",
      nowMs,
    });
    for (const [id, subject] of step.subjects) {
      if (subject === null) this.#subjects.delete(id);
      else this.#subjects.set(id, subject);
    }
    for (const [key, group] of step.groups) {
      if (group === null) this.#groups.delete(key);
      else this.#groups.set(key, group);
    }
    this.#subjects = new Map(JSON.parse(JSON.stringify([...this.#subjects])));
    this.#groups = new Map(JSON.parse(JSON.stringify([...this.#groups])));
    for (const delivery of step.deliveries) this.#send(delivery, nowMs);
    this.decisions.push(...step.decisions);
  }

  #send(delivery: Delivery, nowMs: number): void {
    this.#outbox.delete(delivery.id);
    if (delivery.state === "merged") {
      const at = this.deliveries.findIndex((sent) => sent.delivery.id === delivery.id);
      this.deliveries.splice(at, 1);
      return;
    }
    this.deliveries.push({ atMs: nowMs - this.#startMs, delivery });
    if (!this.#failing.has(delivery.channel)) return;
    this.#outbox.set(delivery.id, { ...delivery, attempts: 1 });
  }

  #compare(): void {
    const told = this.deliveries.map(({ atMs, delivery }) => ({ atMs, text: describe(delivery) }));
    const list = told.map(({ atMs, text }) => `${atMs / 1_000}s ${text}`).join("\n");
    for (const { fromMs, toMs, text } of this.#wants) {
      const index = told.findIndex(
        (each) => each.text === text && each.atMs >= fromMs && each.atMs <= toMs,
      );
      expect(index, `${text} between ${fromMs / 1_000}s and ${toMs / 1_000}s\n${list}`).not.toBe(
        -1,
      );
      told.splice(index, 1);
    }
    expect(told, `not wanted, of\n${list}`).toEqual([]);
  }
}

/** A message in short, in the order of the monitors' names: `ops: chat fired, feed fired`. */
function describe({ message, channel, incident }: Delivery): string {
  const parts = (message.alerts ?? [message]).map((entry) => {
    const marks = `${entry.reminder ? " again" : ""}${entry.unheard ? " unheard" : ""}`;
    return `${entry.monitor?.id ?? incident} ${entry.alert}${marks}`;
  });
  return `${channel}: ${parts.sort().join(", ")}`;
}
