/**
 * Plays the scripted day twice, undisturbed and with deaths of the coordinator, and tells whether
 * what must be equal is equal.
 */
import { isDeepStrictEqual } from "node:util";
import type { Diary } from "./scripted-day.ts";
import { APART_MAX_MS, essenceOf, farthestApartMs, miscounted, playDay } from "./scripted-day.ts";

const DAY_HOURS = 24;
/** Deaths for which a day has room. */
const KILLS_MAX = 600;

/** What deaths have changed that they must not; empty: nothing. */
export function differences(calm: Diary, disturbed: Diary): string[] {
  const [expected, actual] = [essenceOf(calm), essenceOf(disturbed)];
  const differing = (Object.keys(expected) as Array<keyof typeof expected>).filter(
    (part) => !isDeepStrictEqual(actual[part], expected[part]),
  );
  const apartMs = farthestApartMs(calm, disturbed);
  return [
    ...differing.map((part) => `the ${part} differ`),
    ...(apartMs > APART_MAX_MS ? [`a transition is ${apartMs} ms apart`] : []),
    ...miscounted(disturbed).map((key) => `the run ${key} was not taken in exactly once`),
  ];
}

/** Plays a day with deaths beside one without, and prints what came of it; the exit code. */
export async function playKills(seed: number, kills: number): Promise<number> {
  if (!Number.isSafeInteger(kills) || kills < 1 || kills > KILLS_MAX) {
    console.error(`Usage: npm run sim -- --kills <1 … ${KILLS_MAX}> [--seed <seed>]`);
    return 2;
  }
  const calm = await playDay(seed, 0, DAY_HOURS);
  const disturbed = await playDay(seed, kills, DAY_HOURS);
  const differing = differences(calm, disturbed);
  console.log(
    `a day with ${disturbed.deaths} deaths of the coordinator: ${disturbed.logged.length} runs, ` +
      `${disturbed.transitions.length} transitions, ${disturbed.incidents.size} incidents, ` +
      `${disturbed.deliveries.size} deliveries, ` +
      `${disturbed.arrivals.length - disturbed.deliveries.size} of them repeated under their key`,
  );
  for (const difference of differing.slice(0, 20)) console.error(difference);
  if (differing.length > 0) return 1;
  const apartSeconds = (farthestApartMs(calm, disturbed) / 1_000).toFixed(1);
  console.log(
    "the same transitions, incidents and deliveries as without, each run taken in once; " +
      `judged at most ${apartSeconds} s apart`,
  );
  return 0;
}
