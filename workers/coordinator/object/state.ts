/**
 * What the object remembers, and what one step changes of it.
 *
 * `State` is the working copy in memory; `Changes` is what a step commits, in one transaction,
 * before the working copy takes it over. Nothing else ever changes the state.
 */
import type { Decision } from "../../../shared/alert/decision.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { AlertGroup } from "../../../shared/alert/grouping.ts";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import { DEFAULT_POLICY } from "../../../shared/alert/policy.ts";
import type { Silence } from "../../../shared/alert/silence.ts";
import type { AlertSubject } from "../../../shared/alert/subject.ts";
import type { CertificateWatch } from "../../../shared/monitor/certificate-watch.ts";
import { initialJudgement } from "../../../shared/monitor/judgement.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { TimeAccount } from "../../../shared/monitor/rollup.ts";
import type {
  Incident,
  Judgement,
  Transition,
  Verdict,
  Vote,
} from "../../../shared/monitor/verdict.ts";
import type { RegionHealth, RegionTransition } from "../../../shared/monitor/region-health.ts";
import { initialRegionHealth } from "../../../shared/monitor/region-health.ts";
import { SharedEvidence, renewEvidence } from "../../../shared/monitor/steady.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { Run } from "../../../shared/probe/run.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { Circulation, CirculationChanges } from "./circulation-state.ts";
import { emptyCirculation } from "./circulation-state.ts";
import type { Absence } from "./absence.ts";
import type { Bucket } from "./rollups.ts";

/** How far the log has been taken in. */
export interface Tail {
  /** Scheduled time up to which the log was read once, in order. */
  cursorMs: number;
  /** When late rows were last looked for. */
  sweptAtMs: number;
  /** Time of the newest judgement; judgements never go back in time. */
  judgedAtMs: number;
  /** Scheduled time of the newest ask; asks have strictly increasing ones. */
  askedAtMs: number;
  /** Scheduled time of the newest run that was taken in; null: none yet. */
  newestRunAtMs: number | null;
  /** Incidents that began while catching up and are to be told if they turn out to be still open. */
  withheld: string[];
  /** What was missed, until it has been told; absent: nothing. */
  absence?: Absence | undefined;
  /** Up to when hours and days contain what their five minutes do; absent: nothing was folded. */
  foldedToMs?: number;
  /**
   * From when on the log is read: what is older was read by the coordinators that there were; absent:
   * from its beginning.
   */
  readFromMs?: number;
}

/** What one of a region's probe Workers did last. */
export interface ShardRecord {
  /** Start of its last run. */
  lastRunAtMs: number;
  /** Scheduled time of its newest run that was not an ask; null: none yet. */
  lastRoundMs: number | null;
}

/** What is known of a region besides its votes: written once per run. */
export interface RegionLedger {
  region: string;
  /** Observed colo of the last run; null: not known. */
  colo: string | null;
  /** Start of the last run; null: none yet. */
  lastRunAtMs: number | null;
  /** By shard, counted from 0. */
  shards: ReadonlyMap<number, ShardRecord>;
  /** Whether its votes may be believed. */
  health: RegionHealth;
}

/** What a step changes of a region. */
export interface RegionChange {
  ledger: RegionLedger;
  /** Its votes as they were, by monitor. */
  before: ReadonlyMap<string, Vote>;
  /** Those that are new, by monitor; null: it is forgotten. */
  votes: Map<string, Vote | null>;
}

/** What a step changes of the accounts of time. */
export interface AccountChanges {
  /** All as they were, by monitor. */
  before: ReadonlyMap<string, TimeAccount>;
  /** Those that are new, by monitor; null: it is closed. */
  accounts: Map<string, TimeAccount | null>;
}

/** Whether anything at all can be seen: a fact about Echoquorum. */
export interface Monitoring {
  state: "working" | "impaired" | "waiting";
  sinceMs: number;
  /** What was told about it so far; numbers the next. */
  step: number;
}

/** An incident with the name that its monitor had. */
export interface NamedIncident {
  incident: Incident;
  monitorName: string;
}

/**
 * Until when time alone changes nothing: no vote expires, no waiting ends. Only saves looking: what
 * is not known is looked up.
 */
export interface Calm {
  /** No monitor's calm ends before this moment. */
  allToMs: number;
  /** By monitor. */
  toMs: Map<string, number>;
  /** When the time by verdict of all monitors was last entered. */
  enteredAtMs: number;
}

