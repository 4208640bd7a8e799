/**
 * `npm run bench -- rows`: rows that a day of monitoring writes and reads, by size of the network, by
 * D1's own metadata in local workerd; and an estimate of what the Durable Object writes itself.
 */
import { parseArgs } from "node:util";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { RowsFigures } from "./rows/figures.ts";
import { renderRows, renderSize } from "./rows/figures.ts";
import { measureRows } from "./rows/measure.ts";

const USAGE = `npm run bench -- rows [options]: rows of D1 in a day, by size

  --monitors <n,…>  sizes (10,30,100,1000)
  --regions <n,…>   regions, 1 to 11 each (4,8,11)
  --hours <n>       hours to play at each size, 1 to 24 (1)
  --help            this text

The hours end a quarter past midnight. What happens once a day (rollups of the day and its hours
written, old ones deleted) counts once, all else is scaled up to a day. Monitors are checked once a
minute; each is down for a minute in about 17 hours, and of 2,000 observations one fails for its region
alone. Readers of pages and API are not counted.`;

const REGIONS_MAX = 11;

interface Options {
  monitors: number[];
  regions: number[];
  hours: number;
}

/** Runs the benchmark and prints its figures. */
export async function benchRows(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const { hours } = options;
  const figures: RowsFigures[] = [];
  for (const monitors of options.monitors) {
    for (const regions of options.regions) {
      process.stderr.write(`${monitors} monitors in ${regions} regions …\n`);
      const measured = await measureRows(monitors, regions, hours);
      process.stderr.write(`${renderSize(measured)}\n`);
      figures.push(measured);
    }
  }
  console.log(`Played: ${hours} h to a quarter past midnight, scaled up to a day.`);
  console.log(renderRows(figures));
}

function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "10,30,100,1000" },
        regions: { type: "string", default: "4,8,11" },
        hours: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    return {
      monitors: values.monitors.split(",").map((text) => whole("--monitors", text, 10_000)),
      regions: values.regions.split(",").map((text) => whole("--regions", text, REGIONS_MAX)),
      hours: whole("--hours", values.hours, 24),
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
