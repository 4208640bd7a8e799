/**
 * One step's view of the state: reads fall through to the working copy, writes collect in changes.
 *
 * Nothing is visible outside before the store has committed the changes; a step that throws, or a
 * commit that fails, leaves the working copy exactly as it was.
 */
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { subjectsOf } from "../../../shared/alert/delivery.ts";
import type { AlertGroup } from "../../../shared/alert/grouping.ts";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import type { PipelineStep } from "../../../shared/alert/pipeline.ts";
import type { Silence } from "../../../shared/alert/silence.ts";
import type { AlertSubject } from "../../../shared/alert/subject.ts";
import type { CertificateWatch } from "../../../shared/monitor/certificate-watch.ts";
import { findAssignment, isDivided } from "../../../shared/monitor/config-index.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Resolution, TimeAccount } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, periodStartMs } from "../../../shared/monitor/rollup.ts";
import type { RegionTransition } from "../../../shared/monitor/region-health.ts";
import { suspendedRegions } from "../../../shared/monitor/region-health.ts";
import type { Incident, Judgement, Transition, Vote } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { laneShard, runKey } from "../../../shared/probe/run.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { CirculationDraft } from "./circulation-state.ts";
import { sameEssence } from "./essence.ts";
import { overlay } from "./overlay.ts";
import type { Bucket, BucketKey, BucketLedger } from "./rollups.ts";
import { bucketName, emptyBucket } from "./rollups.ts";
import type { Changes, Monitoring, RegionChange, RegionLedger, State, Tail } from "./state.ts";
import { emptyLedger, noChanges } from "./state.ts";
import { advanceWorkingCopy } from "./working-copy.ts";

/** What a draft looks up beyond the working copy. */
export interface Archive {
  readonly rollups: {
    bucket(key: BucketKey): Bucket | null;
    buckets(resolution: Resolution, fromMs: number, toMs: number): Bucket[];
  };
  deliveriesAbout(incident: string): Delivery[];
  transitionsOf(incident: string): Transition[];
}

const NO_VOTES: ReadonlyMap<string, Vote> = new Map<string, Vote>();

/** One step's view of the state. */
export class Draft implements BucketLedger {
  readonly changes: Changes = noChanges();
  readonly #state: State;
  readonly #archive: Archive;
  /** Subjects of alerts that changed in this step, or `all` to look at each of them. */
  #alertsDue: Set<string> | "all" = new Set();
  /** Judgements as they stand, whether or not they differ enough to be stored. */
  readonly #judgements = new Map<string, Judgement>();
  /**
   * Up to when everything has been judged. Not stored for its own sake: what a judgement changes is
   * stored with it, and judging a moment again without news changes nothing.
   */
  judgedAtMs: number;
  /** No monitor's calm ends before this moment. */
  calmAllToMs: number;
  /** When the time by verdict of all monitors was last entered. */
  enteredAtMs: number;
  readonly #calmToMs = new Map<string, number>();
  /** What subscribers are told. */
  readonly circulation: CirculationDraft;
  /** Regions whose votes do not count, as far as that is known. */
  #suspended: ReadonlySet<string> | null = null;

  constructor(state: State, archive: Archive) {
    this.#state = state;
    this.circulation = new CirculationDraft(state.circulation);
    this.#archive = archive;
    this.judgedAtMs = state.tail.judgedAtMs;
    this.calmAllToMs = state.calm.allToMs;
    this.enteredAtMs = state.calm.enteredAtMs;
  }

  get tail(): Readonly<Tail> {
    return this.changes.tail ?? this.#state.tail;
  }

  moveTail(change: Partial<Tail>): void {
    this.changes.tail = { ...this.tail, ...change };
  }

  get config(): PublishedConfig | null {
    return this.changes.config ?? this.#state.config;
  }

  /** Takes a configuration over; whose votes count, and how long, may be another matter now. */
  saveConfig(config: PublishedConfig): void {
    this.changes.config = config;
    this.#suspended = null;
    this.#calmToMs.clear();
    this.calmAllToMs = -Infinity;
  }

