/**
 * A server made of bytes: plays the other side of a {@link ClientConnection} without any socket,
 * and keeps what the client said and reported.
 */
import { createHash } from "node:crypto";
import {
  ClientConnection,
  type ClientConnectionOptions,
  type ConnectionEvent,
} from "../../../shared/websocket/client-connection.ts";
import { concat, utf8 } from "./bytes.ts";
import { readClientFrames, type SentFrame } from "./frame-bytes.ts";

const KEY_BYTES = Uint8Array.from({ length: 16 }, (_, index) => index * 7);
/** The key that the client under test sends. */
export const KEY = Buffer.from(KEY_BYTES).toString("base64");
/** The accept value for {@link KEY}, from Node's own SHA-1. */
export const ACCEPT = createHash("sha1")
  .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest("base64");

/** A response head; `headers` replace or (with null) remove the usual ones, or add to them. */
export function answer(
  headers: Record<string, string | null> = {},
  statusLine = "HTTP/1.1 101 Switching Protocols",
): Uint8Array {
  const fields = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": ACCEPT,
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  );
  return utf8(`${statusLine}\r\n${lines.join("")}\r\n`);
}

/** Event of one type. */
export type EventOf<T extends ConnectionEvent["type"]> = Extract<ConnectionEvent, { type: T }>;

/** What a test may set, beyond the client's own options. */
export interface ByteServerOptions extends Partial<ClientConnectionOptions> {
  /** Called with each event as it is taken; may send. */
  onEvent?: ((event: ConnectionEvent, client: ClientConnection) => void) | undefined;
}

export class ByteServer {
  readonly client: ClientConnection;
  /** Every event so far. */
  readonly events: ConnectionEvent[] = [];
  /** The request as the client wrote it. */
  readonly request: string;
  readonly #onEvent: ByteServerOptions["onEvent"];
  #written: Uint8Array[] = [];

  constructor(options: ByteServerOptions = {}) {
    const { onEvent, ...rest } = options;
    this.#onEvent = onEvent;
    let masks = 0;
    this.client = new ClientConnection({
      host: "example.com",
      target: "/socket",
      headers: [],
      subprotocols: [],
      origin: null,
      userAgent: null,
      keyBytes: KEY_BYTES,
      nextMask: () => {
        masks += 1;
        return Uint8Array.of(0x9a, masks & 0xff, 0x01, 0xf0);
      },
      deflate: null,
      ...rest,
    });
    this.client.start();
    this.#collect();
    this.request = Buffer.concat(this.#written.splice(0)).toString("latin1");
  }

  /** A server whose client is already open. */
  static open(options: ByteServerOptions = {}, headers = {}): ByteServer {
    const server = new ByteServer(options);
    server.send(answer(headers));
    if (server.client.state !== "open") throw new Error("the handshake did not succeed");
    server.events.length = 0;
    return server;
  }

  /** Sends bytes to the client, each argument as a chunk of its own. */
  send(...chunks: Uint8Array[]): this {
    for (const chunk of chunks) {
      this.client.receive(chunk);
      this.#collect();
    }
    return this;
  }

  /** Closes the server's side of the connection. */
  end(): this {
    this.client.receiveEnd();
    this.#collect();
    return this;
  }

  /** Frames that the client sent since the last call. */
  takeFrames(): SentFrame[] {
    this.#collect();
    return readClientFrames(concat(this.#written.splice(0)));
  }

  /** Events of one type, so far. */
  eventsOf<T extends ConnectionEvent["type"]>(type: T): Array<EventOf<T>> {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Events other than frames, without the data that no test compares. */
  get story(): ConnectionEvent[] {
    return this.events.filter((event) => event.type !== "frame");
  }

  /** Takes events until there are none, then the output, as every driver must. */
  #collect(): void {
    let events = this.client.takeEvents();
    while (events.length > 0) {
      for (const event of events) {
        this.events.push(event);
        this.#onEvent?.(event, this.client);
      }
      events = this.client.takeEvents();
    }
    this.#written.push(...this.client.takeOutput());
  }
}
