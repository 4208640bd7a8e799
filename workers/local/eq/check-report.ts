/**
 * An observation as a table for people: phases with bars, what was seen and what it usually means.
 * Made to be pasted into a ticket: it reads well without colours. Pure.
 */
import { companionCase, companionSentence } from "../../../shared/probe/companion.ts";
import type {
  EchoResult,
  HttpResult,
  Observation,
  PingResult,
  RttSpread,
} from "../../../shared/probe/observation.ts";
import type { Phase, Status } from "../../../shared/probe/reason.ts";
import { reasonFacts } from "../../../shared/probe/reason.ts";
import { redactQuery } from "../../../shared/probe/redaction.ts";
import type { Palette } from "../start/terminal.ts";
import { explainUnmeasured } from "./unmeasured.ts";
import { renderTrace } from "./check-trace.ts";

const BAR_WIDTH = 24;
const LABEL_WIDTH = 15;
const HTTP_ROW = "HTTP beside it";
/** Lines of the transcript that are shown of a failing check. */
const TRANSCRIPT_LINES = 20;

interface Row {
  label: string;
  ms: number | null;
  note: string;
}

/** How an observation is reported. */
export interface ReportOptions {
  url: string;
  palette: Palette;
  /** Whether all of the transcript is shown. */
  verbose: boolean;
}

/** Row of the table in which a failure of a phase is shown; null: it has none of its own. */
const ROW_OF_PHASE: Readonly<Record<Phase, string | null>> = {
  dns: "DNS",
  connect: "TCP",
  tls: "TLS",
  upgrade: "Upgrade",
  protocol: "Messages",
  dialogue: "Messages",
  close: "Close",
  limits: null,
  security: null,
  http: null,
  probe: null,
};

