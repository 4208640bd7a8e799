/**
 * Options of `eq check`, and the check that they come down to: through the monitor's own schema, so
 * that a bad URL or header is explained in the same words as in the API.
 */
import { parseArgs } from "node:util";
import type { z } from "zod";
import { checkSpec, monitorInputSchema } from "../../../shared/monitor/monitor.ts";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import { renderFieldErrors } from "../../coordinator/api/field-errors.ts";
import { Complaint, firstSentence } from "../complaint.ts";

/** What `eq check` was asked to do. */
export interface CheckOptions {
  spec: CheckSpec;
  json: boolean;
  /** Whether the transcript is wanted for a successful check too. */
  verbose: boolean;
  /** File to write a capture of the exchange to; null: none. */
  pcapFile: string | null;
  /** PEM file with an authority to trust as well; null: none. */
  caFile: string | null;
}

/** Help of the command. */
export const CHECK_USAGE = `Usage: npm run --silent eq -- check <ws:// or wss:// URL> [options]

  --timeout 10s        deadline of the whole check
  --header 'K: V'      additional request header (repeatable)
  --subprotocol P      subprotocol to offer, most wanted first (repeatable)
  --origin O           Origin header
  --echo               send a nonce and expect it back
  --echo-count N       messages to be echoed, 1 … 1000 (1); implies --echo
  --echo-bytes N       size of each, 16 … 65536 (32); implies --echo
  --send T             send a text message (repeatable, in order with --expect)
  --expect T           wait for a text message that contains T (repeatable)
  --redirects N        redirects of the upgrade to follow, 0 … 5 (0)
  --http               ask for / over HTTP at the same host beside it
  --http-url U         ask for this http:// or https:// URL instead; implies --http
  --http-status N      status that is expected; implies --http
  --http-body T        text that the body must contain; implies --http
  --ping N             pings to send at the end, 0 … 100 (0)
  --ca FILE            PEM file of an authority to trust besides the system's
  --verbose            show the whole transcript as a packet trace, of a success too
  --pcap FILE          write the exchange as a capture for Wireshark (pcapng)
  --json               print the observation as JSON and nothing else

Exit code: 0 up, 1 degraded, 2 down, 3 the check could not be made.`;

/** A complaint with the help's address. */
function usage(message: string): Complaint {
  return new Complaint(`${message} See \`npm run --silent eq -- check --help\`.`);
}

const OPTIONS = {
  json: { type: "boolean" },
  verbose: { type: "boolean" },
  timeout: { type: "string", default: "10s" },
  header: { type: "string", multiple: true, default: [] as string[] },
  subprotocol: { type: "string", multiple: true, default: [] as string[] },
  origin: { type: "string" },
  echo: { type: "boolean" },
  "echo-count": { type: "string" },
  "echo-bytes": { type: "string" },
  send: { type: "string", multiple: true },
  expect: { type: "string", multiple: true },
  redirects: { type: "string", default: "0" },
  http: { type: "boolean" },
  "http-url": { type: "string" },
  "http-status": { type: "string" },
  "http-body": { type: "string" },
  ping: { type: "string", default: "0" },
  ca: { type: "string" },
  pcap: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
      tokens: true,
      strict: true,
    });
  } catch (error) {
    throw usage(`${firstSentence(error)}.`);
  }
}

type Tokens = ReturnType<typeof parseStrictly>["tokens"];

/** Messages to send and to expect, in the order in which they were typed. */
function dialogueOf(tokens: Tokens): Array<Record<string, unknown>> {
  return tokens.flatMap((token): Array<Record<string, unknown>> => {
    if (token.kind !== "option" || token.value === undefined) return [];
    if (token.name === "send") return [{ send: token.value }];
    return token.name === "expect" ? [{ expect: { contains: token.value } }] : [];
  });
}

function headersOf(headers: readonly string[]): Record<string, string> {
  const entries = headers.map((header) => {
    const colon = header.indexOf(":");
    if (colon <= 0) throw usage("--header expects 'Name: value'; one has no colon after a name.");
    return [header.slice(0, colon).trim(), header.slice(colon + 1).trim()] as const;
  });
  return Object.fromEntries(entries);
}

