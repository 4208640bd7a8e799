/**
 * The digest of a run: what of its observations decides anything. It lies in the log beside their
 * evidence (`log-evidence.ts`), so that whoever only counts votes and times need neither fetch nor
 * decode that. Pure.
 */
import type { HttpResult, Observation, Timings } from "./observation.ts";
import type { Run } from "./run.ts";

/** What of an observation votes, rollups and certificates are made of; every observation is one. */
export type ObservationDigest = Pick<
  Observation,
  | "monitor"
  | "region"
  | "colo"
  | "startedAtMs"
  | "status"
  | "phase"
  | "reason"
  | "blame"
  | "message"
  | "certificate"
> & {
  timings: Pick<Timings, "totalMs">;
  http?: Pick<HttpResult, "status" | "reason" | "code"> | undefined;
};

/** A run with what of its observations decides; every run is one. */
export type RunDigest = Omit<Run, "observations"> & { observations: ObservationDigest[] };

/** An observation in a digest; fields are only ever appended, and empty ones at the end left out. */
type Packed = [
  monitor: string,
  startedAtMs: number,
  status: Observation["status"],
  totalMs: number | null,
  message: string,
  phase?: Observation["phase"],
  reason?: Observation["reason"],
  blame?: Observation["blame"],
  http?: ObservationDigest["http"] | null,
  certificate?: Observation["certificate"],
];

function pack(observation: ObservationDigest): Packed {
  const { monitor, startedAtMs, status, timings, message } = observation;
  const { phase, reason, blame, http, certificate } = observation;
  const first = [monitor, startedAtMs, status, timings.totalMs, message];
  const rest = [phase, reason, blame, http === undefined ? null : packHttp(http), certificate];
  return [...first, ...withoutEmptyEnd(rest)] as Packed;
}

/** A list without the nulls at its end. */
export function withoutEmptyEnd<T>(list: readonly T[]): T[] {
  return list.slice(0, list.findLastIndex((each) => each !== null) + 1);
}

function packHttp({ status, reason, code }: NonNullable<ObservationDigest["http"]>) {
  return { status, reason, code };
}

/**
 * Parses the text of a list.
 *
 * @throws SyntaxError when it is none
 */
export function parseList(text: string): unknown[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new SyntaxError("not a list");
  return list;
}

/** Whether it is said which monitor was observed, and when: without these nothing can be counted. */
export function isObserved(monitor: unknown, startedAtMs: unknown): boolean {
  return typeof monitor === "string" && Number.isFinite(startedAtMs);
}

/** Encodes a digest of observations: JSON, of each an array. */
export function encodeDigest(observations: readonly ObservationDigest[]): string {
  return JSON.stringify(observations.map(pack));
}

/**
 * Decodes what {@link encodeDigest} has made.
 *
 * @param place where the run was made, which its observations do not repeat
 * @throws SyntaxError when the text is damaged
 */
export function decodeDigest(
  text: string,
  { region, colo }: Pick<Run, "region" | "colo">,
): ObservationDigest[] {
  return parseList(text).map((each) => {
    const packed = each as Packed;
    if (!Array.isArray(each) || !isObserved(packed[0], packed[1])) {
      throw new SyntaxError("damaged digest");
    }
    const http = packed[8] ?? null;
    const observation: ObservationDigest = {
      monitor: packed[0],
      region,
      colo,
      startedAtMs: packed[1],
      status: packed[2],
      phase: packed[5] ?? null,
      reason: packed[6] ?? null,
      blame: packed[7] ?? null,
      message: packed[4],
      certificate: packed[9] ?? null,
      timings: { totalMs: packed[3] },
    };
    if (http !== null) observation.http = http;
    return observation;
  });
}
