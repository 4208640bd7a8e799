/**
 * A run: one execution of one region's due monitors at one scheduled time, and its row in the log.
 *
 * A run is identified by (scheduled time, region, lane). The lane tells apart rows that may share
 * the first two: the shard of a cron run, counted from 0, or `ask` for a run that the coordinator
 * ordered (`ask.1` … for further shards of a region). The coordinator asks for a missed cron run
 * under the run's own identity, so whichever copy is written second is ignored. Where a network has
 * several coordinators each orders its own monitors only, in lanes of its own (`ask.0.1`, `0.1`).
 *
 * A run may be several rows: what was seen by {@link SPLIT_AFTER_MS} is written then, so that one
 * target that hangs delays no vote about another, and the stragglers as they end, in a few parts,
 * under the lane with a `+` for each (`0+`, `0++`, `ask+`). The first row, even an empty one, is what
 * proves that the run was made; the others belong to no round of their own and only bring
 * observations. Each has its own identity, and no monitor is in two. Pure; both the probe and the
 * coordinator use this mapping.
 */
import type { ObservationDigest, RunDigest } from "./digest.ts";
import { decodeDigest, encodeDigest, isObserved, parseList } from "./digest.ts";
import { decodeEvidence, encodeEvidence } from "./log-evidence.ts";
import type { Observation } from "./observation.ts";
import { emptyTimings } from "./observation.ts";

/** Lane of runs that the coordinator ordered (confirmation, check now) of a region's first shard. */
export const ASK_LANE = "ask";

/** Time after which a run that is not over is written in parts, in milliseconds. */
export const SPLIT_AFTER_MS = 2_000;
/**
 * Times after that, each after the one before, at which stragglers are written, in milliseconds:
 * soon after 5, 10, 20 and 30 s, where timeouts end. What is left then is one last part.
 */
export const STRAGGLERS_AFTER_MS: readonly number[] = [3_500, 5_500, 10_000, 10_000];
const STRAGGLERS = "+";

/** Lane of a part of a run's stragglers, counted from 1. */
export function stragglerLane(lane: string, part = 1): string {
  return `${lane}${STRAGGLERS.repeat(part)}`;
}

/** Lane of what the coordinator has of a run by its answer alone: behind all parts that a probe writes. */
export function answeredLane(lane: string): string {
  return stragglerLane(lane, STRAGGLERS_AFTER_MS.length + 2);
}

/** Whether a lane holds stragglers of a run in another. */
export function isStragglerLane(lane: string): boolean {
  return lane.endsWith(STRAGGLERS);
}

/**
 * Lane of runs that a coordinator orders of a shard, both counted from 0: `ask`, `ask.1`, `ask.2` …,
 * of the second coordinator `ask.0.1`, `ask.1.1` …
 */
export function askLane(shard: number, coordinator = 0): string {
  if (coordinator > 0) return `${ASK_LANE}.${shard}.${coordinator}`;
  return shard === 0 ? ASK_LANE : `${ASK_LANE}.${shard}`;
}

/**
 * Lane of a missed round that one of several coordinators orders of a shard, both counted from 0: it
 * has that coordinator's monitors only, and so must not take the place of the round itself.
 */
export function partialRoundLane(shard: number, coordinator: number): string {
  return `${shard}.${coordinator}`;
}

/** Whether a lane holds runs that the coordinator ordered, or stragglers of them. */
export function isAskLane(lane: string): boolean {
  return lane.startsWith(ASK_LANE);
}

/**
 * Whether a row in a lane proves that its shard made a round: neither ordered nor stragglers.
 *
 * @param coordinator to whom it is to prove it, of several: to it what it ordered itself does too
 */
export function isRoundLane(lane: string, coordinator: number | null = null): boolean {
  if (isAskLane(lane) || isStragglerLane(lane)) return false;
  if (!lane.includes(".")) return true;
  return coordinator !== null && lane === partialRoundLane(laneShard(lane), coordinator);
}

/** Shard of the region that makes the runs of a lane, counted from 0. */
export function laneShard(lane: string): number {
  return Number(/\d+/.exec(lane)?.[0] ?? 0);
}

/**
 * What came of the control targets of a run: places that can be expected to answer. Where all of
 * them fail it is the probe's vantage that fails, whatever its monitors seem to do.
 */
export interface ControlsResult {
  passed: number;
  failed: number;
}

/** One execution of one region's due monitors. */
export interface Run {
  /** When it was due (UTC epoch milliseconds). */
  scheduledAtMs: number;
  region: string;
  lane: string;
  startedAtMs: number;
  finishedAtMs: number;
  /** Observed data centre; null: not known. */
  colo: string | null;
  /** Version of the published configuration that was used. */
  configVersion: number;
  observations: Observation[];
  /** Absent or null: there are none, or the run is a part without them. */
  controls?: ControlsResult | null | undefined;
}

/** Columns of the log table, spelled as in SQL. */
export interface RunRow {
  scheduled_at_ms: number;
  region: string;
  lane: string;
  started_at_ms: number;
  finished_at_ms: number;
  colo: string | null;
  config_version: number;
  /** Of a named row the observations, JSON; of a digested one none. */
  observations: string;
  /** JSON; null: none. */
  controls?: string | null;
  /** Of a digested row what of the observations decides, see `digest.ts`. */
  digest?: string | null;
  /** Of a digested row what else there is of them, see `log-evidence.ts`. */
  evidence?: string | null;
}