  /** Until when time alone changes nothing about a monitor; -Infinity: not known. */
  calmToMs(monitor: string): number {
    const state = this.changes.config === null ? this.#state.calm.toMs : undefined;
    return this.#calmToMs.get(monitor) ?? state?.get(monitor) ?? -Infinity;
  }

  noteCalm(monitor: string, toMs: number): void {
    this.#calmToMs.set(monitor, toMs);
    this.calmAllToMs = Math.min(this.calmAllToMs, toMs);
  }

  get channels(): readonly StoredChannel[] {
    return this.changes.channels ?? this.#state.channels;
  }

  get alertPolicy(): AlertPolicy {
    return this.changes.alertPolicy ?? this.#state.alertPolicy;
  }

  get silences(): readonly Silence[] {
    return this.changes.silences ?? this.#state.silences;
  }

  get roster(): readonly RosterMonitor[] {
    return this.changes.roster ?? this.#state.roster;
  }

  get writtenIncidents(): readonly WrittenIncident[] {
    return this.changes.writtenIncidents ?? this.#state.writtenIncidents;
  }

  /** What alerts are about and is not over, by id. */
  alertSubjects(): Map<string, AlertSubject> {
    return overlay(this.#state.alertSubjects, this.changes.alertSubjects);
  }

  alertSubject(id: string): AlertSubject | null {
    const changed = this.changes.alertSubjects.get(id);
    return changed === undefined ? (this.#state.alertSubjects.get(id) ?? null) : changed;
  }

  /** Saves a subject, and has it looked at before the step ends. */
  touchAlert(subject: AlertSubject): void {
    this.changes.alertSubjects.set(subject.id, subject);
    if (this.#alertsDue !== "all") this.#alertsDue.add(subject.id);
  }

  /** Has every alert looked at before the step ends. */
  touchAllAlerts(): void {
    this.#alertsDue = "all";
  }

  /** Subjects to look at before the step ends; null: every one. */
  get alertsDue(): ReadonlySet<string> | null {
    return this.#alertsDue === "all" ? null : this.#alertsDue;
  }

  alertGroups(): Map<string, AlertGroup> {
    return overlay(this.#state.alertGroups, this.changes.alertGroups);
  }

  /** Deliveries that have not arrived yet, as they stand in this step. */
  outbox(): Map<string, Delivery> {
    const outbox = new Map(this.#state.outbox);
    for (const [id, delivery] of this.changes.deliveries) {
      if (delivery.state === "pending") outbox.set(id, delivery);
      else outbox.delete(id);
    }
    return outbox;
  }

  /** Takes what the pipeline decided over. */
  saveAlerts({ subjects, groups, deliveries, decisions }: PipelineStep): void {
    for (const [id, subject] of subjects) {
      const isNew = !this.#state.alertSubjects.has(id);
      // What begins and ends in one step need never be stored.
      if (subject === null && isNew) this.changes.alertSubjects.delete(id);
      else this.changes.alertSubjects.set(id, subject);
    }
    for (const [key, group] of groups) this.changes.alertGroups.set(key, group);
    for (const delivery of deliveries) this.saveDelivery(delivery);
    this.changes.decisions.push(...decisions);
  }

  hasSeen(key: string): boolean {
    return this.changes.seen.has(key) || this.#state.seen.has(key);
  }

  markSeen(key: string, scheduledAtMs: number): void {
    this.changes.seen.set(key, scheduledAtMs);
  }

  /** Keeps a run that D1 does not have. */
  keepRun(run: Run): void {
    if (!this.changes.keptRuns.some((kept) => runKey(kept) === runKey(run))) {
      this.changes.keptRuns.push(run);
    }
  }

  ledger(region: string): RegionLedger {
    return (
      this.changes.regions.get(region)?.ledger ??
      this.#state.regions.get(region) ??
      emptyLedger(region)
    );
  }

  saveLedger(ledger: RegionLedger): void {
    this.#change(ledger.region).ledger = ledger;
    this.#suspended = null;
  }

  #change(region: string): RegionChange {
    const known = this.changes.regions.get(region);
    if (known !== undefined) return known;
    const before = this.#state.votes.get(region) ?? NO_VOTES;
    const change = { ledger: this.ledger(region), before, votes: new Map<string, Vote | null>() };
    this.changes.regions.set(region, change);
    return change;
  }

  /** A region's vote about a monitor; undefined: it has cast none. */
  vote(monitor: string, region: string): Vote | undefined {
    const changed = this.changes.regions.get(region)?.votes.get(monitor);
    if (changed === null) return undefined;
    return changed ?? this.#state.votes.get(region)?.get(monitor);
  }

  saveVote(monitor: string, vote: Vote): void {
    this.#change(vote.region).votes.set(monitor, vote);
  }

  forgetVote(monitor: string, region: string): void {
    if (this.vote(monitor, region) !== undefined) this.#change(region).votes.set(monitor, null);
  }

  /** Regions whose votes do not count at present. */
  suspendedRegions(): ReadonlySet<string> {
    const regions = this.config?.regions ?? [];
    this.#suspended ??= suspendedRegions(regions.map((region) => this.ledger(region).health));
    return this.#suspended;
  }

  recordRegionTransition(transition: RegionTransition): void {
    this.changes.regionTransitions.push(transition);
  }

  get monitoring(): Monitoring {
    return this.changes.monitoring ?? this.#state.monitoring;
  }

  saveMonitoring(monitoring: Monitoring): void {
    this.changes.monitoring = monitoring;
  }

  /** What is known of a monitor's certificate; null: nothing. */
  certificate(monitor: string): CertificateWatch | null {
    const changed = this.changes.certificates.get(monitor);
    return changed === undefined ? (this.#state.certificates.get(monitor) ?? null) : changed;
  }

  saveCertificate(watch: CertificateWatch): void {
    this.changes.certificates.set(watch.monitor, watch);
  }

  forgetCertificate(monitor: string): void {
    if (this.certificate(monitor) !== null) this.changes.certificates.set(monitor, null);
  }

  /** A monitor's votes by region. */
  votesOf(monitor: string, regions: readonly string[]): Map<string, Vote> {
    const votes = new Map<string, Vote>();
    for (const region of regions) {
      const vote = this.vote(monitor, region);
      if (vote !== undefined) votes.set(region, vote);
    }
    return votes;
  }

  judgement(monitor: string): Judgement | null {
    if (this.changes.retiredJudgements.has(monitor)) return null;
    return this.#judgements.get(monitor) ?? this.#state.judgements.get(monitor) ?? null;
  }

  /** Monitors that are being judged. */
  judgedMonitors(): string[] {
    const monitors = new Set([...this.#state.judgements.keys(), ...this.#judgements.keys()]);
    return [...monitors].filter((monitor) => !this.changes.retiredJudgements.has(monitor));
  }

  saveJudgement(whole: Judgement): void {
    const judgement = this.#state.evidence.share(whole);
    const { monitor } = judgement;
    this.#judgements.set(monitor, judgement);
    this.changes.retiredJudgements.delete(monitor);
    const stored = this.#state.judgements.get(monitor);
    if (this.changes.judgements.has(monitor) || stored === undefined) {
      this.changes.judgements.set(monitor, judgement);
    } else if (!sameEssence(stored, judgement)) {
      this.changes.judgements.set(monitor, judgement);
    }
  }

  /** Forgets a monitor that is no longer judged. */
  retireJudgement(monitor: string): void {
    this.#judgements.delete(monitor);
    this.changes.judgements.delete(monitor);
    this.#changeAccount(monitor, null);
    this.changes.retiredJudgements.add(monitor);
  }

  saveIncident(incident: Incident, monitorName: string): void {
    this.changes.incidents.set(incident.id, { incident, monitorName });
  }

  recordTransition(transition: Transition): void {
    this.changes.transitions.push(transition);
  }

  /** What happened in an incident, oldest first, as it stands in this step. */
  transitionsOf(incident: string): Transition[] {
    const made = this.changes.transitions.filter((transition) => transition.incident === incident);
    return [...this.#archive.transitionsOf(incident), ...made];
  }

  /** Every delivery about an incident, as it stands in this step. */
  deliveriesAbout(incident: string): Delivery[] {
    const deliveries = new Map<string, Delivery>();
    for (const delivery of this.#archive.deliveriesAbout(incident)) {
      deliveries.set(delivery.id, delivery);
    }
    for (const delivery of this.changes.deliveries.values()) {
      if (subjectsOf(delivery).includes(incident)) deliveries.set(delivery.id, delivery);
    }
    return [...deliveries.values()];
  }

  saveDelivery(delivery: Delivery): void {
    this.changes.deliveries.set(delivery.id, delivery);
  }

  /** The account of a monitor's time by verdict; null: none yet. */
  account(monitor: string): TimeAccount | null {
    const changed = this.changes.accounts?.accounts.get(monitor);
    return changed === undefined ? (this.#state.accounts.get(monitor) ?? null) : changed;
  }

  saveAccount(monitor: string, account: TimeAccount): void {
    this.#changeAccount(monitor, account);
  }

  #changeAccount(monitor: string, account: TimeAccount | null): void {
    this.changes.accounts ??= { before: this.#state.accounts, accounts: new Map() };
    this.changes.accounts.accounts.set(monitor, account);
  }

  partOf(monitor: string): number {
    return findAssignment(this.config, monitor)?.part ?? 0;
  }

  /** Part of the network to which all that a run observed falls; a small network is one part. */
  partOfRun({ lane }: Pick<Run, "lane">): number {
    return isDivided(this.config) ? laneShard(lane) : 0;
  }

  bucket(key: BucketKey): Bucket {
    const name = bucketName(key);
    return (
      this.changes.buckets.get(name) ??
      this.#state.buckets.get(name) ??
      this.#archive.rollups.bucket(key) ??
      emptyBucket(key)
    );
  }

  saveBucket(bucket: Bucket): void {
    this.changes.buckets.set(bucketName(bucket), bucket);
  }

  fiveMinutes(fromMs: number, toMs: number): Bucket[] {
    const found = new Map<string, Bucket>();
    for (const bucket of this.#archive.rollups.buckets("5min", fromMs, toMs)) {
      found.set(bucketName(bucket), bucket);
    }
    for (const [name, bucket] of this.changes.buckets) {
      const { resolution, startMs } = bucket;
      if (resolution === "5min" && startMs >= fromMs && startMs < toMs) found.set(name, bucket);
    }
    return [...found.values()];
  }

  /** An older release counted hours and days at once: up to the end of its last five minutes. */
  get foldedToMs(): number {
    return (
      this.tail.foldedToMs ?? periodStartMs("5min", this.#state.tail.judgedAtMs) + PERIOD_MS["5min"]
    );
  }

  noteFolded(toMs: number): void {
    this.moveTail({ foldedToMs: toMs });
  }

  get #isEmpty(): boolean {
    const { changes } = this;
    return (
      changes.tail === null &&
      changes.circulation === null &&
      changes.config === null &&
      changes.channels === null &&
      changes.accounts === null &&
      changes.monitoring === null &&
      changes.alertPolicy === null &&
      changes.silences === null &&
      changes.writtenIncidents === null &&
      changes.roster === null &&
      changes.transitions.length === 0 &&
      changes.decisions.length === 0 &&
      changes.keptRuns.length === 0 &&
      [
        changes.regions,
        changes.judgements,
        changes.retiredJudgements,
        changes.incidents,
        changes.deliveries,
        changes.alertSubjects,
        changes.alertGroups,
        changes.seen,
        changes.buckets,
        changes.certificates,
      ].every(({ size }) => size === 0)
    );
  }

  /** What is to be committed; null: nothing. */
  finish(): Changes | null {
    this.changes.circulation = this.circulation.changes;
    if (this.#isEmpty) return null;
    this.moveTail({ judgedAtMs: this.judgedAtMs });
    return this.changes;
  }

  /** Takes over into the working copy what the store has committed. */
  apply(): void {
    advanceWorkingCopy(this.#state, {
      changes: this.changes,
      judgements: this.#judgements,
      judgedAtMs: this.judgedAtMs,
      calm: {
        toMs: this.#calmToMs,
        allToMs: this.calmAllToMs,
        enteredAtMs: this.enteredAtMs,
      },
    });
  }
}
