/**
 * `npm run bench -- ingest`: what a minute of monitoring costs one coordinator, by size of the
 * network. The real engine on a real SQLite, in virtual time; log, probes and channels are memory.
 *
 * Each size is measured in a process of its own, whose heap is limited to what a Durable Object has.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { COORDINATORS_MAX } from "../../shared/monitor/placement.ts";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { IngestFigures } from "./ingest/figures.ts";
import { renderIngest } from "./ingest/figures.ts";

const USAGE = `npm run bench -- ingest [options]: CPU and memory of the coordinator, by size

  --monitors <n,…>    sizes (100,1000,10000)
  --regions <n>       regions, 1 to 11 (11)
  --minutes <n>       minutes to measure at each size (3)
  --coordinators <n>  coordinators among which the monitors are divided, of which one is measured (1)
  --help              this text

Of 1,000 monitors one is down everywhere, another one each minute, and of 2,000 observations one fails
for its region alone: both are asked about, told and resolved, as they would be.`;

/** Memory of a Durable Object, in megabytes. */
const HEAP_MEGABYTES = 128;
const REGIONS_MAX = 11;

interface Options {
  sizes: number[];
  regions: number;
  minutes: number;
  coordinators: number;
}

/** Runs the benchmark and prints its figures. */
export async function benchIngest(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const figures: IngestFigures[] = [];
  for (const monitors of options.sizes) {
    process.stderr.write(`${monitors} monitors …\n`);
    const measured = await measure(monitors, options);
    if (measured === null) {
      console.log(renderIngest(figures));
      throw new Complaint(`${monitors} monitors do not fit into ${HEAP_MEGABYTES} MB.`, 1);
    }
    figures.push(measured);
  }
  console.log(renderIngest(figures));
}

/** Measures one size; null: it needs more memory than there is. */
async function measure(monitors: number, options: Options): Promise<IngestFigures | null> {
  const script = fileURLToPath(new URL("ingest/measure.ts", import.meta.url));
  const size = ["--monitors", monitors, "--regions", options.regions].map(String);
  const node = ["--expose-gc", `--max-old-space-size=${HEAP_MEGABYTES}`];
  const rest = ["--minutes", options.minutes, "--coordinators", options.coordinators].map(String);
  const args = [...node, script, ...size, ...rest];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as IngestFigures;
  } catch (error) {
    if (errorText(error).includes("heap out of memory")) return null;
    throw error;
  }
}

function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "100,1000,10000" },
        regions: { type: "string", default: String(REGIONS_MAX) },
        minutes: { type: "string", default: "3" },
        coordinators: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    const sizes = values.monitors.split(",").map((text) => whole("--monitors", text, 100_000));
    return {
      sizes: sizes.sort((a, b) => a - b),
      regions: whole("--regions", values.regions, REGIONS_MAX),
      minutes: whole("--minutes", values.minutes, 1_000),
      coordinators: whole("--coordinators", values.coordinators, COORDINATORS_MAX),
    };
  } catch (error) {
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

function whole(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new Complaint(`${option} takes whole numbers from 1 to ${most}.`);
}
