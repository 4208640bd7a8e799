/**
 * The judgement once more, small and obviously right: no streaks carried along, no incidents, only
 * lists of what each region said, looked at from the end. It is stepped beside the coordinator with
 * the same runs at the same moments, and both must change their minds at the same moments, alike.
 */
import { parseDuration } from "../../shared/duration.ts";
import type { Monitor, Threshold } from "../../shared/monitor/monitor.ts";
import { intervalMs } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { RegionTransition } from "../../shared/monitor/region-health.ts";
import type { VerdictKind } from "../../shared/monitor/verdict.ts";
import type { Status } from "../../shared/probe/reason.ts";
import type { RunDigest } from "../../shared/probe/digest.ts";

/** A change of mind. */
export interface Change {
  monitor: string;
  from: VerdictKind;
  to: VerdictKind;
  atMs: number;
}

/** What a region once said. */
interface Said {
  atMs: number;
  status: Status;
  colo: string | null;
  /** Said after so long a silence that it begins a new story. */
  afresh: boolean;
}

/** What is believed of one monitor. */
interface Belief {
  kind: VerdictKind;
  /** Kind of the incident that is open, unless it only waits for a calm. */
  open: VerdictKind | null;
  /** Whether the incident is one of too many; null: none is open. */
  flaps: boolean | null;
  /** Since when a flapping incident waits for a calm. */
  calmSince: number | null;
  /** When incidents were opened. */
  openings: number[];
  /** What each region counted as last time. */
  took: Map<string, Status>;
  /** Since when nothing is said only because others have yet to speak; null: it is not so. */
  waitingSince: number | null;
}

/** What there is to count. */
interface Count {
  /** By place. */
  votes: Status[];
  /** Whether a region keeps failing. */
  failing: boolean;
}

const BADNESS = { up: 0, degraded: 1, down: 2, unknown: 3 } as const;

/** Windows of announced work on a monitor. */
function worksOn({ id }: Monitor, config: PublishedConfig) {
  const works = config.maintenances ?? [];
  return works.filter(({ monitors }) => monitors === null || monitors.includes(id));
}

/** Whether there is announced work on a monitor. */
export function isWorkedOn(monitor: Monitor, config: PublishedConfig, atMs: number): boolean {
  return worksOn(monitor, config).some((work) => work.startsAtMs <= atMs && atMs < work.endsAtMs);
}

function freshFor(monitor: Monitor, config: PublishedConfig): number {
  return 2 * intervalMs(monitor, config.defaultIntervalMs) + 30_000;
}

/** When a monitor flaps; never, where it does not want to know. */
function flappingOf(monitor: Monitor, config: PublishedConfig | null) {
  const everyMs = intervalMs(monitor, config?.defaultIntervalMs ?? 0);
  const { flapping } = monitor.quorum;
  const { incidents = 5, window, calm } = flapping === false ? {} : (flapping ?? {});
  return {
    incidents: flapping === false ? Infinity : incidents,
    windowMs: (window === undefined ? null : parseDuration(window)) ?? 15 * everyMs,
    calmMs: (calm === undefined ? null : parseDuration(calm)) ?? 4 * everyMs,
  };
}

function needed(threshold: Threshold, of: number): number {
  if (threshold === "majority") {
    let votes = 0;
    while (2 * votes <= of) votes += 1;
    return votes;
  }
  if (typeof threshold === "number") return threshold;
  let votes = 1;
  while (100 * votes < Number.parseInt(threshold, 10) * of) votes += 1;
  return votes;
}

/** The statements since the last silence, newest first, without the probe's own trouble. */
function story(said: readonly Said[]): Said[] {
  const told: Said[] = [];
  for (const statement of said.toReversed()) {
    if (statement.status !== "unknown") told.push(statement);
    if (statement.afresh) break;
  }
  return told;
}

/** How many of the newest statements satisfy a condition in a row. */
function inARow(told: readonly Said[], condition: (status: Status) => boolean): number {
  const end = told.findIndex(({ status }) => !condition(status));
  return end < 0 ? told.length : end;
}

/** The model. */
export class ReferenceModel {
  #config: PublishedConfig | null = null;
  readonly #said = new Map<string, Said[]>();
  readonly #beliefs = new Map<string, Belief>();
  readonly #suspended = new Set<string>();
  #changes: Change[] = [];

