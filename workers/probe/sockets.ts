/**
 * Raw TCP and TLS connections: dialling with deadlines, TCP and TLS timed apart, and closing that
 * never waits for ever.
 *
 * A connection that is still being opened cannot be given up: the runtime ends it with the
 * invocation, and until then it counts. Failures are told apart by phase and time, never by the
 * runtime's error texts, which are all the same.
 */
import { connect } from "cloudflare:sockets";
import { monotonicNowMs, settleBy } from "./deadline.ts";

/** Longest wait for `close()` of an open connection, in milliseconds. */
const CLOSE_MAX_MS = 250;

/** Where to connect to. */
export interface Endpoint {
  /** Name or literal address; IPv6 in brackets. */
  hostname: string;
  port: number;
}

/** Where a `ws:` or `wss:` URL leads to. */
export function endpointOf(url: URL): Endpoint {
  const defaultPort = url.protocol === "wss:" ? 443 : 80;
  return { hostname: url.hostname, port: url.port === "" ? defaultPort : Number(url.port) };
}

/** How an attempt to open a connection ended; after `timeout` it is still going on. */
export type Dialled<Connection> =
  | { type: "open"; connection: Connection; elapsedMs: number }
  | { type: "failed" }
  | { type: "timeout" };

/** An open connection with its reader and writer. */
export class OpenSocket {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.reader = socket.readable.getReader();
    this.writer = socket.writable.getWriter();
  }

  /** Closes it; whether that was seen to be done. */
  async close(): Promise<boolean> {
    const closed = await settleBy(this.#socket.close(), monotonicNowMs() + CLOSE_MAX_MS);
    return closed.type !== "timeout";
  }
}

/** A TCP connection over which nothing has been sent. */
export class PlainSocket {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Uses it as it is. */
  open(): OpenSocket {
    return new OpenSocket(this.#socket);
  }

  /** Performs the TLS handshake; the plain connection is used up whatever comes of it. */
  async startTls(deadlineMs: number): Promise<Dialled<OpenSocket>> {
    const dialled = await opened(() => this.#socket.startTls(), deadlineMs);
    return connected(dialled, (socket) => new OpenSocket(socket));
  }
}

/**
 * Opens a TCP connection.
 *
 * @param tlsFollows whether `startTls` will be called on it
 * @param deadlineMs moment of `monotonicNowMs`
 */
export async function dialTcp(
  endpoint: Endpoint,
  tlsFollows: boolean,
  deadlineMs: number,
): Promise<Dialled<PlainSocket>> {
  const dial = () => dialSocket(endpoint, tlsFollows ? "starttls" : "off");
  return connected(await opened(dial, deadlineMs), (socket) => new PlainSocket(socket));
}

/** Opens a connection with TCP and TLS in one step. */
export async function dialTls(
  endpoint: Endpoint,
  deadlineMs: number,
): Promise<Dialled<OpenSocket>> {
  const dialled = await opened(() => dialSocket(endpoint, "on"), deadlineMs);
  return connected(dialled, (socket) => new OpenSocket(socket));
}

function dialSocket(endpoint: Endpoint, secureTransport: "off" | "starttls" | "on"): Socket {
  // Half-open: the end of the server's stream must not cut off the frames still to be sent.
  return connect({ ...endpoint }, { secureTransport, allowHalfOpen: true });
}

async function opened(dial: () => Socket, deadlineMs: number): Promise<Dialled<Socket>> {
  const startedAtMs = monotonicNowMs();
  const opening = async () => {
    const socket = dial();
    // A rejection of `closed` says nothing that `opened` and the reader do not.
    socket.closed.catch(() => undefined);
    await socket.opened;
    return socket;
  };
  const outcome = await settleBy(opening(), deadlineMs);
  if (outcome.type === "timeout") return { type: "timeout" };
  const elapsedMs = monotonicNowMs() - startedAtMs;
  if (outcome.type === "error") return { type: "failed" };
  return { type: "open", connection: outcome.value, elapsedMs };
}

function connected<From, To>(dialled: Dialled<From>, wrap: (from: From) => To): Dialled<To> {
  if (dialled.type !== "open") return dialled;
  return { ...dialled, connection: wrap(dialled.connection) };
}
