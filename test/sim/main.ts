/**
 * `npm run sim -- --seeds N [--seed S]`: explores N worlds from seed S on (a random one unless
 * given), prints the seed first, and stops at the first broken promise with its history.
 * `npm run sim -- --kills N [--seed S]`: plays the scripted day, undisturbed and with N deaths.
 */
import { parseArgs } from "node:util";
import { plant } from "./mutations.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string" },
    kills: { type: "string" },
    history: { type: "boolean", default: false },
    /** Name of a deliberate bug to plant first. */
    mutation: { type: "string" },
  },
});
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const count = Number(values.seeds);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || first < 0 || count < 1) {
  console.error("Usage: npm run sim -- --seeds <how many> [--seed <first>] [--history]");
  process.exit(2);
}
console.log(`seed ${first}`);
if (values.mutation !== undefined) plant(values.mutation, new URL("../../", import.meta.url).href);
if (values.kills !== undefined) {
  process.exit(await (await import("./kills.ts")).playKills(first, Number(values.kills)));
}
const { simulate } = await import("./simulation.ts");

const startedAtMs = performance.now();
const total = { runs: 0, incidents: 0, deliveries: 0, deaths: 0, hours: 0 };
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await simulate(seed);
  total.runs += outcome.runs;
  total.incidents += outcome.incidents;
  total.deliveries += outcome.deliveries;
  total.deaths += outcome.deaths;
  total.hours += outcome.simulatedMs / 3_600_000;
  if (values.history) console.log(outcome.history.join("\n"));
  if (outcome.violation !== null) {
    console.error(`seed ${seed}: ${outcome.violation}`);
    console.error(`faults: ${[...outcome.scenario.faults].join(", ")}`);
    console.error(outcome.history.slice(-20).join("\n"));
    console.error(`Repeat it with: npm run sim -- --seeds 1 --seed ${seed} --history`);
    process.exit(1);
  }
  const done = seed - first + 1;
  if (done % 1_000 === 0) console.log(`${done} worlds without a violation`);
}
const seconds = (performance.now() - startedAtMs) / 1_000;
console.log(
  `${count} worlds, ${total.hours.toFixed(0)} hours: ${total.runs} runs, ` +
    `${total.incidents} incidents, ${total.deliveries} deliveries, ${total.deaths} deaths of the ` +
    `object; no violation, in ${seconds.toFixed(1)} s`,
);
