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
import type { RunDigest } from "./digest.ts";
import { decodeDigest, encodeDigest } from "./digest.ts";
import type { Observation, Timings } from "./observation.ts";
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
  /** Packed observations, JSON. */
  observations: string;
  /** JSON; null: none. */
  controls?: string | null;
  /** See `digest.ts`; null: an older release wrote the row, or it would have been too long. */
  digest?: string | null;
}

/** Characters of observations and digest together up to which a row has one: D1 takes 2 MB a row. */
const DIGESTED_CHARACTERS_MAX = 1_800_000;

/** Identity of a run as text, e.g. `1763668800000/eu-central/0`. */
export function runKey(run: Pick<Run, "scheduledAtMs" | "region" | "lane">): string {
  return `${run.scheduledAtMs}/${run.region}/${run.lane}`;
}

/** Statement with which both probe and coordinator append to the log; harmless when repeated. */
export const INSERT_RUN_SQL = `INSERT OR IGNORE INTO runs
  (scheduled_at_ms, region, lane, started_at_ms, finished_at_ms, colo, config_version, observations,
   controls, digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Values for {@link INSERT_RUN_SQL}, in its order. */
export function runValues(run: Run): Array<string | number | null> {
  const row = encodeRun(run);
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
  ];
}

const TIMINGS = Object.keys(emptyTimings()) as ReadonlyArray<keyof Timings>;

type PackedObservation = Partial<Omit<Observation, "timings">> & {
  timings?: Partial<Observation["timings"]>;
};

/** Drops what the row says already and what was not measured. */
function pack(observation: Observation): PackedObservation {
  const { region: _region, colo: _colo, timings, ...rest } = observation;
  const packed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) if (value !== null) packed[key] = value;
  packed["timings"] = Object.fromEntries(
    Object.entries(timings).filter(([, value]) => value !== null),
  );
  return packed as PackedObservation;
}

/** Encodes a run as a row of the log. */
export function encodeRun(run: Run): RunRow {
  const observations = JSON.stringify(run.observations.map(pack));
  const digest = encodeDigest(run.observations);
  const fits = observations.length + digest.length <= DIGESTED_CHARACTERS_MAX;
  return {
    scheduled_at_ms: run.scheduledAtMs,
    region: run.region,
    lane: run.lane,
    started_at_ms: run.startedAtMs,
    finished_at_ms: run.finishedAtMs,
    colo: run.colo,
    config_version: run.configVersion,
    observations,
    controls: run.controls ? JSON.stringify(run.controls) : null,
    digest: fits ? digest : null,
  };
}

/** Completes what was parsed, in place: a coordinator does so with thousands a second. */
function unpack(entry: PackedObservation, { region, colo }: RunRow): Observation {
  entry.region = region;
  entry.colo = colo;
  entry.phase ??= null;
  entry.reason ??= null;
  entry.blame ??= null;
  entry.echo ??= null;
  entry.ping ??= null;
  entry.address ??= null;
  entry.handshake ??= null;
  entry.close ??= null;
  entry.certificate ??= null;
  entry.transcript ??= null;
  const timings = (entry.timings ??= {});
  for (const name of TIMINGS) timings[name] ??= null;
  return entry as Observation;
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
  const packed = JSON.parse(row.observations) as PackedObservation[];
  return { ...decodeFacts(row), observations: packed.map((entry) => unpack(entry, row)) };
}

/**
 * Decodes of a row of the log what decides, from its digest where it has one.
 *
 * @throws SyntaxError when the JSON that is read is damaged
 */
export function decodeRunDigest(row: RunRow): RunDigest {
  const { digest } = row;
  if (digest === null || digest === undefined) return decodeRun(row);
  return { ...decodeFacts(row), observations: decodeDigest(digest, row) };
}
