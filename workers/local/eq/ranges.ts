/**
 * `eq ranges refresh`: brings the list of Cloudflare's address ranges up to date. Targets in them are
 * checked over `fetch`, because raw sockets of a Worker may not reach them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  CLOUDFLARE_RANGES,
  CLOUDFLARE_RANGES_DAY,
} from "../../../shared/probe/cloudflare-range-list.ts";
import { Complaint, errorText } from "../complaint.ts";
import { ROOT } from "../network/environments.ts";
import { userPath } from "../start/options.ts";
import { parseRanges, renderRangesModule, sortRanges } from "./ranges-file.ts";

/** Help of the command. */
export const RANGES_USAGE = `Usage: npm run eq -- ranges refresh [options]

  --file FILE    read the ranges from a file instead of the internet, one per line (repeatable)
  --from URL     fetch URL/ips-v4 and URL/ips-v6 (https://www.cloudflare.com)
  --out FILE     module to write (shared/probe/cloudflare-range-list.ts)

Deploy afterwards with \`npm run deploy\`.`;

const LISTS = ["ips-v4", "ips-v6"];
/** Longest wait for a list, in milliseconds, and its largest size in characters. */
const FETCH_MAX_MS = 10_000;
const LIST_CHARACTERS_MAX = 65_536;

function usage(message: string): Complaint {
  return new Complaint(`${message}\n${RANGES_USAGE}`);
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: "string", multiple: true, default: [] as string[] },
        from: { type: "string", default: "https://www.cloudflare.com" },
        out: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw usage(`${errorText(error).split(". ")[0]}.`);
  }
}

async function fetchList(url: string): Promise<string> {
  const complaint = (why: string) =>
    new Complaint(
      `${url} could not be read: ${why}.\n` +
        "Without the internet, save the lists elsewhere and give them with --file.",
    );
  if (!URL.canParse(url)) throw usage(`--from expects a URL, not "${url}".`);
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MAX_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    text = await response.text();
  } catch (error) {
    // What kept fetch from its answer is in the cause; its own message is always the same.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw complaint(errorText(cause));
  }
  if (text.length > LIST_CHARACTERS_MAX) throw complaint("it is too long for a list of ranges");
  return text;
}

function readList(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Complaint(`${path} could not be read: ${errorText(error)}`);
  }
}

/** What changed, in words. */
function summary(ranges: readonly string[]): string {
  const added = ranges.filter((range) => !CLOUDFLARE_RANGES.includes(range));
  const removed = CLOUDFLARE_RANGES.filter((range) => !ranges.includes(range));
  const changes = [...added.map((range) => `+ ${range}`), ...removed.map((range) => `- ${range}`)];
  const count = `${ranges.length} ranges`;
  return changes.length === 0
    ? `${count}, the same as on ${CLOUDFLARE_RANGES_DAY}.`
    : `${count}; since ${CLOUDFLARE_RANGES_DAY}:\n${changes.join("\n")}`;
}

/**
 * Runs the command.
 *
 * @param cwd where the person typed it
 * @returns its exit code
 */
export async function runRanges(args: readonly string[], cwd: string): Promise<number> {
  const { values, positionals } = parseOptions(args);
  if (values.help === true) {
    console.log(RANGES_USAGE);
    return 0;
  }
  if (positionals.join(" ") !== "refresh") throw usage("Expected refresh.");
  const origin = values.from.replace(/\/$/, "");
  const lists =
    values.file.length > 0
      ? values.file.map((file) => parseRanges(readList(userPath(file, cwd)), file))
      : await Promise.all(
          LISTS.map(async (list) => {
            const url = `${origin}/${list}`;
            return parseRanges(await fetchList(url), url);
          }),
        );
  const ranges = sortRanges(lists.flat());
  for (const [family, sign] of Object.entries({ IPv4: ".", IPv6: ":" })) {
    if (ranges.some((range) => range.includes(sign))) continue;
    throw new Complaint(`There are no ${family} ranges: give both lists, each with --file.`);
  }
  const out =
    values.out === undefined
      ? `${ROOT}shared/probe/cloudflare-range-list.ts`
      : userPath(values.out, cwd);
  writeFileSync(out, renderRangesModule(ranges, new Date().toISOString().slice(0, 10)));
  console.log(summary(ranges));
  return 0;
}
