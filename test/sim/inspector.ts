/**
 * Watches everything that becomes durable in the object and everything that leaves it, and says
 * which promise was broken. The promises: every change of mind is the reference model's; `down`
 * only by a quorum of votes that truly failed; each transition once, in unbroken chains; incidents
 * one at a time, begun at an observation that was made; nothing opened, dated back or told under
 * maintenance; each run taken in once; asks bounded.
 */
import { intervalMs } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Incident, Transition } from "../../shared/monitor/verdict.ts";
import { runKey } from "../../shared/probe/run.ts";
import type { RunDigest } from "../../shared/probe/digest.ts";
import { STALE_JUDGEMENT_MS } from "../../workers/coordinator/object/limits.ts";
import type { LogLine, MirrorBatch } from "../../workers/coordinator/object/ports.ts";
import type { Delivery } from "../../shared/alert/delivery.ts";
import { subjectsOf } from "../../shared/alert/delivery.ts";
import { agree, newsOf } from "./agreement.ts";
import { AskInspector } from "./ask-inspector.ts";
import type { Commit, Witness } from "./object-host.ts";
import type { Change } from "./reference-model.ts";
import { ReferenceModel, isWorkedOn } from "./reference-model.ts";
import type { Way } from "./run-copies.ts";
import { RunCopies } from "./run-copies.ts";
import type { Span } from "./scenario.ts";
import { during } from "./scenario.ts";
import { RollupLedger } from "./rollup-ledger.ts";
import type { World } from "./world.ts";

/** A promise that was broken. */
export class Violation extends Error {
  override readonly name = "Violation";
}

function describeChange({ monitor, from, to, atMs }: Change): string {
  return `${monitor}: ${from} → ${to} at ${new Date(atMs).toISOString()}`;
}

/** The inspector. */
export class Inspector implements Witness {
  readonly #world: World;
  #model = new ReferenceModel();
  #config: PublishedConfig | null = null;
  /** When the object took its configuration over; it may long have been there, and unreadable. */
  configSinceMs = -Infinity;
  readonly #transitionIds = new Set<string>();
  readonly #lastKind = new Map<string, string>();
  readonly #open = new Map<string, string>();
  /** Times in which the object held a monitor to be under maintenance, by monitor. */
  readonly #works = new Map<string, Span[]>();
  /** Runs as they reached the object. */
  readonly copies: RunCopies;
  readonly #asks: AskInspector;
  /** Keys of runs that were taken in. */
  readonly taken = new Set<string>();
  /** Keys of runs that another coordinator ordered, and that were deleted before they were read. */
  readonly forgone = new Set<string>();
  readonly transitions: Transition[] = [];
  readonly incidents = new Map<string, Incident>();
  readonly deliveries = new Map<string, Delivery>();
  readonly mirroredTransitions = new Map<string, string>();
  readonly mirroredIncidents = new Map<string, string>();
  readonly mirroredDeliveries = new Map<string, string>();
  /** Subjects that were last kept from a channel because something else mutes them. */
  readonly inhibited = new Set<string>();
  readonly failures: string[] = [];
  readonly rollups = new RollupLedger();
  violation: Violation | null = null;
  /** Moments from which on a region's votes counted that may have been suspended. */
  readonly #releasedAtMs = new Set<number>();

  constructor(world: World) {
    this.#world = world;
    this.copies = new RunCopies(world);
    this.#asks = new AskInspector(world.scenario, (kept, broken) => this.promise(kept, broken));
  }

  /** Notes a broken promise, unless one is known already. */
  promise(kept: boolean, broken: () => string): void {
    if (kept || this.violation !== null) return;
    this.violation = new Violation(broken());
  }

  delivered(run: RunDigest, way: Way): void {
    this.copies.add(run, way);
  }

