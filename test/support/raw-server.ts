/** Servers of raw sockets on loopback, on a free port, that leave nothing behind when closed. */
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import { Worker } from "node:worker_threads";
import type { ClientFrame } from "./server-frames.ts";
import { ClientFrames, switchingAnswer } from "./server-frames.ts";

/** A server that runs. */
export interface RunningServer {
  /** `ws://` or `wss://` address of the server's root. */
  url: string;
  port: number;
  /** Connections that are open at the moment. */
  connections(): number;
  close(): Promise<void>;
}

/** What happens on a connection, as a set of reactions. */
export type OnConnection = (socket: Socket) => void;

async function run(server: Server, scheme: "ws" | "wss", open: Set<Socket>) {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${scheme === "wss" ? "localhost" : "127.0.0.1"}:${port}/`,
    port,
    connections: () => open.size,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function track(socket: Socket, open: Set<Socket>): void {
  open.add(socket);
  socket.on("close", () => open.delete(socket));
  // A probe that hangs up while the server still writes is what these servers provoke.
  socket.on("error", () => socket.destroy());
}

/** A TCP server. */
export async function startRawServer(onConnection: OnConnection): Promise<RunningServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    track(socket, open);
    onConnection(socket);
    // A server that never reads would not notice that the probe has gone.
    if (!socket.isPaused()) socket.resume();
  });
  return await run(server, "ws", open);
}

/** A TLS server. */
export async function startTlsServer(
  options: TlsOptions,
  onConnection: OnConnection,
): Promise<RunningServer> {
  const open = new Set<Socket>();
  const server = createTlsServer(options, onConnection);
  server.on("connection", (socket: Socket) => track(socket, open));
  server.on("secureConnection", (socket) => socket.on("error", () => socket.destroy()));
  return await run(server, "wss", open);
}

/** Reads the request head, then hands over. What came after the head goes to `onData`. */
export function onRequest(
  socket: Socket,
  answer: (request: string, socket: Socket) => void,
  onData: (bytes: Buffer) => void = () => undefined,
): void {
  let head: string | null = "";
  socket.on("data", (bytes: Buffer) => {
    if (head === null) {
      onData(bytes);
      return;
    }
    head += bytes.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const [request, rest] = [head.slice(0, end + 4), head.slice(end + 4)];
    head = null;
    answer(request, socket);
    if (rest !== "") onData(Buffer.from(rest, "latin1"));
  });
}

/** How an upgrading server goes on. */
export interface AfterUpgrade {
  /** Headers of the answer that differ; null leaves one out. */
  headers?: Record<string, string | null>;
  /** Once the answer is written. */
  open?: (socket: Socket) => void;
  /** For each frame of the client. */
  frame?: (frame: ClientFrame, socket: Socket) => void;
}

/** Reactions of a server that upgrades rightly (unless `headers` differ) and then misbehaves. */
export function upgrading(after: AfterUpgrade): OnConnection {
  return (socket) => {
    const frames = new ClientFrames();
    onRequest(
      socket,
      (request) => {
        socket.write(switchingAnswer(request, after.headers));
        after.open?.(socket);
      },
      (bytes) => {
        for (const frame of frames.take(bytes)) after.frame?.(frame, socket);
      },
    );
  };
}

const LATE_ACCEPTING = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer((socket) => socket.on("error", () => {}).resume());
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    setImmediate(() => Atomics.wait(nothing, 0, 0, workerData));
  });
`;

/**
 * A listening port whose queue is full: connection attempts get no answer. It is served only after
 * a while, by default never; then the kernel's next attempt, a second after the first, succeeds.
 */
export async function startLateAccepting(afterMs = Infinity): Promise<RunningServer> {
  const worker = new Worker(LATE_ACCEPTING, { eval: true, workerData: afterMs });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const fillers = Array.from({ length: 8 }, () => connect(port, "127.0.0.1"));
  for (const filler of fillers) filler.on("error", () => filler.destroy());
  // The queue holds two; once they are in it, every further attempt hangs.
  await Promise.any(
    fillers.map((filler) => new Promise((resolve) => filler.once("connect", resolve))),
  );
  return {
    url: `ws://127.0.0.1:${port}/`,
    port,
    connections: () => 0,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