function pingOf(count: string): false | { count: number } {
  if (!/^\d{1,3}$/.test(count)) throw usage(`--ping expects a number, not "${count}".`);
  return count === "0" ? false : { count: Number(count) };
}

function echoOf(values: {
  echo?: boolean | undefined;
  "echo-count"?: string | undefined;
  "echo-bytes"?: string | undefined;
}): boolean | Record<string, number> {
  const { "echo-count": count, "echo-bytes": bytes } = values;
  if (count === undefined && bytes === undefined) return values.echo === true;
  for (const [option, value] of Object.entries({ count, bytes })) {
    if (value !== undefined && !/^\d{1,6}$/.test(value)) {
      throw usage(`--echo-${option} expects a number, not "${value}".`);
    }
  }
  return {
    ...(count === undefined ? {} : { count: Number(count) }),
    ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
  };
}

function httpOf(values: {
  http?: boolean | undefined;
  "http-url"?: string | undefined;
  "http-status"?: string | undefined;
  "http-body"?: string | undefined;
}): boolean | Record<string, string | number> {
  const { "http-url": url, "http-status": status, "http-body": body } = values;
  if (url === undefined && status === undefined && body === undefined) return values.http === true;
  if (status !== undefined && !/^\d{3}$/.test(status)) {
    throw usage(`--http-status expects a status such as 200, not "${status}".`);
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(body === undefined ? {} : { body }),
  };
}

function redirectsOf(count: string): number {
  if (!/^\d$/.test(count)) throw usage(`--redirects expects a number, not "${count}".`);
  return Number(count);
}

/** Names of monitor fields as they are typed here. */
const TYPED_AS: ReadonlyArray<readonly [field: RegExp, option: string]> = [
  [/^url/, "the URL"],
  [/^headers/, "--header"],
  [/^subprotocols/, "--subprotocol"],
  [/^origin/, "--origin"],
  [/^timeout/, "--timeout"],
  [/^redirects/, "--redirects"],
  [/^http\S*status/, "--http-status"],
  [/^http\S*body/, "--http-body"],
  [/^http/, "--http-url"],
  [/^ping/, "--ping"],
  [/^echo.*bytes/, "--echo-bytes"],
  [/^echo/, "--echo-count"],
  [/^dialogue\S*send/, "--send"],
  [/^dialogue/, "--expect"],
];

function complain(error: z.ZodError, values: { timeout: string }): Complaint {
  const [first] = renderFieldErrors(error);
  const field = first?.field ?? "";
  const typed = TYPED_AS.find(([pattern]) => pattern.test(field))?.[1] ?? field;
  const header = /^headers(?:\.(\S+)|\["(.+)"\])$/.exec(field);
  const option = header === null ? typed : `--header ${header[1] ?? header[2]}`;
  const given = option === "--timeout" ? `, not "${values.timeout}"` : "";
  return usage(`${option}: ${first?.message ?? "not valid"}${given}.`);
}

/**
 * Parses the options.
 *
 * @returns null when help was asked for
 * @throws Complaint that names the option
 */
export function parseCheckOptions(args: readonly string[]): CheckOptions | null {
  const { values, positionals, tokens } = parseStrictly(args);
  if (values.help === true) return null;
  const [url, ...surplus] = positionals;
  if (url === undefined) throw usage("A ws:// or wss:// URL is needed.");
  if (surplus.length > 0) throw usage(`Only one URL can be checked, not "${surplus[0]}" as well.`);
  const parsed = monitorInputSchema.safeParse({
    name: "check",
    url,
    timeout: values.timeout,
    headers: headersOf(values.header),
    subprotocols: values.subprotocol,
    origin: values.origin ?? null,
    echo: echoOf(values),
    redirects: redirectsOf(values.redirects),
    http: httpOf(values),
    ping: pingOf(values.ping),
    dialogue: dialogueOf(tokens),
  });
  if (!parsed.success) throw complain(parsed.error, values);
  return {
    spec: { ...checkSpec({ ...parsed.data, id: "check" }), inspectCertificate: true },
    json: values.json === true,
    verbose: values.verbose === true,
    caFile: values.ca ?? null,
    pcapFile: values.pcap ?? null,
  };
}
