/**
 * `npm run sim -- --seeds N [--seed S] [--jobs J]`: explores N worlds from seed S on (a random one
 * unless given), prints the seed first, and stops at the first broken promise with its history; with
 * `--replay` each world's log is read again afterwards, with `--coordinators N` each network has so
 * many.
 * `npm run sim -- --mutations [--jobs J] [--again]`: for each deliberate bug a world that shows it;
 * with `--again` the first of all.
 * `npm run sim -- --kills N [--seed S]`: plays the scripted day, undisturbed and with N deaths.
 */
import { parseArgs } from "node:util";
import { plant } from "./mutations.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string" },
    kills: { type: "string" },
    /** Processes over which the worlds are divided. */
    jobs: { type: "string", default: "1" },
    history: { type: "boolean", default: false },
    /** Reads each world's log again, with and without deaths, and compares. */
    replay: { type: "boolean", default: false },
    coordinators: { type: "string" },
    /** Name of a deliberate bug to plant first. */
    mutation: { type: "string" },
    mutations: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const [count, jobs] = [Number(values.seeds), Number(values.jobs)];
const coordinators = values.coordinators === undefined ? undefined : Number(values.coordinators);
const numbers = [first, count, jobs, coordinators ?? 1];
if (!numbers.every(Number.isSafeInteger) || first < 0 || Math.min(...numbers.slice(1)) < 1) {
  console.error(
    "Usage: npm run sim -- --seeds <how many> [--seed <first>] [--jobs <processes>] [--replay] " +
      "[--history] [--coordinators <how many>]",
  );
  process.exit(2);
}
if (values.mutations) {
  process.exit(await (await import("./mutation-search.ts")).searchMutations(jobs, values.again));
}
console.log(`seed ${first}`);
if (values.mutation !== undefined) plant(values.mutation, new URL("../../", import.meta.url).href);
if (values.kills !== undefined) {
  process.exit(await (await import("./kills.ts")).playKills(first, Number(values.kills)));
}
const { explore, exploreTogether } = await import("./explore.ts");
const { replay, history } = values;
const exploration = { first, count, replay, history, coordinators };
process.exit(jobs === 1 ? await explore(exploration) : await exploreTogether(exploration, jobs));
