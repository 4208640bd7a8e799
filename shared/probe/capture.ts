/**
 * A check as a packet capture that Wireshark and tshark open with WebSocket dissection.
 *
 * What was said is from the record: heads, frames and whatever else the server sent, one packet each,
 * with secrets replaced. Ethernet, IP and TCP around it are made up, for a probe sees bytes and not
 * packets; so are the masking keys of sent frames, all zero. What TLS carried is shown decrypted.
 * The capture says so in its comments. Pure.
 */
import { VERSION } from "../version.ts";
import { addressBytes, isInRange, isLocalhost } from "./address.ts";
import type { CaptureSide } from "./capture-connection.ts";
import { CaptureConnection } from "./capture-connection.ts";
import { encodeCaptureFile } from "./capture-file.ts";
import type { CaptureEndpoint } from "./capture-packet.ts";
import { encodeFrameHeader } from "./frame-header.ts";
import type { Address, Observation, Transcript, TranscriptEntry } from "./observation.ts";
import type { EntryPayload } from "./transcript-payload.ts";
import { CUT_MARK, entryPayload } from "./transcript-payload.ts";

/** What a capture is made of. */
export interface CaptureSource {
  observation: Observation;
  /** Record of the exchange; the observation's own may be a shorter one. */
  transcript: Transcript;
  /** Target of the check, `ws:` or `wss:`. */
  url: string;
}

/** Address that stands for a host whose address is not known (RFC 5737). */
const UNKNOWN_SERVER: Address = { ip: "192.0.2.2", family: 4 };
/** Addresses that stand for the probe (RFC 5737, RFC 3849), also on the server's own machine. */
const PROBE = { 4: "192.0.2.1", 6: "2001:db8::1" } as const;
const LOOPBACK = { 4: "127.0.0.1", 6: "::1" } as const;
/** Port of the probe: the first of the dynamic ones (RFC 6335 §6). */
const PROBE_PORT = 49_152;
/** Port that decrypted bytes are shown on: on the port of https, they would be taken for TLS. */
const HTTP_PORT = 80;

const ENCODER = new TextEncoder();

/** Whether there is anything to capture: over `fetch`, the platform shows no bytes. */
export function isCapturable({ transport }: Pick<Observation, "transport">): boolean {
  return transport === "socket";
}

/** Encodes the capture as a pcapng file. */
export function encodeCapture(source: CaptureSource): Uint8Array {
  const description = {
    application: `Echoquorum ${VERSION}`,
    interfaceName: `region ${source.observation.region}`,
    comment: describe(source),
  };
  return encodeCaptureFile(description, packetsOf(source));
}

function packetsOf(source: CaptureSource): CaptureConnection["packets"] {
  const { observation, transcript } = source;
  const { startedAtMs, timings } = observation;
  const { entries } = transcript;
  const connection = new CaptureConnection(endpointsOf(source));
  const reached = reachOf(observation, entries);
  if (reached === "nothing") return [];
  const dialledAtMs = startedAtMs + (timings.dnsMs ?? 0);
  const begin = entries.findIndex(({ direction }) => direction !== "note");
  const before = entries.slice(0, begin === -1 ? entries.length : begin);
  connection.dial({ atMs: dialledAtMs, comment: before.map(remark).join("\n") });
  if (reached === "dialled") return connection.packets;
  connection.open(dialledAtMs + (timings.tcpMs ?? 0));
  let remarks: string[] = [];
  for (const entry of entries.slice(before.length)) {
    if (entry.direction === "note") {
      remarks.push(remark(entry));
      continue;
    }
    addEntry(connection, entry, dialledAtMs + entry.atMs, remarks);
    remarks = [];
  }
  const lastAtMs = connection.packets.at(-1)?.atMs ?? dialledAtMs;
  const endAtMs = Math.max(lastAtMs, startedAtMs + (timings.totalMs ?? 0));
  connection.end("probe", { atMs: endAtMs, comment: remarks.join("\n") });
  return connection.packets;
}

