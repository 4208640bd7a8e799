/** Exploring worlds: one seed after another, in one process or divided over several. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { simulate } from "./simulation.ts";

/** Which worlds, and how. */
export interface Exploration {
  first: number;
  count: number;
  /** Whether each world's log is read again afterwards. */
  replay: boolean;
  /** Whether all histories are printed. */
  history: boolean;
  /** Coordinators of each world; undefined: as many as are drawn. */
  coordinators: number | undefined;
}

/** Plays worlds and prints what came of them; returns the exit status. */
export async function explore(exploration: Exploration): Promise<number> {
  const { first, count, replay, history, coordinators } = exploration;
  const startedAtMs = performance.now();
  const total = { runs: 0, incidents: 0, deliveries: 0, deaths: 0, hours: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const outcome = await simulate(seed, { replay, coordinators });
    total.runs += outcome.runs;
    total.incidents += outcome.incidents;
    total.deliveries += outcome.deliveries;
    total.deaths += outcome.deaths;
    total.hours += outcome.simulatedMs / 3_600_000;
    if (history) console.log(outcome.history.join("\n"));
    if (outcome.violation !== null) {
      console.error(`seed ${seed}: ${outcome.violation}`);
      console.error(`faults: ${[...outcome.scenario.faults].join(", ")}`);
      console.error(outcome.history.slice(-20).join("\n"));
      const flag =
        (replay ? " --replay" : "") +
        (coordinators === undefined ? "" : ` --coordinators ${coordinators}`);
      console.error(`Repeat it with: npm run sim -- --seeds 1 --seed ${seed}${flag} --history`);
      return 1;
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
  return 0;
}

/** The same, divided over processes; returns the exit status of the first that failed. */
export async function exploreTogether(what: Exploration, jobs: number): Promise<number> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const share = Math.ceil(what.count / jobs);
  const statuses = Array.from({ length: jobs }, (_, job) => {
    const count = Math.min(share, what.count - job * share);
    if (count < 1) return Promise.resolve(0);
    const args = ["--seed", String(what.first + job * share), "--seeds", String(count)];
    if (what.replay) args.push("--replay");
    if (what.history) args.push("--history");
    if (what.coordinators !== undefined) args.push("--coordinators", String(what.coordinators));
    const child = spawn(process.execPath, [main, ...args], { stdio: "inherit" });
    return new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => resolve(code ?? 1));
    });
  });
  return (await Promise.all(statuses)).find((status) => status !== 0) ?? 0;
}
