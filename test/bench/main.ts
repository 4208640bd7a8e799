/**
 * `npm run bench -- <name> [options]`: measurements, each in a file of its own beside this one. They
 * print figures for people; none is a test. A new one is a line in the table.
 */
import { Complaint, runCommand } from "../../workers/local/complaint.ts";

/** A benchmark: one line of description, and the function that runs it with what follows its name. */
interface Benchmark {
  about: string;
  load: () => Promise<(args: string[]) => Promise<void>>;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  check: {
    about: "CPU and memory of a check in workerd, beside a bare ws client",
    load: async () => (await import("./check.ts")).benchCheck,
  },
  policies: {
    about: "when rules for alerting speak, and when falsely: Echoquorum's and others'",
    load: async () => (await import("./policies.ts")).benchPolicies,
  },
  ingest: {
    about: "CPU and memory of a coordinator with up to 10,000 monitors in eleven regions",
    load: async () => (await import("./ingest.ts")).benchIngest,
  },
  backup: {
    about:
      "a backup of the coordinator and its restore: size, time and memory, up to 10,000 monitors",
    load: async () => (await import("./backup.ts")).benchBackup,
  },
  rows: {
    about: "rows that a day writes and reads in D1, by size of the network",
    load: async () => (await import("./rows.ts")).benchRows,
  },
  history: {
    about: "D1's time for pages and reports over five years of rollups, and their size",
    load: async () => (await import("./history.ts")).benchHistory,
  },
  page: {
    about: "requests per second of the status page, cached and not, and the coordinator's share",
    load: async () => (await import("./page.ts")).benchPage,
  },
  detection: {
    about: "time from an outage to its alert, and false alarms, at --every 10s",
    load: async () => (await import("./detection.ts")).benchDetection,
  },
  backlog: {
    about: "time to catch up with a day in which the coordinator was away, and what is told of it",
    load: async () => (await import("./backlog.ts")).benchBacklog,
  },
  kills: {
    about: "the local network killed with SIGKILL again and again: what is lost or doubled",
    load: async () => (await import("./kills.ts")).benchKills,
  },
};

const USAGE = `Benchmarks: npm run bench -- <name> [options]

${Object.entries(BENCHMARKS)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join("\n")}

Each explains itself with --help.`;

await runCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === "--help" || name === "-h") {
    console.log(USAGE);
    return 0;
  }
  const benchmark = name === undefined ? undefined : BENCHMARKS[name];
  if (benchmark === undefined) {
    throw new Complaint(name === undefined ? USAGE : `There is no "${name}".\n\n${USAGE}`);
  }
  const run = await benchmark.load();
  await run(args);
  return 0;
});