/** Milliseconds with the precision that they were measured with: clocks often show whole ones. */
export function formatMs(ms: number): string {
  return `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function spread(rtt: RttSpread | null, jitterMs: number | null): string[] {
  if (rtt === null) return [];
  const { min, p50, p95, max } = rtt;
  return [
    `min ${formatMs(min)}, p50 ${formatMs(p50)}, p95 ${formatMs(p95)}, max ${formatMs(max)}`,
    ...(jitterMs === null ? [] : [`jitter ${formatMs(jitterMs)}`]),
  ];
}

/** Bytes per second in the unit that people read most easily. */
function formatRate(bytesPerSecond: number): string {
  const units = ["B/s", "kB/s", "MB/s"];
  const power = Math.min(2, Math.max(0, Math.floor(Math.log10(bytesPerSecond) / 3)));
  const value = bytesPerSecond / 1_000 ** power;
  return `${value.toFixed(value < 10 && power > 0 ? 1 : 0)} ${units[power]}`;
}

function echoRow(echo: EchoResult | null): Row[] {
  if (echo === null) return [];
  const { count, received, lost, corrupted, reordered, duplicated } = echo;
  const { rttMs, jitterMs } = echo;
  const troubles = Object.entries({
    lost,
    changed: corrupted,
    "out of order": reordered,
    doubled: duplicated,
  })
    .filter(([, times]) => times > 0)
    .map(([trouble, times]) => `${times} ${trouble}`);
  const note =
    count === 1 && received === 1
      ? ""
      : [`${received} of ${count} came back`, ...troubles, ...spread(rttMs, jitterMs)].join(", ");
  return [{ label: "Echo", ms: rttMs?.mean ?? null, note }];
}

/** Throughput of an exchange of many messages; null where one says nothing of it. */
function throughput(echo: EchoResult | null): string | null {
  if (echo === null || echo.count === 1) return null;
  const { messagesPerSecond, bytesPerSecond } = echo;
  if (messagesPerSecond === null || bytesPerSecond === null) return null;
  const messages = messagesPerSecond.toFixed(messagesPerSecond < 10 ? 1 : 0);
  return `${messages} messages/s, ${formatRate(bytesPerSecond)}`;
}

function pingRow(ping: PingResult | null): Row[] {
  if (ping === null) return [];
  const { sent, received, rttMs, jitterMs } = ping;
  const note =
    sent === 1 && received === 1
      ? ""
      : [`${received} of ${sent} answered`, ...spread(rttMs, jitterMs)].join(", ");
  return [{ label: "Ping", ms: rttMs?.mean ?? null, note }];
}

function httpRow(http: HttpResult | undefined): Row[] {
  if (http === undefined) return [];
  return [
    { label: HTTP_ROW, ms: http.totalMs, note: http.reason === null ? "" : `✗ ${http.reason}` },
  ];
}

function rowsOf(observation: Observation, url: string): Row[] {
  const { timings, phase, reason } = observation;
  const timed = (label: string, field: Parameters<typeof explainUnmeasured>[0]): Row => {
    const note = explainUnmeasured(field, observation, url);
    return { label, ms: timings[field], note };
  };
  const rows: Row[] = [
    { label: "Redirects", ms: timings.redirectMs, note: "" },
    timed("DNS", "dnsMs"),
    timed("TCP", "tcpMs"),
    timed("TLS", "tlsMs"),
    timed("Upgrade", "upgradeMs"),
    timed("First message", "firstMessageMs"),
    ...echoRow(observation.echo),
    ...pingRow(observation.ping),
    { label: "Messages", ms: null, note: "" },
    timed("Close", "closeMs"),
    ...httpRow(observation.http),
  ];
  const failed = phase === null ? null : ROW_OF_PHASE[phase];
  return rows
    .map((row) => (row.label === failed ? { ...row, note: `✗ ${reason ?? "failed"}` } : row))
    .filter(({ ms, note }) => ms !== null || note !== "");
}

function renderRows(rows: readonly Row[], totalMs: number | null, palette: Palette): string[] {
  const longest = Math.max(...rows.map(({ ms }) => ms ?? 0), 0.001);
  const lines = rows.map(({ label, ms, note }) => {
    const time = (ms === null ? "–" : formatMs(ms)).padStart(9);
    const length = ms === null ? 0 : Math.max(1, Math.round((ms / longest) * BAR_WIDTH));
    const text = note.startsWith("✗") ? palette.bad(note) : palette.soft(note);
    const bar = note === "" ? "█".repeat(length) : "█".repeat(length).padEnd(BAR_WIDTH);
    return `  ${label.padEnd(LABEL_WIDTH)}${time}  ${bar} ${text}`.trimEnd();
  });
  const total = (totalMs === null ? "–" : formatMs(totalMs)).padStart(9);
  return [...lines, `  ${palette.bold("Total".padEnd(LABEL_WIDTH))}${total}`];
}

function factsOf(observation: Observation): Array<[label: string, value: string]> {
  const { address, handshake, close, certificate, reason, blame, phase } = observation;
  const facts: Array<[string, string]> = [];
  if (reason !== null) {
    const { meaning, cause } = reasonFacts(reason);
    facts.push(["Reason", `${reason} (phase ${phase ?? "unknown"}, blame ${blame ?? "unknown"})`]);
    facts.push(["Meaning", meaning], ["Likely cause", cause]);
  }
  for (const url of observation.redirects ?? []) facts.push(["Redirected to", url]);
  if (address !== null) facts.push(["Address", `${address.ip} (IPv${address.family})`]);
  if (handshake !== null) {
    const { status, subprotocol, extensions } = handshake;
    facts.push(["Answer", `HTTP ${status}`], ["Subprotocol", subprotocol ?? "none"]);
    if (extensions !== null) facts.push(["Extensions", extensions]);
  }
  const rate = throughput(observation.echo);
  if (rate !== null) facts.push(["Throughput", rate]);
  if (close !== null) {
    const words = close.reason === "" ? "" : ` "${close.reason}"`;
    const how = close.clean ? "closing handshake complete" : "without a complete closing handshake";
    facts.push(["Closed with", `${close.code}${words}, ${how}`]);
  }
  if (certificate !== null) {
    const { subject, issuer, daysLeft } = certificate;
    facts.push(["Certificate", `${subject}, by ${issuer}, ${daysLeft} days left`]);
  }
  facts.push(["Transport", observation.transport]);
  const { http, status } = observation;
  if (http !== undefined) {
    facts.push([HTTP_ROW, http.message]);
    // Of a check that the probe could not make nothing follows.
    if (status !== "unknown") {
      facts.push([
        "Together",
        companionSentence(companionCase(status !== "down", http.status === "up")),
      ]);
    }
  }
  return facts;
}

function renderTranscript(observation: Observation, options: ReportOptions): string[] {
  const { transcript } = observation;
  if (transcript === null || transcript.entries.length === 0) return [];
  const lines = renderTrace(transcript);
  const shown = options.verbose ? lines : lines.slice(-TRANSCRIPT_LINES);
  const { omitted } = transcript;
  const isWhole = shown.length === lines.length;
  const middle = omitted === 0 ? "" : `, without ${omitted} entries of its middle`;
  const title = isWhole ? `Transcript${middle}` : "Transcript, its end (all with --verbose)";
  return ["", `  ${options.palette.bold(title)}`, ...shown];
}

function colourOf(status: Status, palette: Palette): (text: string) => string {
  const colours = { up: "good", degraded: "warn", down: "bad", unknown: "soft" } as const;
  return palette[colours[status]];
}

/** Renders the report, several lines. */
export function renderReport(observation: Observation, options: ReportOptions): string {
  const { palette, url } = options;
  const { status, message, timings } = observation;
  const state = colourOf(status, palette)(palette.bold(status.toUpperCase()));
  return [
    `${state}  ${redactQuery(url)}`,
    message,
    "",
    ...renderRows(rowsOf(observation, url), timings.totalMs, palette),
    "",
    ...factsOf(observation).map(
      ([label, value]) => `  ${palette.soft(label.padEnd(LABEL_WIDTH))} ${value}`,
    ),
    ...renderTranscript(observation, options),
  ].join("\n");
}
