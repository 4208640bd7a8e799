/**
 * A real WebSocket server (`ws`) that can be broken for some regions: it tells them by the
 * User-Agent that every probe sends, and refuses their upgrade as a failing back end would.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** A running server. */
export interface BreakableServer extends AsyncDisposable {
  /** E.g. `ws://127.0.0.1:40123/`. */
  url: string;
  /** Breaks it for these regions from now on, and for no other. */
  breakFor(regions: readonly string[]): void;
  /** Regions that have asked for an upgrade so far, with repetitions. */
  visitors: string[];
}

/** Starts a server that echoes, on a free port of the loopback interface. */
export async function startBreakableServer(): Promise<BreakableServer> {
  let broken: readonly string[] = [];
  const visitors: string[] = [];
  const http = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  http.on("upgrade", (request, socket, head) => {
    const region = /region=([a-z-]+)/.exec(request.headers["user-agent"] ?? "")?.[1] ?? "";
    visitors.push(region);
    // Whoever asked may be killed meanwhile: its connection is then reset, which is its own affair.
    socket.on("error", () => socket.destroy());
    if (broken.includes(region)) {
      socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      sockets.emit("connection", client, request);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    visitors,
    breakFor: (regions) => {
      broken = regions;
    },
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
}