  /** A model of the same mind, to try something out on. */
  clone(): ReferenceModel {
    const clone = new ReferenceModel();
    clone.#config = this.#config;
    clone.#changes = [...this.#changes];
    for (const [key, said] of this.#said) clone.#said.set(key, [...said]);
    for (const region of this.#suspended) clone.#suspended.add(region);
    for (const [monitor, belief] of this.#beliefs) clone.#beliefs.set(monitor, belief);
    return clone;
  }

  /** Changes of mind since the last call. */
  takeChanges(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** What is believed of a monitor. */
  kindOf(monitor: string): VerdictKind {
    return this.#beliefs.get(monitor)?.kind ?? "unknown";
  }

  /** What its regions count as, and since when others are awaited. */
  beliefOf(monitor: string): Pick<Belief, "took" | "waitingSince"> | undefined {
    return this.#beliefs.get(monitor);
  }

  /** What a region said last of a monitor. */
  lastSaid(monitor: string, region: string): Pick<Said, "atMs" | "status"> | undefined {
    return this.#heard(monitor, region).at(-1);
  }

  #heard(monitor: string, region: string): Said[] {
    const key = `${monitor}/${region}`;
    const said = this.#said.get(key) ?? [];
    this.#said.set(key, said);
    return said;
  }

  /** Takes a configuration over. */
  adopt(config: PublishedConfig, atMs: number): void {
    const gone = (this.#config?.monitors ?? []).filter(
      ({ id }) => !config.monitors.some((monitor) => monitor.id === id),
    );
    for (const { id } of gone) {
      const belief = this.#beliefs.get(id);
      if (belief !== undefined) {
        this.#changes.push({ monitor: id, from: belief.kind, to: "unknown", atMs });
      }
      this.#beliefs.delete(id);
      for (const region of config.regions) this.#said.delete(`${id}/${region}`);
    }
    this.#config = config;
    if (atMs > 0) for (const monitor of config.monitors) this.#judge(monitor, atMs);
  }

  /** Lets time pass: what was said grows old. */
  passTo(fromMs: number, toMs: number): void {
    const config = this.#config;
    if (config === null) return;
    for (const monitor of config.monitors) {
      let atMs = fromMs;
      for (;;) {
        const later = this.#momentsOf(monitor, config).filter((moment) => moment > atMs);
        atMs = Math.min(Infinity, ...later);
        if (atMs > toMs) break;
        this.#judge(monitor, atMs);
      }
    }
  }

  /** Moments at which a monitor may have to be thought about again by time alone. */
  #momentsOf(monitor: Monitor, config: PublishedConfig): number[] {
    const freshMs = freshFor(monitor, config);
    const moments: number[] = [];
    const { waitingSince = null, calmSince = null } = this.#beliefs.get(monitor.id) ?? {};
    if (calmSince !== null) moments.push(calmSince + flappingOf(monitor, config).calmMs);
    if (waitingSince !== null) moments.push(waitingSince + Math.floor(freshMs / 2) + 1);
    for (const { startsAtMs, endsAtMs } of worksOn(monitor, config)) {
      moments.push(startsAtMs, endsAtMs);
    }
    for (const region of config.regions) {
      const said = this.#heard(monitor.id, region);
      const usable = said.findLast(({ status }) => status !== "unknown");
      for (const statement of [said.at(-1), usable]) {
        if (statement === undefined) continue;
        moments.push(statement.atMs - freshMs, statement.atMs + freshMs + 1);
      }
    }
    return moments;
  }

  /**
   * Takes runs in as one moment, and thinks again about what they observed; about everything when
   * a region may vote now that might not, or the reverse. Which may is given, not judged here.
   */
  hear(runs: readonly RunDigest[], atMs: number, health: readonly RegionTransition[]): void {
    const observed = new Set<string>();
    for (const run of runs) {
      for (const { monitor, startedAtMs, status } of run.observations) {
        observed.add(monitor);
        this.#note(monitor, run, startedAtMs, status);
      }
    }
    const changed = this.#suspend(health);
    for (const monitor of this.#config?.monitors ?? []) {
      if (changed || observed.has(monitor.id)) this.#judge(monitor, atMs);
    }
  }

  /** Takes over which regions are suspended; silence changes nothing. Whether anything changed. */
  #suspend(health: readonly RegionTransition[]): boolean {
    const before = [...this.#suspended].sort().join();
    for (const { region, to } of health) {
      if (to === "suspended") this.#suspended.add(region);
      else if (to !== "silent") this.#suspended.delete(region);
    }
    return [...this.#suspended].sort().join() !== before;
  }

  #note(id: string, { region, colo }: RunDigest, atMs: number, status: Status): void {
    const config = this.#config;
    const said = this.#heard(id, region);
    const last = said.at(-1);
    if (last !== undefined && atMs <= last.atMs) return;
    const monitor = config?.monitors.find((candidate) => candidate.id === id);
    const usable = said.findLast((statement) => statement.status !== "unknown");
    const afresh =
      config !== null &&
      monitor !== undefined &&
      usable !== undefined &&
      atMs - usable.atMs > freshFor(monitor, config);
    said.push({ atMs, status, colo, afresh });
  }

  #judge(monitor: Monitor, atMs: number): void {
    const belief = this.#beliefs.get(monitor.id) ?? {
      kind: "unknown" as const,
      open: null,
      flaps: null,
      calmSince: null,
      openings: [],
      took: new Map<string, Status>(),
      waitingSince: null,
    };
    const { kind, took, waitingSince } = this.#conclude(monitor, belief, atMs);
    const { open, flaps, calmSince, openings } = this.#follow(monitor, belief, kind, atMs);
    const ends = belief.flaps !== null && flaps === null;
    if (kind !== belief.kind || ends) {
      this.#changes.push({ monitor: monitor.id, from: belief.kind, to: kind, atMs });
    }
    this.#beliefs.set(monitor.id, { kind, open, flaps, calmSince, openings, took, waitingSince });
  }

