/**
 * What is watched: the schema of a monitor, from which its TypeScript type, JSON Schema, OpenAPI
 * description and forms are derived, and the check that a monitor comes down to.
 *
 * `{ "name": "Chat", "url": "wss://chat.example.com/socket" }` is a complete monitor. Unknown
 * fields are errors. Pure; may import zod and `shared/probe`.
 */
import { z } from "zod";
import { formatDuration, parseDuration } from "../duration.ts";
import type { CheckSpec } from "../probe/check-spec.ts";
import type { CompanionSpec } from "../probe/companion.ts";
import type { DialogueStep } from "../probe/dialogue-step.ts";
import { dialogueStepSchema, echoStepSchema, pingStepSchema } from "../probe/dialogue-step.ts";
import type { HandshakeExpectation } from "../probe/handshake-expectation.ts";
import { REDIRECTS_MAX } from "../probe/redirect.ts";
import { REGIONS } from "../regions.ts";

/** Shortest interval that a monitor may ask for, in milliseconds (the cron's pace may be shorter). */
export const INTERVAL_MIN_MS = 15_000;
/** Longest interval, in milliseconds. */
export const INTERVAL_MAX_MS = 86_400_000;

/** A duration such as `30s`; a bare number counts seconds. Normalised to text such as `1m30s`. */
export function duration(minMs: number, maxMs: number) {
  const range = `${formatDuration(minMs)} … ${formatDuration(maxMs)}`;
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const valueMs = typeof value === "number" ? value * 1_000 : parseDuration(value);
    if (valueMs === null) {
      context.addIssue({ code: "custom", message: 'expected a duration such as "30s" or "5m"' });
      return z.NEVER;
    }
    if (valueMs < minMs || valueMs > maxMs) {
      context.addIssue({ code: "custom", message: `expected a duration of ${range}` });
      return z.NEVER;
    }
    return formatDuration(valueMs);
  });
}

/** Refuses a list that names something twice, at the place of the repetition. */
export function eachOnce(list: readonly string[], context: z.RefinementCtx): void {
  for (const [index, item] of list.entries()) {
    if (list.indexOf(item) === index) continue;
    context.addIssue({ code: "custom", path: [index], message: "expected each only once" });
  }
}

/** A URL with one of two schemes, without what a check has no use for. */
const urlSchema = (plain: string, secure: string) =>
  z
    .string()
    .max(2_048)
    .superRefine((value, context) => {
      const url = URL.canParse(value) ? new URL(value) : null;
      if (url === null || (url.protocol !== `${plain}:` && url.protocol !== `${secure}:`)) {
        const wanted = `${plain === "http" ? "an" : "a"} ${plain}:// or ${secure}:// URL`;
        context.addIssue({ code: "custom", message: `expected ${wanted}` });
      } else if (url.username !== "" || url.password !== "") {
        context.addIssue({ code: "custom", message: "expected no credentials; use headers" });
      } else if (url.hash !== "") {
        context.addIssue({ code: "custom", message: "expected no fragment (RFC 6455 §3)" });
      } else if (url.port === "0") {
        context.addIssue({ code: "custom", message: "expected a port of 1 to 65535" });
      }
    });

/** Characters of an HTTP token (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Headers that belong to the opening handshake itself (RFC 6455 §4.1). */
const RESERVED_HEADERS = new Set([
  "host",
  "upgrade",
  "connection",
  "origin",
  "user-agent",
  "content-length",
  "transfer-encoding",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "sec-websocket-accept",
]);

/** Beginning of a header's value that is sealed at rest. */
export const SEAL_PREFIX = "sealed:v1:";
/** Longest value of a header, in characters, and of its seal. */
const HEADER_CHARACTERS_MAX = 8_192;
const SEAL_CHARACTERS_MAX = 3 * HEADER_CHARACTERS_MAX;

const headersSchema = z
  .record(z.string(), z.string().max(SEAL_CHARACTERS_MAX))
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      const report = (message: string) =>
        context.addIssue({ code: "custom", path: [name], message });
      if (value.length > HEADER_CHARACTERS_MAX && !value.startsWith(SEAL_PREFIX)) {
        report(`expected at most ${HEADER_CHARACTERS_MAX} characters`);
      }
      if (!TOKEN.test(name)) report("expected an HTTP header name");
      else if (RESERVED_HEADERS.has(name.toLowerCase())) {
        report("expected a header that the handshake does not set itself");
      }
      // oxlint-disable-next-line no-control-regex -- control characters are what is refused
      if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
        report("expected a header value without control characters");
      }
    }
  });

const thresholdSchema = z.union([
  z.literal("majority"),
  z.int().min(1).max(REGIONS.length),
  z.string().regex(/^([1-9]\d?|100)%$/, 'expected "majority", a number, or a percentage'),
]);

/** When a monitor counts as flapping; what is left out scales with the interval. */
const flappingSchema = z.strictObject({
  /** Incidents within the window that make it so. */
  incidents: z.int().min(2).max(20).optional(),
  window: duration(60_000, INTERVAL_MAX_MS).optional(),
  /** How long it must stay operational until its incident ends. */
  calm: duration(10_000, INTERVAL_MAX_MS).optional(),
});

