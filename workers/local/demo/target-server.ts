/**
 * A WebSocket server that echoes, and that misbehaves for those whom the fault panel has chosen.
 *
 * It knows a probe's region by its User-Agent and does nothing else differently for probes.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { LocalServer } from "../services/http-server.ts";
import { listen } from "../services/http-server.ts";
import { requestRegion } from "../services/request-region.ts";
import type { Credentials } from "./certificate-authority.ts";
import type { FaultKind } from "./fault.ts";

/** How long a slow target takes to echo, in milliseconds; its panel label says so too. */
export const SLOW_ECHO_MS = 600;

/** A target to serve. */
export interface TargetServerOptions {
  port: number;
  /** Serves TLS with these; null: plain. */
  credentials: Credentials | null;
  /** The fault that a caller from this region meets; null: not a probe. */
  faultFor: (region: string | null) => FaultKind;
}

function refuse(socket: Duplex): void {
  socket.end(
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\nretry-after: 5\r\n" +
      "content-length: 17\r\nconnection: close\r\n\r\nout of capacity\r\n",
  );
}

/** A 101 whose accept key belongs to another request (RFC 6455 §4.2.2). */
function acceptWrongly(socket: Duplex): void {
  const accept = createHash("sha1").update("a key that nobody sent").digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
      `sec-websocket-accept: ${accept}\r\n\r\n`,
  );
}

function drop(socket: Duplex): void {
  if ("resetAndDestroy" in socket) (socket as Socket).resetAndDestroy();
  else socket.destroy();
}

/** Starts a target. Rejects with the system's error when the port is taken. */
export async function startTargetServer(options: TargetServerOptions): Promise<LocalServer> {
  const healthy = new WebSocketServer({ noServer: true, clientTracking: true });
  const silent = new WebSocketServer({ noServer: true, autoPong: false });
  const sockets = new Set<Duplex>();

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that goes away in the middle is nothing to a demo target.
    socket.on("error", () => socket.destroy());
    const fault = options.faultFor(requestRegion(request.headers["user-agent"]));
    switch (fault) {
      case "refuse":
        return refuse(socket);
      case "drop":
        return drop(socket);
      case "wrong_accept":
        return acceptWrongly(socket);
      case "silent":
        return silent.handleUpgrade(request, socket, head, () => undefined);
      case "slow":
      case "none":
        return healthy.handleUpgrade(request, socket, head, (client) => {
          client.on("error", () => client.terminate());
          client.on("message", (data, isBinary) => {
            const echo = () => client.send(data, { binary: isBinary });
            if (fault === "slow") setTimeout(echo, SLOW_ECHO_MS);
            else echo();
          });
        });
    }
  };

  const server =
    options.credentials === null
      ? createServer(answerPlainly)
      : createTlsServer(
          { cert: options.credentials.certificate, key: options.credentials.key },
          answerPlainly,
        );
  server.on("upgrade", upgrade);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await listen(server as Server, options.port);
  return {
    port,
    origin: `${options.credentials === null ? "ws" : "wss"}://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerPlainly(_request: IncomingMessage, response: import("node:http").ServerResponse) {
  response.writeHead(426, { "content-type": "text/plain", upgrade: "websocket" });
  response.end("This is a WebSocket server.\n");
}