  /** What becomes of the incident. */
  #follow(
    monitor: Monitor,
    belief: Belief,
    kind: VerdictKind,
    atMs: number,
  ): Pick<Belief, "open" | "flaps" | "calmSince" | "openings"> {
    const { openings, flaps, open } = belief;
    const { incidents, windowMs, calmMs } = flappingOf(monitor, this.#config);
    if (kind === "partial" || kind === "degraded" || kind === "down") {
      if (flaps !== null) return { open: kind, flaps, calmSince: null, openings };
      const opened = [...openings, atMs];
      const recent = opened.filter((openedAtMs) => atMs - openedAtMs <= windowMs);
      return { open: kind, flaps: recent.length >= incidents, calmSince: null, openings: opened };
    }
    if (kind !== "operational") return { open, flaps, calmSince: belief.calmSince, openings };
    const calmSince = belief.calmSince ?? atMs;
    const waits = flaps === true && atMs < calmSince + calmMs;
    return {
      open: null,
      flaps: waits ? flaps : null,
      calmSince: waits ? calmSince : null,
      openings,
    };
  }

  /** What a region's newest statements count as; null: nothing yet. */
  #take(monitor: Monitor, region: string, before: Status | undefined): Status | null {
    const { raiseAfter, clearAfter } = monitor.quorum;
    const told = story(this.#heard(monitor.id, region));
    const newest = told[0]?.status ?? "unknown";
    const known = before === undefined || before === "unknown" ? null : before;
    if (newest === "down") {
      return inARow(told, (status) => status === "down") >= raiseAfter ? "down" : known;
    }
    const good = inARow(told, (status) => status !== "down");
    if (known === "down" && good < clearAfter) return "down";
    if (newest === "degraded") {
      const slow = inARow(told, (status) => status === "degraded");
      if (known === "up" || known === null) return slow >= raiseAfter ? "degraded" : known;
      return "degraded";
    }
    const up = inARow(told, (status) => status === "up");
    return known === "degraded" && up < clearAfter ? "degraded" : "up";
  }

  #isPersistent(monitor: Monitor, region: string, intervalLengthMs: number): boolean {
    const told = story(this.#heard(monitor.id, region));
    const failures = inARow(told, (status) => status === "down");
    const [newest, oldest] = [told[0], told[failures - 1]];
    if (newest === undefined || oldest === undefined) return false;
    return failures >= 3 && newest.atMs - oldest.atMs >= 1.5 * intervalLengthMs;
  }

  #conclude(
    monitor: Monitor,
    belief: Belief,
    nowMs: number,
  ): Pick<Belief, "kind" | "took" | "waitingSince"> {
    const config = this.#config;
    const took = new Map<string, Status>();
    if (config === null) return { kind: "unknown", took, waitingSince: null };
    if (isWorkedOn(monitor, config, nowMs))
      return { kind: "maintenance", took, waitingSince: null };
    const everyMs = intervalMs(monitor, config.defaultIntervalMs);
    const freshMs = freshFor(monitor, config);
    const assigned = config.regions.filter(
      (region) =>
        monitor.regions === null || (monitor.regions as readonly string[]).includes(region),
    );
    const places = new Map<string, Status>();
    const missing: string[] = [];
    let troubled = 0;
    let newestMs = -Infinity;
    for (const region of assigned) {
      if (this.#suspended.has(region)) continue;
      const said = this.#heard(monitor.id, region);
      const last = said.at(-1);
      if (last === undefined || Math.abs(nowMs - last.atMs) > freshMs) {
        missing.push(region);
        continue;
      }
      if (last.status === "unknown") {
        const usable = said.findLast(({ status }) => status !== "unknown");
        if (usable !== undefined && Math.abs(nowMs - usable.atMs) <= freshMs) troubled += 1;
        continue;
      }
      const status = this.#take(monitor, region, belief.took.get(region));
      if (status === null) continue;
      took.set(region, status);
      newestMs = Math.max(newestMs, last.atMs);
      const place = last.colo ?? `nowhere but ${region}`;
      const other = places.get(place);
      if (other === undefined || BADNESS[status] < BADNESS[other]) places.set(place, status);
    }
    const keepsFailing = (region: string) =>
      belief.open !== null || this.#isPersistent(monitor, region, everyMs);
    const present: Count = {
      votes: [...places.values()],
      failing: [...took].some(([region, status]) => status === "down" && keepsFailing(region)),
    };
    const spokenBy = (status: Status, failing: boolean): Count => ({
      votes: [...present.votes, ...missing.map(() => status)],
      failing: present.failing || failing,
    });
    const judge = (count: Count) => this.#count(monitor, belief, assigned.length, count, troubled);
    const kind = judge(present);
    const known = belief.kind !== "unknown" && belief.kind !== "maintenance";
    const least = Math.max(1, Math.min(monitor.quorum.minVotes ?? 2, assigned.length));
    if (monitor.paused) return { kind, took, waitingSince: null };
    // Nor does a wait begin again because too few have spoken in between.
    if (present.votes.length < least) return { kind, took, waitingSince: belief.waitingSince };
    if (known) {
      const quiet = nowMs - newestMs > freshMs - everyMs;
      return { kind: quiet ? belief.kind : kind, took, waitingSince: null };
    }
    const trouble = belief.open !== null || present.votes.some((status) => status !== "up");
    const waitingSince = belief.waitingSince ?? nowMs;
    const wait =
      trouble &&
      nowMs - waitingSince <= freshMs / 2 &&
      judge(spokenBy("up", false)) !== judge(spokenBy("down", missing.some(keepsFailing)));
    if (wait) return { kind: "unknown", took, waitingSince };
    // A wait that is over does not begin again while nothing becomes known.
    return { kind, took, waitingSince: kind === "unknown" ? belief.waitingSince : null };
  }

  #count(
    monitor: Monitor,
    belief: Belief,
    assigned: number,
    { votes, failing }: Count,
    troubled: number,
  ): VerdictKind {
    if (monitor.paused) return "unknown";
    const { raise, clear, minVotes } = monitor.quorum;
    const least = Math.max(1, Math.min(minVotes ?? 2, assigned));
    const known = belief.kind !== "unknown" && belief.kind !== "maintenance";
    if (votes.length < least) {
      return known && votes.length + troubled >= least ? belief.kind : "unknown";
    }
    const most = raise === "majority" ? votes.length : Math.max(1, assigned);
    const of = raise === "majority" ? assigned : votes.length;
    const toRaise = Math.min(needed(raise, of), most);
    const toClear = Math.min(needed(clear, votes.length), votes.length);
    const down = votes.filter((status) => status === "down").length;
    const up = votes.filter((status) => status === "up").length;
    if (down >= toRaise) return "down";
    if (belief.open === "down" && votes.length - down < toClear) return known ? "down" : "unknown";
    if (votes.length - up >= toRaise) return "degraded";
    const held = belief.open === "down" || belief.open === "degraded";
    if (held && up < toClear) return known ? "degraded" : "unknown";
    return failing ? "partial" : "operational";
  }
}