/** When the regions' votes make a verdict. */
export const quorumPolicySchema = z.strictObject({
  /**
   * Failing votes needed to raise: `majority` (of the assigned regions, or all fresh votes where
   * fewer are left), a number, or a percentage of fresh votes.
   */
  raise: thresholdSchema.default("majority"),
  /** Good votes needed to clear: a majority or percentage of fresh votes, or a number. */
  clear: thresholdSchema.default("majority"),
  /** Fresh votes without which the verdict is unknown; default 2, or 1 with a single region. */
  minVotes: z.int().min(1).max(REGIONS.length).optional(),
  /** Consecutive failing observations a region needs before its vote counts as failing. */
  raiseAfter: z.int().min(1).max(10).default(1),
  /** Consecutive good observations a region needs before its vote counts as good again. */
  clearAfter: z.int().min(1).max(10).default(1),
  /** Damping of flapping (see `flapping.ts`); `false`: every incident is told for itself. */
  flapping: z.union([z.literal(false), flappingSchema]).optional(),
});

/** Ids of monitors and channels. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, "expected lower-case letters, digits and hyphens");

/** Headers of the answer that every check judges anyway (RFC 6455 §4.1). */
const JUDGED_HEADERS = new Set(["upgrade", "connection", "sec-websocket-accept"]);

const expectedHeadersSchema = z
  .record(z.string(), z.string().trim().max(8_192).nullable())
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(headers)) {
      const report = (message: string) =>
        context.addIssue({ code: "custom", path: [name], message });
      const lowered = name.toLowerCase();
      if (!TOKEN.test(name)) report("expected an HTTP header name");
      else if (JUDGED_HEADERS.has(lowered)) {
        report("expected a header that the handshake does not judge itself");
      } else if (seen.has(lowered)) report("expected each only once");
      seen.add(lowered);
      if (value !== null && !/^[\t\x20-\x7e]*$/.test(value)) {
        report("expected a header value of printable ASCII characters");
      }
    }
  });

const budgetSchema = z.int().min(1).max(60_000);

/** What a handshake and its phases must satisfy. */
export const expectationsSchema = z.strictObject({
  /** Latency per phase in milliseconds, over which the check is `degraded`. */
  latency: z
    .strictObject({
      tcpMs: budgetSchema.optional(),
      tlsMs: budgetSchema.optional(),
      upgradeMs: budgetSchema.optional(),
      firstMessageMs: budgetSchema.optional(),
      echoMs: budgetSchema.optional(),
      totalMs: budgetSchema.optional(),
    })
    .default({}),
  /** Headers of the 101 answer and the value each must have; null: it must not be there. */
  headers: expectedHeadersSchema.optional(),
  /** Subprotocol that the server must choose, one of those offered. */
  subprotocol: z.string().optional(),
});

/** What is expected of the HTTP request beside the check. */
const companionSchema = z.strictObject({
  /** Default: `/` at the host of the monitor, over https for wss and over http for ws. */
  url: urlSchema("http", "https").optional(),
  /** Default: any below 400. */
  status: z.int().min(100).max(599).optional(),
  /** Text that the beginning of the body must contain. */
  body: z.string().min(1).max(1_000).optional(),
});

const monitorFieldsSchema = z.strictObject({
  id: idSchema.optional(),
  name: z.string().trim().min(1).max(200),
  url: urlSchema("ws", "wss"),
  /** Time between two checks of one region; null: the network's default. */
  interval: duration(1_000, INTERVAL_MAX_MS).nullable().default(null),
  /** Deadline of one check. */
  timeout: duration(100, 60_000).default("10s"),
  headers: headersSchema.default({}),
  subprotocols: z
    .array(z.string().regex(TOKEN, "expected a token"))
    .max(16)
    .superRefine(eachOnce)
    .default([]),
  origin: z.url().nullable().default(null),
  /** Shorthand for a dialogue that begins with an echo. */
  echo: z.union([z.boolean(), echoStepSchema.shape.echo]).default(false),
  /** Shorthand for a dialogue that ends with pings. */
  ping: z.union([z.boolean(), pingStepSchema.shape.ping]).default(false),
  dialogue: z.array(dialogueStepSchema).max(64).default([]),
  expect: expectationsSchema.default({ latency: {} }),
  transport: z.enum(["socket", "fetch"]).nullable().default(null),
  compression: z.boolean().default(false),
  /** Redirects of the upgrade that are followed; with 0 a redirect is a failure. */
  redirects: z.int().min(0).max(REDIRECTS_MAX).default(0),
  /**
   * HTTP request beside each check, which tells in an outage whether HTTP works; `true`: `/` at the
   * same host, where any status below 500 shows that the server answers.
   */
  http: z.union([z.boolean(), companionSchema]).default(false),
  /** Regions that check it; null: all. */
  regions: z
    .array(z.enum(REGIONS.map((region) => region.id)))
    .min(1)
    .superRefine(eachOnce)
    .nullable()
    .default(null),
  quorum: quorumPolicySchema.prefault({}),
  severity: z.enum(["critical", "warning", "info"]).default("critical"),
  group: z.string().trim().min(1).max(100).nullable().default(null),
  /** Whether it is shown on the public status page. */
  public: z.boolean().default(true),
  labels: z.record(z.string().max(63), z.string().max(255)).default({}),
  /** Ids of the channels that hear of it; null: all. */
  notify: z.array(idSchema).superRefine(eachOnce).nullable().default(null),
  /** A paused monitor is not checked. */
  paused: z.boolean().default(false),
});

