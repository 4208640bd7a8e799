/** The coordinator dies again and again while a scripted day goes on. */
import { beforeAll, describe, expect, it } from "vitest";
import { differences } from "./kills.ts";
import { Diary, essenceOf, playDay } from "./scripted-day.ts";

/** As many deaths an hour as 200 in a day; `npm run sim -- --kills 200` plays the whole day. */
const [HOURS, KILLS] = [4, 33];
const SEED = 1;

describe("a scripted day", { timeout: 180_000 }, () => {
  let calm: Diary;
  let disturbed: Diary;
  beforeAll(async () => {
    calm = await playDay(SEED, 0, HOURS);
    disturbed = await playDay(SEED, KILLS, HOURS);
  }, 180_000);

  it("has outages of every kind, told and over", () => {
    const { incidents, deliveries } = essenceOf(calm);
    expect(incidents.map(({ worst }) => worst).toSorted()).toEqual([
      "degraded",
      "down",
      "down",
      "down",
      "down",
      "partial",
    ]);
    expect(incidents.every(({ ended }) => ended)).toBe(true);
    expect(deliveries).toHaveLength(20);
    expect(deliveries.every(({ state }) => state === "sent")).toBe(true);
  });

  it("has the same history and deliveries however often the coordinator dies in it", () => {
    expect(disturbed.deaths).toBe(KILLS);
    expect(disturbed.arrivals.length).toBeGreaterThan(calm.arrivals.length);
    expect(essenceOf(disturbed)).toEqual(essenceOf(calm));
    expect(differences(calm, disturbed)).toEqual([]);
  });

  it("is not called the same when a transition, a message or a run is lost", () => {
    const but = (change: Partial<Diary>) => Object.assign(new Diary(), disturbed, change);
    const [run = ""] = disturbed.logged;
    const lost = disturbed.transitions.toSpliced(3, 1);
    expect(differences(calm, but({ transitions: lost }))).toEqual(["the transitions differ"]);
    expect(differences(calm, but({ arrivals: [] }))).toEqual(["the messages differ"]);
    expect(differences(calm, but({ taken: new Map([...disturbed.taken, [run, 2]]) }))).toEqual([
      `the run ${run} was not taken in exactly once`,
    ]);
  });
});
