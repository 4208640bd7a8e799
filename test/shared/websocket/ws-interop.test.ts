/** The client against the `ws` server on loopback: handshake, echo, compression as `ws` does it. */
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer, type ServerOptions } from "ws";
import {
  ClientConnection,
  type ClientConnectionOptions,
  type ConnectionEvent,
} from "../../../shared/websocket/client-connection.ts";
import { DEFAULT_DEFLATE_OFFER } from "../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { concat } from "./bytes.ts";

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A `ws` server that echoes; returns its port. */
async function echoServer(options: ServerOptions = {}): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  servers.push(server);
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Sends messages one after another, then closes; returns every event. */
async function converse(
  port: number,
  messages: ReadonlyArray<string | Uint8Array>,
  options: Partial<ClientConnectionOptions> = {},
): Promise<ConnectionEvent[]> {
  const client = new ClientConnection({
    host: `127.0.0.1:${port}`,
    target: "/",
    headers: [],
    subprotocols: [],
    origin: null,
    userAgent: null,
    keyBytes: crypto.getRandomValues(new Uint8Array(16)),
    nextMask: () => crypto.getRandomValues(new Uint8Array(4)),
    deflate: null,
    ...options,
  });
  const queue = [...messages];
  const sendNext = () => {
    const message = queue.shift();
    if (message === undefined) client.close(1000, "done");
    else if (typeof message === "string") client.sendText(message);
    else client.sendBinary(message);
  };
  const story: ConnectionEvent[] = [];
  const socket = connect(port, "127.0.0.1");
  const advance = () => {
    for (let events = client.takeEvents(); events.length > 0; events = client.takeEvents()) {
      for (const event of events) {
        story.push(event);
        if (event.type === "open" || event.type === "text" || event.type === "binary") sendNext();
      }
    }
    socket.write(concat(client.takeOutput()));
  };
  client.start();
  advance();
  socket.on("data", (bytes) => {
    client.receive(bytes);
    advance();
  });
  await once(socket, "end");
  client.receiveEnd();
  story.push(...client.takeEvents());
  socket.destroy();
  return story;
}

const MESSAGES = [
  "hello",
  "",
  "grüße ".repeat(5_000),
  new Uint8Array(0),
  Uint8Array.from({ length: 70_000 }, (_, index) => (index * index) % 253),
  "hello",
];

/** Messages in the order in which they came back. */
function echoes(story: readonly ConnectionEvent[]): Array<string | Uint8Array> {
  return story.flatMap((event): Array<string | Uint8Array> => {
    if (event.type === "text") return [event.text];
    return event.type === "binary" ? [event.data] : [];
  });
}

describe("with a ws server", () => {
  it("messages come back and the connection closes cleanly", async () => {
    const story = await converse(await echoServer(), MESSAGES);
    expect(echoes(story)).toEqual(MESSAGES);
    expect(story.find(({ type }) => type === "close")).toMatchObject({ code: 1000 });
    expect(story.at(-1)).toEqual({ type: "ended", clean: true });
  });

  it("a subprotocol is agreed", async () => {
    const port = await echoServer({ handleProtocols: () => "b" });
    const story = await converse(port, [], { subprotocols: ["a", "b"] });
    expect(story.find(({ type }) => type === "open")).toMatchObject({ subprotocol: "b" });
  });

  it("a refusal is read with its body", async () => {
    const port = await echoServer({ verifyClient: (_info, done) => done(false, 401, "Go away") });
    const story = await converse(port, []);
    expect(story.find(({ type }) => type === "rejected")).toMatchObject({
      status: 401,
      body: "Go away",
    });
  });

  it.each([
    [{}, {}],
    [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, {}],
    [{ serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, {}],
    [{ clientMaxWindowBits: 8 }, { clientMaxWindowBits: 8 as const }],
    [{}, { serverMaxWindowBits: 10, serverNoContextTakeover: true }],
  ])("compression works, server %j, offer %j", async (accept, offer) => {
    const port = await echoServer({ perMessageDeflate: { threshold: 0, ...accept } });
    const story = await converse(port, MESSAGES, {
      deflate: { offer: { ...DEFAULT_DEFLATE_OFFER, ...offer }, codec: PAKO_CODEC },
    });
    expect(story.find(({ type }) => type === "open")).toMatchObject({
      extensions: expect.stringMatching(/^permessage-deflate/),
    });
    expect(echoes(story)).toEqual(MESSAGES);
    const received = story.filter(
      (event) => event.type === "frame" && event.direction === "received" && event.rsv1,
    );
    expect(received.length).toBeGreaterThan(3);
    expect(story.at(-1)).toEqual({ type: "ended", clean: true });
  });
});