/** The working copy. */
export interface State {
  tail: Tail;
  /** Null: nothing has been published yet. */
  config: PublishedConfig | null;
  channels: readonly StoredChannel[];
  alertPolicy: AlertPolicy;
  silences: readonly Silence[];
  /** What people have written about trouble, as far as faces list it. */
  writtenIncidents: readonly WrittenIncident[];
  /** All monitors of a network with several coordinators, for the first and spare ones; else none. */
  roster: readonly RosterMonitor[];
  /** What alerts are about and is not over, by id. */
  alertSubjects: Map<string, AlertSubject>;
  /** Groups of alerts in which something happened lately, by key. */
  alertGroups: Map<string, AlertGroup>;
  /** What subscribers are told. */
  circulation: Circulation;
  regions: Map<string, RegionLedger>;
  /** By region, then by monitor. */
  votes: Map<string, Map<string, Vote>>;
  /** Until when time alone changes nothing; not stored. */
  calm: Calm;
  /** By monitor; read them through `verdictOf` where the votes' words and moments matter. */
  judgements: Map<string, Judgement>;
  /** What the judgements share; not stored. */
  evidence: SharedEvidence;
  /** Pending deliveries by id. */
  outbox: Map<string, Delivery>;
  /** Keys of runs that were taken in, with their scheduled times. */
  seen: Map<string, number>;
  /** Up to where each monitor's time by verdict has been entered. */
  accounts: Map<string, TimeAccount>;
  /** Rollup buckets of the present five minutes, by their key; the store has the others. */
  buckets: Map<string, Bucket>;
  monitoring: Monitoring;
  /** By monitor. */
  certificates: Map<string, CertificateWatch>;
}

/** What one transaction writes. */
export interface Changes {
  tail: Tail | null;
  config: PublishedConfig | null;
  channels: readonly StoredChannel[] | null;
  alertPolicy: AlertPolicy | null;
  silences: readonly Silence[] | null;
  writtenIncidents: readonly WrittenIncident[] | null;
  roster: readonly RosterMonitor[] | null;
  /** By id; null: it is over. */
  alertSubjects: Map<string, AlertSubject | null>;
  /** By key; null: nothing need be remembered. */
  alertGroups: Map<string, AlertGroup | null>;
  decisions: Decision[];
  circulation: CirculationChanges | null;
  regions: Map<string, RegionChange>;
  judgements: Map<string, Judgement>;
  retiredJudgements: Set<string>;
  incidents: Map<string, NamedIncident>;
  transitions: Transition[];
  deliveries: Map<string, Delivery>;
  seen: Map<string, number>;
  /** Runs that D1 does not have yet. */
  keptRuns: Run[];
  accounts: AccountChanges | null;
  buckets: Map<string, Bucket>;
  monitoring: Monitoring | null;
  /** By monitor; null: it is no longer watched. */
  certificates: Map<string, CertificateWatch | null>;
  /** Changes of the regions' states, to be printed. */
  regionTransitions: RegionTransition[];
}

/** Nothing is known of what time will change. */
export function unknownCalm(): Calm {
  return { allToMs: -Infinity, toMs: new Map(), enteredAtMs: -Infinity };
}

/** State of an object that has never run. */
export function initialState(): State {
  return {
    tail: {
      cursorMs: 0,
      sweptAtMs: 0,
      judgedAtMs: 0,
      askedAtMs: 0,
      newestRunAtMs: null,
      withheld: [],
    },
    config: null,
    channels: [],
    alertPolicy: DEFAULT_POLICY,
    silences: [],
    writtenIncidents: [],
    roster: [],
    alertSubjects: new Map(),
    alertGroups: new Map(),
    circulation: emptyCirculation(),
    regions: new Map(),
    votes: new Map(),
    calm: unknownCalm(),
    judgements: new Map(),
    evidence: new SharedEvidence(),
    outbox: new Map(),
    seen: new Map(),
    accounts: new Map(),
    buckets: new Map(),
    monitoring: { state: "waiting", sinceMs: 0, step: 0 },
    certificates: new Map(),
  };
}

/** Changes that change nothing. */
export function noChanges(): Changes {
  return {
    tail: null,
    config: null,
    channels: null,
    alertPolicy: null,
    silences: null,
    writtenIncidents: null,
    roster: null,
    alertSubjects: new Map(),
    alertGroups: new Map(),
    decisions: [],
    circulation: null,
    regions: new Map(),
    judgements: new Map(),
    retiredJudgements: new Set(),
    incidents: new Map(),
    transitions: [],
    deliveries: new Map(),
    seen: new Map(),
    keptRuns: [],
    accounts: null,
    buckets: new Map(),
    monitoring: null,
    certificates: new Map(),
    regionTransitions: [],
  };
}

/** What is concluded about a monitor at a moment, with what its regions said last. */
export function verdictOf(state: Readonly<State>, monitor: string, nowMs: number): Verdict {
  const { verdict } = state.judgements.get(monitor) ?? initialJudgement(monitor, nowMs);
  return renewEvidence(verdict, (region) => state.votes.get(region)?.get(monitor));
}

/** A region of which nothing is known yet. */
export function emptyLedger(region: string): RegionLedger {
  const health = initialRegionHealth(region, 0);
  return { region, colo: null, lastRunAtMs: null, shards: new Map(), health };
}