/** How far the connection came. */
function reachOf(
  { timings, phase, blame }: Observation,
  entries: readonly TranscriptEntry[],
): "nothing" | "dialled" | "open" {
  const spoke = entries.some(({ direction }) => direction !== "note");
  if (spoke || timings.tcpMs !== null || phase === "tls") return "open";
  return phase === "connect" && blame !== "probe" ? "dialled" : "nothing";
}

function remark({ atMs, text }: TranscriptEntry): string {
  return `+${atMs.toFixed(1)} ms: ${text}`;
}

function addEntry(
  connection: CaptureConnection,
  entry: TranscriptEntry,
  atMs: number,
  remarks: readonly string[],
): void {
  const side: CaptureSide = entry.direction === "sent" ? "probe" : "server";
  const payload = entry.kind === "head" ? headPayload(entry.text) : framePayload(entry);
  const isCut = entry.kind === "head" && entry.text.endsWith(CUT_MARK);
  const comment = [...remarks, ...(isCut ? ["Only the beginning of this head was kept."] : [])];
  const moment = { atMs, comment: comment.join("\n") };
  if (entry.kind === "end") connection.end(side, moment);
  else if (entry.kind === "reset") connection.reset(moment);
  else if (payload !== null) connection.send(side, payload, moment);
}

/** A head as it is sent; one that was cut ends early, but as a head. */
function headPayload(text: string): EntryPayload {
  const kept = text.endsWith(CUT_MARK) ? text.slice(0, text.lastIndexOf("\r\n")) : text;
  const bytes = ENCODER.encode(`${kept}\r\n\r\n`);
  return { bytes, totalBytes: bytes.length };
}

function framePayload(entry: TranscriptEntry): EntryPayload | null {
  const payload = entryPayload(entry);
  if (payload === null || entry.frame === undefined) return payload;
  const header = encodeFrameHeader(entry.frame, entry.direction === "sent");
  const bytes = new Uint8Array(header.length + payload.bytes.length);
  bytes.set(header);
  bytes.set(payload.bytes, header.length);
  return { bytes, totalBytes: header.length + payload.totalBytes };
}

function endpointsOf({ observation, url }: CaptureSource): Record<CaptureSide, CaptureEndpoint> {
  const { hostname, protocol, port } = new URL(url);
  const fallback: Address = isLocalhost(hostname) ? { ip: LOOPBACK[4], family: 4 } : UNKNOWN_SERVER;
  const known = observation.address;
  const server = known === null || addressBytes(known.ip) === null ? fallback : known;
  const { family } = server;
  const isOwn = isInRange(server, "127.0.0.0/8") || isInRange(server, "::1/128");
  const probe: Address = { ip: isOwn ? LOOPBACK[family] : PROBE[family], family };
  const realPort = port === "" ? HTTP_PORT : Number(port);
  return {
    probe: { station: 1, address: probe, port: PROBE_PORT },
    server: {
      station: 2,
      address: server,
      port: protocol === "wss:" ? HTTP_PORT : realPort,
    },
  };
}

/** What the file says of itself. */
function describe({ observation, transcript, url }: CaptureSource): string {
  const { hostname, protocol, port } = new URL(url);
  const { omitted, entries } = transcript;
  const { monitor, region, startedAtMs, message } = observation;
  const at = new Date(startedAtMs).toISOString();
  const sentences = [
    `Check ${monitor} of ${hostname} from ${region} at ${at}: ${message}`,
    "Put together from the record of the exchange.",
    "Packets, their addresses but the server's, and masking keys (all zero) are made up.",
    "Secrets are replaced.",
  ];
  if (protocol === "wss:") {
    const onPort = `what it carried on port ${port || "443"} is shown on port ${HTTP_PORT}`;
    sentences.push(`TLS is left out: ${onPort}.`);
  }
  if (omitted > 0) {
    const what = omitted === 1 ? "entry" : "entries";
    sentences.push(`${omitted} ${what} between the first and the last left out.`);
  }
  if (entries.some(isCutPayload)) sentences.push("Long payloads are cut.");
  return sentences.join("\n");
}

function isCutPayload(entry: TranscriptEntry): boolean {
  const payload = entryPayload(entry);
  return payload !== null && payload.bytes.length < payload.totalBytes;
}