/**
 * How a row holds its observations: `named`, field by field, as releases of old have it, or `digested`,
 * a third as long. A reader of old takes a digested row for an empty one. So that no run is lost to a
 * coordinator which is deployed after the probes, these write what it has said that it reads.
 */
export type RunForm = "named" | "digested";

/** Number of the digested form, as a coordinator that reads it says. */
export const DIGESTED_FORM = 1;

/** The form for a reader that knows forms up to a number; null: it is of a release that knew one. */
export function formFor(known: number | null | undefined): RunForm {
  return (known ?? 0) >= DIGESTED_FORM ? "digested" : "named";
}

/** Identity of a run as text, e.g. `1763668800000/eu-central/0`. */
export function runKey(run: Pick<Run, "scheduledAtMs" | "region" | "lane">): string {
  return `${run.scheduledAtMs}/${run.region}/${run.lane}`;
}

/** Statement with which both probe and coordinator append to the log; harmless when repeated. */
export const INSERT_RUN_SQL = `INSERT OR IGNORE INTO runs
  (scheduled_at_ms, region, lane, started_at_ms, finished_at_ms, colo, config_version, observations,
   controls, digest, evidence)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Values for {@link INSERT_RUN_SQL}, in its order. */
export function runValues(run: Run, form: RunForm): Array<string | number | null> {
  const row = encodeRun(run, form);
  return [
    row.scheduled_at_ms,
    row.region,
    row.lane,
    row.started_at_ms,
    row.finished_at_ms,
    row.colo,
    row.config_version,
    row.observations,
    row.controls ?? null,
    row.digest ?? null,
    row.evidence ?? null,
  ];
}

/** What is null in an observation of which nothing was measured. */
const EMPTY = {
  phase: null,
  reason: null,
  blame: null,
  echo: null,
  ping: null,
  address: null,
  handshake: null,
  close: null,
  certificate: null,
  transcript: null,
} satisfies Partial<Observation>;

/** An observation of a named row, without what the row says and what is null. */
type NamedObservation = Partial<Omit<Observation, "timings">> & {
  timings?: Partial<Observation["timings"]>;
};

function nameFields(observation: Observation): NamedObservation {
  const { region: _region, colo: _colo, timings, ...rest } = observation;
  return { ...withoutNulls(rest), timings: withoutNulls(timings) };
}

function withoutNulls<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null),
  ) as Partial<T>;
}

/** Encodes a run as a row of the log. */
export function encodeRun(run: Run, form: RunForm = "digested"): RunRow {
  const { observations } = run;
  const isDigested = form === "digested";
  return {
    scheduled_at_ms: run.scheduledAtMs,
    region: run.region,
    lane: run.lane,
    started_at_ms: run.startedAtMs,
    finished_at_ms: run.finishedAtMs,
    colo: run.colo,
    config_version: run.configVersion,
    observations: JSON.stringify(isDigested ? [] : observations.map(nameFields)),
    controls: run.controls ? JSON.stringify(run.controls) : null,
    digest: isDigested ? encodeDigest(observations) : null,
    evidence: isDigested ? encodeEvidence(observations) : null,
  };
}

/** Completes what was parsed. */
function completeNamed(entry: NamedObservation | null, { region, colo }: RunRow): Observation {
  if (entry === null || !isObserved(entry.monitor, entry.startedAtMs)) {
    throw new SyntaxError("damaged observation");
  }
  return {
    ...EMPTY,
    ...entry,
    region,
    colo,
    timings: { ...emptyTimings(), ...entry.timings },
  } as Observation;
}

/** What a row says of the run as a whole. */
function decodeFacts(row: RunRow): Omit<Run, "observations"> {
  return {
    scheduledAtMs: row.scheduled_at_ms,
    region: row.region,
    lane: row.lane,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    colo: row.colo,
    configVersion: row.config_version,
    ...(row.controls ? { controls: JSON.parse(row.controls) as ControlsResult } : {}),
  };
}

/**
 * Decodes a row of the log.
 *
 * @throws SyntaxError when the row's JSON is damaged
 */
export function decodeRun(row: RunRow): Run {
  const digests = digestsOf(row);
  const observations =
    digests === null ? namedOf(row) : decodeEvidence(row.evidence ?? "", digests);
  return { ...decodeFacts(row), observations };
}

/**
 * Decodes of a row of the log what decides, from its digest where it has one; `evidence` is not read.
 *
 * @throws SyntaxError when the JSON that is read is damaged
 */
export function decodeRunDigest(row: RunRow): RunDigest {
  return { ...decodeFacts(row), observations: digestsOf(row) ?? namedOf(row) };
}

/** Null: the row is named. */
function digestsOf(row: RunRow): ObservationDigest[] | null {
  return row.digest == null ? null : decodeDigest(row.digest, row);
}

function namedOf(row: RunRow): Observation[] {
  return parseList(row.observations).map((entry) =>
    completeNamed(entry as NamedObservation | null, row),
  );
}
