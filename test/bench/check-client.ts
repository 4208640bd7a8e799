/**
 * A client of the check benchmark in plain Node, a process of its own: does as many exchanges as its
 * parent asks for, then says so. Which client is its argument.
 */
import { connect } from "node:net";
import { WebSocket } from "ws";
import { checkSpecSchema } from "../../shared/probe/ask.ts";
import { concludeCheck, emptyEvidence } from "../../shared/probe/evidence.ts";
import { Exchange } from "../../shared/probe/exchange.ts";
import { createRedactor } from "../../shared/probe/redaction.ts";
import { TranscriptRecorder } from "../../shared/probe/transcript.ts";
import { userAgent } from "../../shared/version.ts";
import { ClientConnection } from "../../shared/websocket/client-connection.ts";
import { maskSource, randomBytes, randomHex } from "../../workers/probe/random.ts";
import type { ClientKind, WorkRequest } from "./check-exchange.ts";
import { ECHO_TEXT, PING_TEXT, checkOf } from "./check-exchange.ts";

/** One exchange; rejects unless everything was as it should be. */
type Perform = (url: URL) => Promise<void>;

const PING = Buffer.from(PING_TEXT);
const USER_AGENT = userAgent("bench");

/** `ws` with nothing around it. */
async function performWithWs(url: URL): Promise<void> {
  const headers = { "User-Agent": USER_AGENT };
  const socket = new WebSocket(url, { perMessageDeflate: false, headers });
  await new Promise<void>((resolve, reject) => {
    socket.on("open", () => socket.send(ECHO_TEXT));
    socket.on("message", (data, binary) => {
      if (binary || String(data) !== ECHO_TEXT) reject(new Error("the echo is not what was sent"));
      else socket.ping(PING);
    });
    socket.on("pong", (payload) => {
      if (payload.equals(PING)) socket.close(1000);
    });
    socket.on("close", (code) => {
      if (code === 1000) resolve();
      else reject(new Error(`the server closed with ${code}`));
    });
    socket.on("error", reject);
  });
}

/** What takes bytes and hands out bytes: the core's client, or its whole exchange. */
interface BytesMachine {
  start(): void;
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
  takeOutput(): Uint8Array[];
}

/** Runs a machine over a connection until `isOver`, which is asked after each input. */
async function runOverTcp(url: URL, machine: BytesMachine, isOver: () => boolean): Promise<void> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    const go = () => {
      const over = isOver();
      for (const bytes of machine.takeOutput()) socket.write(bytes);
      if (over) resolve();
    };
    socket.on("connect", () => {
      machine.start();
      go();
    });
    socket.on("data", (bytes: Buffer) => {
      machine.receive(bytes);
      go();
    });
    socket.on("end", () => {
      machine.receiveEnd();
      go();
      reject(new Error("the connection ended early"));
    });
    socket.on("error", reject);
  });
}

/** The RFC 6455 client of the core with nothing around it but the socket. */
async function performWithClient(url: URL): Promise<void> {
  const connection = new ClientConnection({
    host: url.host,
    target: url.pathname + url.search,
    headers: [],
    subprotocols: [],
    origin: null,
    userAgent: USER_AGENT,
    keyBytes: randomBytes(16),
    nextMask: maskSource(),
    deflate: null,
  });
  let clean = false;
  await runOverTcp(url, connection, () => {
    let events = connection.takeEvents();
    while (events.length > 0) {
      for (const event of events) {
        if (event.type === "open") connection.sendText(ECHO_TEXT);
        else if (event.type === "text" && event.text === ECHO_TEXT) connection.ping(PING);
        else if (event.type === "pong" && PING.equals(event.payload)) connection.close();
        else if (event.type === "ended") ({ clean } = event);
      }
      events = connection.takeEvents();
    }
    return clean;
  });
}

/** All that a check is, from its spec to the observation, but for the Workers runtime. */
async function performWithCore(url: URL): Promise<void> {
  const spec = checkSpecSchema.parse(checkOf(url.href));
  const redactor = createRedactor(spec);
  const evidence = emptyEvidence(Date.now(), "socket");
  const startedAtMs = performance.now();
  const exchange = new Exchange({
    spec,
    window: { startedAtMs, timeoutMs: spec.timeoutMs },
    userAgent: USER_AGENT,
    keyBytes: randomBytes(16),
    nextMask: maskSource(),
    nonce: randomHex(8),
    deflateCodec: null,
    evidence,
    recorder: new TranscriptRecorder(redactor),
    redactor,
  });
  const machine: BytesMachine = {
    start: () => exchange.start(performance.now(), startedAtMs),
    receive: (bytes) => exchange.receive(bytes, performance.now()),
    receiveEnd: () => exchange.receiveEnd(false, performance.now()),
    takeOutput: () => exchange.takeOutput(),
  };
  await runOverTcp(url, machine, () => exchange.finished);
  evidence.timings.totalMs = performance.now() - startedAtMs;
  const conclusion = { spec, region: "bench", colo: null, evidence, transcript: null };
  const observation = concludeCheck(conclusion);
  if (observation.status !== "up") throw new Error(observation.message);
  JSON.stringify(observation);
}

const PERFORM: Readonly<Record<ClientKind, Perform>> = {
  ws: performWithWs,
  client: performWithClient,
  core: performWithCore,
};

const perform = PERFORM[process.argv[2] as ClientKind];
process.on("disconnect", () => process.exit());
process.on("message", async ({ url, count, atOnce }: WorkRequest) => {
  const target = new URL(url);
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await perform(target);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  process.send?.({ count });
});
process.send?.({ ready: true });
