/**
 * The digest of a run: what of its observations decides anything. It lies in the log beside the
 * observations themselves, a fifth as long, so that whoever only counts votes and times need neither
 * fetch nor decode the evidence. Pure.
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
  const packed: Packed = [monitor, startedAtMs, status, timings.totalMs, message];
  const rest = [phase, reason, blame, http === undefined ? null : packHttp(http), certificate];
  while (rest.at(-1) === null) rest.pop();
  return [...packed, ...rest] as Packed;
}

function packHttp({ status, reason, code }: NonNullable<ObservationDigest["http"]>) {
  return { status, reason, code };
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
  const all = JSON.parse(text) as Packed[];
  return all.map((packed) => {
    if (!Array.isArray(packed)) throw new SyntaxError("damaged digest");
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
