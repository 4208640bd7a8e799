/**
 * `eq channel list|test|rotate`: the channels of a running network, by its API.
 */
import { parseArgs } from "node:util";
import { Complaint, firstSentence } from "../complaint.ts";
import { ApiClient } from "../start/api-client.ts";
import {
  NETWORK_FLAGS,
  NETWORK_OPTIONS_USAGE,
  asComplaint,
  networkAddress,
} from "./network-options.ts";

/** Help of the command. */
export const CHANNEL_USAGE = `Usage: npm run --silent eq -- channel list
       npm run --silent eq -- channel test <id>
       npm run --silent eq -- channel rotate <id> [--keep-for 24h]

  test             sends what looks like a real alert; exits with 0 once the channel has taken it
  rotate           makes a new signing secret and prints it; the former one signs too for a while
  --keep-for 24h   for how long, 0s to 30d
${NETWORK_OPTIONS_USAGE}`;

/** Longest wait for a test message, in milliseconds: the channel may be slow. */
const TEST_TIMEOUT_MS = 120_000;
/** Exit code of a test message that the channel did not take. */
const EXIT_NOT_DELIVERED = 1;

interface ShownChannel {
  id: string;
  name: string;
  kind: string;
  unreadable?: boolean;
}

interface TestResult {
  delivered: boolean;
  status: number | null;
  error: string | null;
}

function complain(message: string): Complaint {
  return new Complaint(`${message}\n\n${CHANNEL_USAGE}`);
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...NETWORK_FLAGS, "keep-for": { type: "string", default: "24h" } },
    });
  } catch (error) {
    throw complain(`${firstSentence(error)}.`);
  }
}

/** Runs the command; returns its exit code. */
export async function runChannel(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args);
  if (values.help === true) {
    console.log(CHANNEL_USAGE);
    return 0;
  }
  const [action, id, ...rest] = positionals;
  const isList = action === "list" && id === undefined;
  const isAbout = (action === "test" || action === "rotate") && id !== undefined;
  if ((!isList && !isAbout) || rest.length > 0) {
    throw complain("Expected list, test <id> or rotate <id>.");
  }
  const { url, token } = networkAddress(values, complain);
  const api = new ApiClient(url, token);
  try {
    if (id === undefined) return await list(api);
    const path = `api/v1/channels/${encodeURIComponent(id)}`;
    return action === "test"
      ? await test(api, path, id)
      : await rotate(api, path, values["keep-for"]);
  } catch (error) {
    throw asComplaint(error, values.url);
  }
}

async function list(api: ApiClient): Promise<number> {
  const channels = (await api.request("GET", "api/v1/channels")) as ShownChannel[];
  const width = Math.max(0, ...channels.map(({ id }) => id.length));
  for (const { id, kind, name, unreadable } of channels) {
    const note = unreadable === true ? " (cannot be opened: its sealing key is missing)" : "";
    console.log(`${id.padEnd(width)}  ${kind.padEnd(12)}  ${name}${note}`);
  }
  if (channels.length === 0) console.log("There are no channels.");
  return 0;
}

async function test(api: ApiClient, path: string, id: string): Promise<number> {
  const answer = await api.request("POST", `${path}/test`, undefined, TEST_TIMEOUT_MS);
  const { delivered, status, error } = answer as TestResult;
  if (delivered) {
    console.log(`${id} took the test message${status === null ? "" : ` (HTTP ${status})`}.`);
    return 0;
  }
  console.error(`${id} did not take the test message: ${error ?? "nobody says why"}.`);
  return EXIT_NOT_DELIVERED;
}

async function rotate(api: ApiClient, path: string, keepFor: string): Promise<number> {
  const answer = await api.request("POST", `${path}/secret`, { keepFor });
  const { secret, formerUntil } = answer as { secret: string; formerUntil: string };
  // The secret alone on standard output, so that it can be piped to where it belongs.
  console.log(secret);
  console.error(`The former secret signs too until ${formerUntil}. This one is not shown again.`);
  return 0;
}