/** Refuses to expect a subprotocol that could never be chosen. */
function offersWhatItExpects(
  { subprotocols, expect }: z.output<typeof monitorFieldsSchema>,
  context: z.RefinementCtx,
): void {
  if (expect.subprotocol === undefined || subprotocols.includes(expect.subprotocol)) return;
  const path = ["expect", "subprotocol"];
  context.addIssue({ code: "custom", path, message: "expected one of the offered subprotocols" });
}

/** A monitor as it is created: everything but name and URL may be left out. */
export const monitorInputSchema = monitorFieldsSchema.superRefine(offersWhatItExpects);

/** A validated monitor, defaults filled in, without its id. */
export type MonitorDefinition = Omit<z.output<typeof monitorInputSchema>, "id">;
/** A validated monitor. */
export type Monitor = MonitorDefinition & { id: string };
/** What of a monitor says when which regions check it, and over how many connections. */
export type MonitorSchedule = Pick<Monitor, "interval" | "regions" | "paused" | "http">;
/**
 * A monitor as far as those need to know it who do not judge it; one that an older release has listed
 * lacks its schedule.
 */
export type RosterMonitor = Pick<Monitor, "id" | "name" | "group" | "public"> &
  Partial<MonitorSchedule>;
/** When the regions' votes make a verdict. */
export type QuorumPolicy = z.output<typeof quorumPolicySchema>;
/** Raise or clear threshold. */
export type Threshold = z.output<typeof thresholdSchema>;

/** Schema of a stored or published monitor. */
export const monitorSchema = monitorFieldsSchema
  .extend({ id: idSchema })
  .superRefine(offersWhatItExpects);

/** Milliseconds between two checks of one region. */
export function intervalMs(monitor: Pick<Monitor, "interval">, defaultIntervalMs: number): number {
  return monitor.interval === null
    ? defaultIntervalMs
    : (parseDuration(monitor.interval) ?? defaultIntervalMs);
}

/** Regions of a monitor, in the network's order. */
export function monitorRegions(
  monitor: Pick<Monitor, "regions">,
  active: readonly string[],
): string[] {
  const chosen: readonly string[] | null = monitor.regions;
  return chosen === null ? [...active] : active.filter((region) => chosen.includes(region));
}

/** What a monitor expects of the answer to the upgrade; undefined: nothing. */
function handshakeExpectation({ expect }: Monitor): HandshakeExpectation | undefined {
  if (expect.headers === undefined && expect.subprotocol === undefined) return undefined;
  return {
    headers: Object.entries(expect.headers ?? {}),
    subprotocol: expect.subprotocol ?? null,
  };
}

/** The HTTP request beside a monitor's check; undefined: none. */
function companionSpec({ url, http }: Monitor): CompanionSpec | undefined {
  if (http === false) return undefined;
  const origin = new URL("/", url);
  origin.protocol = origin.protocol === "wss:" ? "https:" : "http:";
  if (http === true) return { url: origin.href, status: null, statusBelow: 500, body: null };
  const { url: own, status, body } = http;
  return {
    url: own ?? origin.href,
    status: status ?? null,
    statusBelow: 400,
    body: body ?? null,
  };
}

/** The check that a monitor comes down to. */
export function checkSpec(monitor: Monitor): CheckSpec {
  const dialogue: DialogueStep[] = [];
  if (monitor.echo !== false) {
    dialogue.push({ echo: monitor.echo === true ? { count: 1, bytes: 32 } : monitor.echo });
  }
  dialogue.push(...monitor.dialogue);
  if (monitor.ping !== false) {
    dialogue.push({ ping: monitor.ping === true ? { count: 1 } : monitor.ping });
  }
  const handshake = handshakeExpectation(monitor);
  const http = companionSpec(monitor);
  return {
    monitor: monitor.id,
    url: monitor.url,
    timeoutMs: parseDuration(monitor.timeout) ?? 10_000,
    headers: Object.entries(monitor.headers),
    subprotocols: monitor.subprotocols,
    origin: monitor.origin,
    dialogue,
    budgets: monitor.expect.latency,
    ...(handshake === undefined ? {} : { handshake }),
    transport: monitor.transport,
    compression: monitor.compression,
    redirects: monitor.redirects,
    ...(http === undefined ? {} : { http }),
  };
}
