/**
 * What commands that speak with a running network have in common: its address, the token, and a
 * file; requests with a deadline, and refusals in words.
 */
import { parseArgs } from "node:util";
import { Complaint, errorText, firstSentence } from "../complaint.ts";
import { ApiError } from "../start/api-client.ts";
import { userPath } from "../start/options.ts";

/** Longest wait for an answer, in milliseconds. */
const REQUEST_MAX_MS = 120_000;
/** What is answered, by the network or by something before it, while it cannot answer itself. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** Nothing refused a request, but it was not answered, or only with that it could not be for now. */
export class Unanswered extends Complaint {}

/** Where a command goes, and with what. */
export interface NetworkOptions {
  file: string;
  /** What was named, as it was written. */
  named: string;
  /** With a slash at its end. */
  url: string;
  token: string;
  replace: boolean;
}

/** Help of the options. */
export const NETWORK_OPTIONS_USAGE = `  --url URL        address of the network (http://127.0.0.1:8787/)
  --token TOKEN    its admin token; better kept in the variable ECHOQUORUM_ADMIN_TOKEN`;

/** Flags of every command that speaks with a network, for `parseArgs`. */
export const NETWORK_FLAGS = {
  url: { type: "string", default: "http://127.0.0.1:8787/" },
  token: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Where a command goes: the address with a slash at its end, and the token.
 *
 * @throws what `complain` makes of a message, where one of them is missing or wrong
 */
export function networkAddress(
  values: { url: string; token?: string | undefined },
  complain: (message: string) => Complaint,
): Pick<NetworkOptions, "url" | "token"> {
  if (!/^https?:\/\//.test(values.url) || !URL.canParse(values.url)) {
    throw complain(`--url expects an http or https URL, not "${values.url}".`);
  }
  const token = values.token ?? process.env["ECHOQUORUM_ADMIN_TOKEN"] ?? "";
  if (token === "") throw complain("Set ECHOQUORUM_ADMIN_TOKEN, or give --token.");
  return { url: values.url.replace(/\/*$/, "/"), token };
}

/** What went wrong with a request of the `ApiClient`, in the network's words where it has some. */
export function asComplaint(error: unknown, url: string): unknown {
  if (error instanceof ApiError) {
    const [first] = error.errors;
    return new Complaint(first === undefined ? error.message : `${first.field}: ${first.message}`);
  }
  if (!(error instanceof TypeError) && (error as Error).name !== "TimeoutError") return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new Complaint(`${url} cannot be reached: ${errorText(cause)}.`);
}

/** Parses the options; null: help was asked for. */
export function parseNetworkOptions(
  args: readonly string[],
  cwd: string,
  usage: string,
  /** What the command wants to be named. */
  what = "file",
): NetworkOptions | null {
  const complain = (message: string) => new Complaint(`${message}\n${usage}`);
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...NETWORK_FLAGS, replace: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw complain(`${firstSentence(error)}.`);
  }
  const { values, positionals } = parsed;
  if (values.help === true) return null;
  const [file = "", ...rest] = positionals;
  if (file === "" || rest.length > 0) throw complain(`Expected one ${what}.`);
  const address = networkAddress(values, complain);
  return { file: userPath(file, cwd), named: file, ...address, replace: values.replace };
}

/**
 * Makes a request with the token.
 *
 * @throws Complaint with the network's own words when it refuses; {@link Unanswered} when it cannot be
 *   reached or cannot answer now
 */
export async function request(
  { url, token }: Pick<NetworkOptions, "url" | "token">,
  method: string,
  path: string,
  body?: { type: string; text: string },
  signal: AbortSignal = AbortSignal.timeout(REQUEST_MAX_MS),
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": body.type }),
      },
      ...(body === undefined ? {} : { body: body.text }),
      signal,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Unanswered(`${url} cannot be reached: ${errorText(cause)}.`, 1);
  }
  if (response.ok) return response;
  const why = await refusal(response);
  throw PASSING.has(response.status) ? new Unanswered(why, 1) : new Complaint(why, 1);
}

async function refusal(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { detail } = JSON.parse(text) as { detail?: string };
    if (detail !== undefined) return detail;
  } catch {
    // Not Echoquorum's own answer.
  }
  return `The network answered ${response.status}.`;
}
