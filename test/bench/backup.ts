/**
 * `npm run bench -- backup`: what a backup of the coordinator's object and its restore take, by size
 * of the network. The real engine with months behind it on a real SQLite in a file.
 *
 * Each size is measured in a process of its own, whose heap is limited to what a Durable Object has.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { BackupFigures } from "./backup/figures.ts";
import { renderBackup } from "./backup/figures.ts";

const USAGE = `npm run bench -- backup [options]: backup and restore of the coordinator, by size

  --monitors <n,…>  sizes (100,1000,10000)
  --regions <n>     regions, 1 to 11 (11)
  --days <n>        days that the network has run, 1 to 90 (90)
  --help            this text

Files are made in the folder for temporary files: at 10,000 monitors some 20 GB.`;

/** Memory of a Durable Object, in megabytes. */
const HEAP_MEGABYTES = 128;
const REGIONS_MAX = 11;
const DAYS_MAX = 90;

interface Options {
  sizes: number[];
  regions: number;
  days: number;
}

/** Runs the benchmark and prints its figures. */
export async function benchBackup(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const figures: BackupFigures[] = [];
  for (const monitors of options.sizes) {
    process.stderr.write(`${monitors} monitors …\n`);
    const measured = await measure(monitors, options);
    if (measured === null) {
      console.log(renderBackup(figures));
      throw new Complaint(`${monitors} monitors do not fit into ${HEAP_MEGABYTES} MB.`, 1);
    }
    figures.push(measured);
  }
  console.log(renderBackup(figures));
}

/** Measures one size; null: it needs more memory than there is. */
async function measure(monitors: number, options: Options): Promise<BackupFigures | null> {
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-bench-"));
  const script = fileURLToPath(new URL("backup/process.ts", import.meta.url));
  const size = [monitors, options.regions, options.days].map(String);
  const args = ["--expose-gc", `--max-old-space-size=${HEAP_MEGABYTES}`, script, ...size, folder];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as BackupFigures;
  } catch (error) {
    if (errorText(error).includes("heap out of memory")) return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "100,1000,10000" },
        regions: { type: "string", default: String(REGIONS_MAX) },
        days: { type: "string", default: String(DAYS_MAX) },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    const sizes = values.monitors.split(",").map((text) => whole("--monitors", text, 100_000));
    return {
      sizes: sizes.sort((a, b) => a - b),
      regions: whole("--regions", values.regions, REGIONS_MAX),
      days: whole("--days", values.days, DAYS_MAX),
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