  committed(commit: Commit): void {
    const { changes } = commit;
    for (const { to, atMs } of changes.regionTransitions) {
      if (to !== "suspended" && to !== "silent") this.#releasedAtMs.add(atMs);
    }
    for (const run of changes.keptRuns) {
      this.promise(this.copies.addRest(run), () => `no probe answered ${runKey(run)}`);
    }
    const ways = this.copies.waysOf([...changes.seen.keys()], this.#config);
    const runs = ways.map((moments) => moments.flat());
    const miscounted = this.rollups.see(changes, runs);
    this.promise(miscounted === null, () => miscounted ?? "");
    this.#stepModel(commit, ways);
    for (const judgement of changes.judgements.values()) this.#asks.seeWanted(judgement);
    for (const monitor of changes.retiredJudgements) this.#asks.forget(monitor);
    for (const transition of changes.transitions) this.#seeWork(transition);
    for (const { incident } of changes.incidents.values()) this.#seeIncident(incident);
    for (const transition of changes.transitions) this.#seeTransition(transition);
    for (const { channel, subject, steps } of changes.decisions) {
      const muted = steps.some(({ stage, passed }) => stage === "inhibition" && !passed);
      if (muted) this.inhibited.add(`${channel}/${subject}`);
      else this.inhibited.delete(`${channel}/${subject}`);
    }
    for (const delivery of changes.deliveries.values()) {
      this.#seeTold(delivery, commit);
      this.#seeDelivery(delivery);
    }
  }

  /** Runs the reference model through what the commit contains, and compares. */
  #stepModel(commit: Commit, ways: readonly RunDigest[][][]): void {
    const { changes, judgedAtMs } = commit;
    if (changes.config !== null) {
      this.#config = changes.config;
      this.configSinceMs = commit.nowMs;
      this.#model.adopt(changes.config, judgedAtMs);
    }
    const keys = [...changes.seen.keys()];
    for (const key of keys) {
      this.promise(!this.taken.has(key), () => `the run ${key} was taken in twice`);
      this.taken.add(key);
    }
    const actual = changes.transitions
      .filter(({ kind }) => kind !== "incident_acknowledged")
      .map(describeChange)
      .sort()
      .join("\n  ");
    this.promise(ways.length > 0, () => `runs that never were are taken in: ${keys.join(", ")}`);
    let expected = "";
    for (const [index, moments] of ways.entries()) {
      const model = index === ways.length - 1 ? this.#model : this.#model.clone();
      const news = newsOf(model, moments);
      expected = this.#expect(model, moments, commit);
      if (expected !== actual || !agree(model, news, changes)) continue;
      this.#model = model;
      return;
    }
    this.promise(
      false,
      () =>
        `the reference model expects\n  ${expected || "nothing"}\n` +
        `and the coordinator concludes\n  ${actual || "nothing"}\n` +
        `from ${keys.join(", ") || "no runs"}`,
    );
  }

