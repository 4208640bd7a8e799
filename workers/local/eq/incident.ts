/**
 * `eq incident create|update|resolve|postmortem|list|templates`: written incidents of a running
 * network, by its API.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Complaint, errorText, firstSentence } from "../complaint.ts";
import { ApiClient } from "../start/api-client.ts";
import { userPath } from "../start/options.ts";
import {
  NETWORK_FLAGS,
  NETWORK_OPTIONS_USAGE,
  asComplaint,
  networkAddress,
} from "./network-options.ts";

/** Help of the command. */
export const INCIDENT_USAGE = `Usage: npm run --silent eq -- incident create <title> [TEXT]
       npm run --silent eq -- incident create --template <id>
       npm run --silent eq -- incident update <id> [TEXT]
       npm run --silent eq -- incident resolve <id> [TEXT]
       npm run --silent eq -- incident postmortem <id> [TEXT]
       npm run --silent eq -- incident delete <id>
       npm run --silent eq -- incident list [--open]
       npm run --silent eq -- incident templates

  TEXT             --text "Markdown", or --file FILE ("-": standard input)
  --status S       investigating, identified, monitoring or resolved
  --impact M=I     what is declared of a monitor: none, degraded, partial or down; repeatable
  --link INCIDENT  an incident found by the quorum that this is about; repeatable
  --at MOMENT      when it began, or was so, if not now: 2026-11-20T14:02:11Z
  --template ID    begin with a template
  --id ID          an id of your own
${NETWORK_OPTIONS_USAGE}`;

const FLAGS = {
  ...NETWORK_FLAGS,
  text: { type: "string" },
  file: { type: "string" },
  status: { type: "string" },
  impact: { type: "string", multiple: true },
  link: { type: "string", multiple: true },
  at: { type: "string" },
  template: { type: "string" },
  id: { type: "string" },
  open: { type: "boolean", default: false },
} as const;

const PLACE = "api/v1/written-incidents";

interface ShownIncident {
  id: string;
  title: string;
  status: string;
  impact: string;
  startedAt: string;
  resolvedAt: string | null;
}

function complain(message: string): Complaint {
  return new Complaint(`${message}\n\n${INCIDENT_USAGE}`);
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: FLAGS });
  } catch (error) {
    throw complain(`${firstSentence(error)}.`);
  }
}

type Flags = ReturnType<typeof parseOptions>["values"];

/** Runs the command; returns its exit code. */
export async function runIncident(args: readonly string[], cwd: string): Promise<number> {
  const { values, positionals } = parseOptions(args);
  if (values.help === true) {
    console.log(INCIDENT_USAGE);
    return 0;
  }
  const [action = "", subject, ...rest] = positionals;
  if (rest.length > 0) throw complain(`Expected one title or id, not also "${rest.join(" ")}".`);
  const { url, token } = networkAddress(values, complain);
  try {
    return await act(new ApiClient(url, token), action, subject, values, cwd);
  } catch (error) {
    throw asComplaint(error, url);
  }
}

async function act(
  api: ApiClient,
  action: string,
  subject: string | undefined,
  flags: Flags,
  cwd: string,
): Promise<number> {
  if (action === "list" && subject === undefined) return list(api, flags.open);
  if (action === "templates" && subject === undefined) return templates(api);
  if (action === "create") return create(api, subject, flags, cwd);
  if (subject === undefined || !["update", "resolve", "postmortem", "delete"].includes(action)) {
    throw complain("Expected create, update, resolve, postmortem, delete, list or templates.");
  }
  const path = `${PLACE}/${encodeURIComponent(subject)}`;
  if (action === "delete") {
    await api.request("DELETE", path);
    console.log(`${subject} is deleted.`);
    return 0;
  }
  const text = readText(flags, cwd);
  if (action === "postmortem") {
    if (text === undefined) throw complain("Expected --text or --file.");
    return say(await api.request("PATCH", path, { postmortem: text }));
  }
  const isEnd = action === "resolve";
  if (text === undefined && !isEnd) throw complain("Expected --text or --file.");
  const update = {
    ...said(flags),
    text: text ?? "This is resolved.",
    ...(isEnd ? { status: "resolved" } : {}),
    ...(flags.at === undefined ? {} : { at: flags.at }),
  };
  return say(await api.request("POST", `${path}/updates`, update));
}

async function create(
  api: ApiClient,
  title: string | undefined,
  flags: Flags,
  cwd: string,
): Promise<number> {
  if (title === undefined && flags.template === undefined) {
    throw complain("Expected a title, or --template.");
  }
  const text = readText(flags, cwd);
  const answer = await api.request("POST", PLACE, {
    ...said(flags),
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { text }),
    ...(flags.template === undefined ? {} : { template: flags.template }),
    ...(flags.link === undefined ? {} : { incidents: flags.link }),
    ...(flags.at === undefined ? {} : { startedAt: flags.at }),
  });
  return say(answer);
}

/** What creating and updating have in common. */
function said({ id, status, impact }: Flags): Record<string, unknown> {
  return {
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(impact === undefined ? {} : { monitors: Object.fromEntries(impact.map(parseImpact)) }),
  };
}

function parseImpact(text: string): [monitor: string, impact: string] {
  const [, monitor, impact] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (monitor === undefined || impact === undefined) {
    throw complain(`--impact expects <monitor>=<impact>, not "${text}".`);
  }
  return [monitor, impact];
}

function readText({ text, file }: Flags, cwd: string): string | undefined {
  if (file === undefined) return text;
  if (text !== undefined) throw complain("Expected either --text or --file.");
  try {
    return readFileSync(file === "-" ? 0 : userPath(file, cwd), "utf8");
  } catch (error) {
    throw new Complaint(`${file} cannot be read: ${errorText(error)}.`);
  }
}

function say(answer: unknown): number {
  const { id, status, title } = answer as ShownIncident;
  console.log(`${id}  ${status}  ${title}`);
  return 0;
}

async function list(api: ApiClient, open: boolean): Promise<number> {
  const answer = await api.request("GET", `${PLACE}${open ? "?open=true" : ""}`);
  const incidents = answer as ShownIncident[];
  const width = Math.max(0, ...incidents.map(({ id }) => id.length));
  for (const { id, startedAt, status, impact, title } of incidents) {
    console.log(
      `${id.padEnd(width)}  ${startedAt}  ${status.padEnd(13)}  ${impact.padEnd(8)}  ${title}`,
    );
  }
  if (incidents.length === 0) console.log("There are no written incidents.");
  return 0;
}

async function templates(api: ApiClient): Promise<number> {
  const answer = await api.request("GET", "api/v1/incident-templates");
  const found = answer as Array<{ id: string; title: string }>;
  for (const { id, title } of found) console.log(`${id}  ${title}`);
  if (found.length === 0) console.log("There are no templates.");
  return 0;
}
