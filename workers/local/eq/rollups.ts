/**
 * `eq rollups rebuild`: has a running network recount its rollups from the log, day by day.
 */
import { parseArgs } from "node:util";
import { Complaint, firstSentence } from "../complaint.ts";
import {
  NETWORK_FLAGS,
  NETWORK_OPTIONS_USAGE,
  networkAddress,
  request,
} from "./network-options.ts";

/** Help of the command. */
export const ROLLUPS_USAGE = `Usage: npm run --silent eq -- rollups rebuild [options]

  --from MOMENT    first day (the first of which every run is kept)
  --to MOMENT      end of the last day (now: the last that ended an hour ago or earlier)
${NETWORK_OPTIONS_USAGE}

A MOMENT is a date, or a date and time with an offset. Whole UTC days between them are rebuilt.`;

/** What the API says of the days that it has rebuilt. */
interface Rebuilt {
  days: Array<{
    day: string;
    runs: number;
    observations: number;
    repaired: number;
    written: number;
  }>;
  next: string | null;
}

function complain(message: string): Complaint {
  return new Complaint(`${message}\n${ROLLUPS_USAGE}`);
}

/** Runs the command; returns its exit code. */
export async function runRollups(args: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...NETWORK_FLAGS, from: { type: "string" }, to: { type: "string" } },
    });
  } catch (error) {
    throw complain(`${firstSentence(error)}.`);
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    console.log(ROLLUPS_USAGE);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== "rebuild") throw complain("Expected rebuild.");
  const address = networkAddress(values, complain);
  const { to } = values;
  let days = 0;
  for (let from = values.from ?? null, more = true; more;) {
    const text = JSON.stringify({ ...(from === null ? {} : { from }), to });
    const body = { type: "application/json", text };
    const response = await request(address, "POST", "api/v1/rollups/rebuild", body);
    const rebuilt = (await response.json()) as Rebuilt;
    for (const day of rebuilt.days) console.log(renderDay(day));
    days += rebuilt.days.length;
    from = rebuilt.next;
    more = from !== null;
  }
  if (days === 0) console.log("There is no whole day that is over and of which every run is kept.");
  return 0;
}

function renderDay({ day, runs, observations, repaired }: Rebuilt["days"][number]): string {
  const wrong = repaired === 0 ? "nothing differed" : `${repaired} buckets put right`;
  return `${day.slice(0, 10)}  ${runs} runs, ${observations} observations: ${wrong}`;
}
