/**
 * Keeps a run within one row of the log: D1 takes 2 MB per row, and when everything fails at once
 * every observation brings a transcript. Pure.
 */
import type { Observation } from "./observation.ts";

/** Characters that the transcripts of one run may take together; half of a row, in JSON. */
export const RUN_TRANSCRIPTS_MAX = 1_000_000;

/** Keeps transcripts from the first observation on while there is room, and drops the others. */
export function boundTranscripts(
  observations: readonly Observation[],
  charactersMax: number = RUN_TRANSCRIPTS_MAX,
): Observation[] {
  let room = charactersMax;
  return observations.map((observation) => {
    if (observation.transcript === null) return observation;
    const size = JSON.stringify(observation.transcript).length;
    if (size > room) return { ...observation, transcript: null };
    room -= size;
    return observation;
  });
}