  #expect(model: ReferenceModel, moments: readonly RunDigest[][], commit: Commit): string {
    let { judgedAtMs } = commit;
    for (const runs of moments) {
      const endedAtMs = Math.max(...runs.map((run) => run.finishedAtMs));
      const atMs = Math.max(judgedAtMs, Math.min(endedAtMs, commit.nowMs));
      model.passTo(judgedAtMs, atMs);
      // Of a page of the log, each run changes its own region's health before anybody is judged.
      const health = commit.changes.regionTransitions.filter(({ region, runAtMs }) =>
        runs.some((run) => run.region === region && run.startedAtMs === runAtMs),
      );
      model.hear(runs, atMs, health);
      judgedAtMs = atMs;
    }
    model.passTo(judgedAtMs, commit.changes.tail?.judgedAtMs ?? judgedAtMs);
    return model.takeChanges().map(describeChange).sort().join("\n  ");
  }

  #seeIncident(incident: Incident): void {
    const { id, monitor, startedAtMs, confirmedAtMs, endedAtMs } = incident;
    const known = this.incidents.get(id);
    this.incidents.set(id, incident);
    this.promise(
      startedAtMs <= Math.max(confirmedAtMs, startedAtMs) &&
        (endedAtMs === null || endedAtMs >= confirmedAtMs),
      () => `the incident ${id} ends before it is confirmed`,
    );
    if (known !== undefined) {
      this.promise(
        known.startedAtMs === startedAtMs && known.monitor === monitor,
        () => `the incident ${id} changes its beginning`,
      );
      return;
    }
    const observed = this.#world.performed.some((run) =>
      run.observations.some(
        (observation) =>
          observation.monitor === monitor &&
          observation.startedAtMs === startedAtMs &&
          observation.status !== "up" &&
          observation.blame !== "probe",
      ),
    );
    const afterLast = [...this.incidents.values()].some(
      (other) => other.monitor === monitor && other.endedAtMs === startedAtMs,
    );
    const works = this.#works.get(monitor) ?? [];
    const afterWork = works.some(({ toMs }) => toMs === startedAtMs);
    this.promise(
      !during(works, startedAtMs),
      () => `the incident ${id} begins while its monitor is under maintenance`,
    );
    // What a region saw while it was suspended does not count in retrospect.
    const afterSuspension = this.#releasedAtMs.has(startedAtMs);
    this.promise(
      observed || afterLast || afterWork || afterSuspension || this.#sawAhead(incident),
      () => `the incident ${id} begins at a moment at which nothing was seen to fail`,
    );
    for (const other of this.incidents.values()) {
      if (other.id === id || other.monitor !== monitor) continue;
      this.promise(
        other.endedAtMs !== null && other.endedAtMs <= startedAtMs,
        () => `the incidents ${other.id} and ${id} overlap`,
      );
    }
  }

  #isWorkedOn(id: string, atMs: number): boolean {
    const monitor = this.#config?.monitors.find((candidate) => candidate.id === id);
    if (this.#config === null || monitor === undefined) return false;
    return isWorkedOn(monitor, this.#config, atMs);
  }

  /** Notes when a monitor comes under maintenance, and when that ends; nothing is opened in it. */
  #seeWork({ id, monitor, from, to, kind, atMs }: Transition): void {
    const opens = kind === "incident_opened" || kind === "incident_changed";
    this.promise(
      !opens || !this.#isWorkedOn(monitor, atMs),
      () => `${id}: an incident is opened, or grows, under maintenance`,
    );
    if (from === to) return;
    const works = this.#works.get(monitor) ?? [];
    const last = works.at(-1);
    if (to === "maintenance") works.push({ fromMs: atMs, toMs: Infinity });
    else if (from === "maintenance" && last !== undefined) last.toMs = atMs;
    this.#works.set(monitor, works);
  }

  /** Nobody is told anything new about a monitor under maintenance. */
  #seeTold({ id, alert, monitor, message, transition: about }: Delivery, commit: Commit): void {
    const transition = this.transitions.find((candidate) => candidate.id === about);
    if (this.deliveries.has(id) || alert === "resolved" || transition === undefined) return;
    // What waited, was withheld, or is told again is told by how things are at the end of the step.
    const { changes, nowMs } = commit;
    const isNew = changes.transitions.some((other) => other.id === about);
    const withheld = nowMs - transition.atMs > STALE_JUDGEMENT_MS;
    const isToldLater = !isNew || withheld || message.reminder === true;
    const atMs = isToldLater ? changes.tail?.judgedAtMs : transition.atMs;
    this.promise(
      monitor === null || !this.#isWorkedOn(monitor, atMs ?? commit.judgedAtMs),
      () => `${id} is told while ${monitor} is under maintenance`,
    );
  }

  /** Whether the first failing observation came from a clock ahead of the object's. */
  #sawAhead({ monitor, startedAtMs, confirmedAtMs }: Incident): boolean {
    return (
      startedAtMs === confirmedAtMs &&
      this.#world.performed.some(({ observations }) =>
        observations.some(
          (observation) =>
            observation.monitor === monitor &&
            observation.startedAtMs > confirmedAtMs &&
            observation.status !== "up",
        ),
      )
    );
  }

  #seeTransition(transition: Transition): void {
    const { id, monitor, from, to, kind, incident } = transition;
    this.transitions.push(transition);
    this.promise(!this.#transitionIds.has(id), () => `the transition ${id} happens twice`);
    this.#transitionIds.add(id);
    const last = this.#lastKind.get(monitor) ?? "unknown";
    this.promise(from === last, () => `${id} comes from ${from}, but it was ${last}`);
    this.#lastKind.set(monitor, to);
    const open = this.#open.get(monitor) ?? null;
    if (kind === "incident_opened") {
      this.promise(open === null, () => `${id} opens an incident while ${open} is open`);
      this.#open.set(monitor, incident ?? "");
    } else {
      this.promise(incident === open, () => `${id} speaks of ${incident}, but ${open} is open`);
    }
    if (kind === "incident_resolved") this.#open.delete(monitor);
    if (to === "down" && from !== "down") this.#seeDown(transition);
  }

  /** `down` needs a quorum of distinct places that were truly seen failing a short while ago. */
  #seeDown({ id, monitor: monitorId, votes, atMs }: Transition): void {
    const config = this.#config;
    const monitor = config?.monitors.find((candidate) => candidate.id === monitorId);
    if (config === null || monitor === undefined) return;
    const freshMs = 2 * intervalMs(monitor, config.defaultIntervalMs) + 30_000;
    const counted = votes.filter((vote) => vote.counted === "counted");
    const down = counted.filter((vote) => vote.status === "down");
    const places = new Set(down.map(({ colo, region }) => colo ?? region));
    for (const { region } of down) {
      this.promise(
        this.#sawFailing(monitorId, region, atMs, freshMs),
        () => `${id}: ${region} counts as down, but saw nothing fail`,
      );
    }
    for (const vote of counted) {
      this.promise(
        vote.atMs !== null && Math.abs(atMs - vote.atMs) <= freshMs,
        () => `${id}: the vote of ${vote.region} is stale`,
      );
    }
    const { raise } = monitor.quorum;
    const quorum =
      raise === "majority"
        ? 2 * places.size > votes.length || (down.length === counted.length && down.length > 0)
        : typeof raise === "number"
          ? places.size >= Math.min(raise, votes.length)
          : 100 * places.size >= Number.parseInt(raise, 10) * counted.length;
    this.promise(
      quorum && places.size === down.length,
      () => `${id}: ${places.size} places of ${counted.length} are no quorum (${String(raise)})`,
    );
  }

  #sawFailing(monitor: string, region: string, atMs: number, freshMs: number): boolean {
    for (const run of this.#world.performed) {
      if (run.region !== region) continue;
      for (const observation of run.observations) {
        if (
          observation.monitor === monitor &&
          observation.status === "down" &&
          observation.blame !== "probe" &&
          Math.abs(atMs - observation.startedAtMs) <= 2 * freshMs
        ) {
          return true;
        }
      }
    }
    return false;
  }

  #seeDelivery(delivery: Delivery): void {
    const known = this.deliveries.get(delivery.id);
    this.promise(
      known === undefined || known.createdAtMs === delivery.createdAtMs,
      () => `the delivery ${delivery.id} is made twice`,
    );
    // What is told of Echoquorum itself belongs to no monitor's transition.
    const { about, alerts = [] } = delivery.message;
    const advisory = about !== undefined || alerts.some((entry) => entry.about !== undefined);
    this.promise(
      advisory || delivery.transition === null || this.#transitionIds.has(delivery.transition),
      () => `the delivery ${delivery.id} is about a transition that never happened`,
    );
    if (known === undefined) this.#seeTelling(delivery);
    this.deliveries.set(delivery.id, delivery);
    if (delivery.state !== "sent") return;
    const arrived = this.#world.arrivals.some(({ id }) => id === delivery.id);
    this.promise(arrived, () => `the delivery ${delivery.id} is recorded as sent but never was`);
  }

  /** What is silenced is not told, but for its end. */
  #seeTelling(delivery: Delivery): void {
    const { id, alert, channel, createdAtMs } = delivery;
    const subjects = subjectsOf(delivery);
    for (const { matchers, startsAtMs, endsAtMs } of this.#world.scenario.silences) {
      if (alert === "resolved" || createdAtMs < startsAtMs || createdAtMs >= endsAtMs) continue;
      const monitor = /"(.*)"/.exec(matchers[0] ?? "")?.[1] ?? "";
      this.promise(
        !subjects.some((subject) => this.incidents.get(subject)?.monitor === monitor),
        () => `${id} tells ${channel} of ${monitor}, which is silenced`,
      );
    }
  }

  asked(region: string, monitors: readonly string[] | null, atMs: number): void {
    this.#asks.seeArrival(this.#config, region, monitors ?? [], atMs);
  }

  died(atMs: number): void {
    this.#asks.seeDeath(atMs);
  }

  pruned(keys: readonly string[]): void {
    for (const key of keys) {
      const isTaken = this.taken.has(key);
      if (!isTaken && this.copies.isOrderedByOthers(key)) this.forgone.add(key);
      else this.promise(isTaken, () => `the run ${key} is deleted before it is taken in`);
    }
  }

  mirrored(batch: MirrorBatch): void {
    this.rollups.mirrored(batch.blocks);
    for (const entry of batch.transitions) {
      this.mirroredTransitions.set(entry.id, JSON.stringify(entry));
    }
    for (const entry of batch.incidents) {
      this.mirroredIncidents.set(entry.id, JSON.stringify(entry));
    }
    for (const entry of batch.deliveries) {
      this.mirroredDeliveries.set(entry.id, JSON.stringify(entry));
    }
  }

  printed(line: LogLine): void {
    if (line.event === "failure") this.failures.push(`${line["what"]}: ${line["error"]}`);
  }
}
