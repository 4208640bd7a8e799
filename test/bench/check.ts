/**
 * `npm run bench -- check`: the CPU time of a check in workerd, beside a bare `ws` client that does
 * the same exchange in the same run, and workerd's memory over many checks.
 *
 * All sides take turns within each round, and ratios are formed within rounds. What is counted is
 * user and system time of the process on whose side it is; the server is yet another process.
 */
import { parseArgs } from "node:util";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { MemorySample } from "./check-figures.ts";
import { memoryLines, roundLines, type RoundFigures } from "./check-report.ts";
import type { Side } from "./check-sides.ts";
import { startClient, startProbe, startServer, startWorkerd } from "./check-sides.ts";
import { assertLinux, cpuMs, residentBytes } from "./check-usage.ts";

const USAGE = `npm run bench -- check [options]: CPU and memory of a check

  --rounds <n>      rounds in which every side takes its turn (9)
  --exchanges <n>   exchanges of a side in a round (1000)
  --checks <n>      exchanges in workerd over which memory is watched (6000); 100000 are enough to
                    tell whether it is flat, and take about five minutes
  --help            this text`;

/** Exchanges of each side before anything is measured: the compilers are mostly done by then. */
const WARM_UP_EXCHANGES = 6_000;
/** Checks by themselves, one per invocation, are so much dearer that fewer of them tell as much. */
const INVOCATIONS_SHARE = 0.2;
const MEMORY_SAMPLES = 40;

interface Options {
  rounds: number;
  exchanges: number;
  checks: number;
}

/** Runs the benchmark with the arguments that follow its name. */
export async function benchCheck(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  assertLinux();
  const server = await startServer();
  const stops: Array<() => Promise<void>> = [server.stop];
  const started = async <Started extends { stop(): Promise<void> }>(starting: Promise<Started>) => {
    const side = await starting;
    stops.unshift(side.stop);
    return side;
  };
  try {
    const probe = await startProbe(server.url);
    stops.unshift(probe.check.stop);
    const sides = {
      ws: await started(startClient("ws", server.url)),
      client: await started(startClient("client", server.url)),
      core: await started(startClient("core", server.url)),
      bytes: await started(startWorkerd("bytes", server.url)),
      check: await started(startWorkerd("check", server.url)),
      invokedCheck: probe.check,
      invocation: probe.invocation,
    };
    const figures = await compare(sides, options);
    console.log(roundLines(figures, options.exchanges).join("\n"));
    const samples = {
      check: await watchMemory("our whole check", sides.check, options.checks),
      bytes: await watchMemory("bare bytes", sides.bytes, options.checks),
    };
    console.log(["", ...memoryLines(samples)].join("\n"));
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Null: help was all that was asked for. */
function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: "string", default: "9" },
        exchanges: { type: "string", default: "1000" },
        checks: { type: "string", default: "6000" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    return {
      rounds: count("--rounds", values.rounds, 1),
      exchanges: count("--exchanges", values.exchanges, 100),
      checks: count("--checks", values.checks, MEMORY_SAMPLES),
    };
  } catch (error) {
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Complaint(`${option} takes a whole number, ${least} or more.`);
}

/** CPU time per exchange of every side in every round, in microseconds. */
async function compare(
  sides: Readonly<Record<keyof RoundFigures, Side>>,
  { rounds, exchanges }: Options,
): Promise<RoundFigures> {
  const few = Math.ceil(exchanges * INVOCATIONS_SHARE);
  const turns = Object.entries(sides).map(([name, side]) => {
    const invoked = name === "invokedCheck" || name === "invocation";
    return { name: name as keyof RoundFigures, side, portion: invoked ? few : exchanges };
  });
  progress(`Warming up: ${WARM_UP_EXCHANGES} exchanges of each side …`);
  for (const { side, portion } of turns) {
    await side.perform(portion === few ? WARM_UP_EXCHANGES * INVOCATIONS_SHARE : WARM_UP_EXCHANGES);
  }
  const figures: RoundFigures = {
    ws: [],
    client: [],
    core: [],
    bytes: [],
    check: [],
    invokedCheck: [],
    invocation: [],
  };
  for (let round = 1; round <= rounds; round += 1) {
    progress(`Round ${round} of ${rounds} …`);
    for (const { name, side, portion } of turns) {
      const beforeMs = cpuMs(side.pid);
      await side.perform(portion);
      figures[name].push(((cpuMs(side.pid) - beforeMs) * 1_000) / portion);
    }
    // There and back, so that no side always follows the same one.
    turns.reverse();
  }
  return figures;
}

/** Memory of a side while it makes checks. */
async function watchMemory(name: string, side: Side, checks: number): Promise<MemorySample[]> {
  progress(`Memory over ${checks} exchanges: ${name} …`);
  const samples: MemorySample[] = [];
  for (let index = 1; index <= MEMORY_SAMPLES; index += 1) {
    const due = Math.round((index * checks) / MEMORY_SAMPLES);
    const done = Math.round(((index - 1) * checks) / MEMORY_SAMPLES);
    await side.perform(due - done);
    samples.push({ checks: due, bytes: residentBytes(side.pid) });
  }
  return samples;
}

/** Says on a terminal how far it has come; the figures stay clean where they are piped. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
