/**
 * The same echo server in several makes: `ws`, `websocket-driver` (a framing, HTTP parser and
 * compression of its own) and workerd's own WebSockets. All on loopback, each on a free port.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerOptions as HttpServerOptions } from "node:http";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import deflate from "permessage-deflate";
import driver from "websocket-driver";
import type { ServerOptions } from "ws";
import { WebSocketServer } from "ws";

/** A server that runs. */
export interface EchoServer extends AsyncDisposable {
  /** `ws://` address of the server's root. */
  url: string;
  port: number;
}

/** How a server is to differ from one that echoes everything. */
export interface EchoOptions {
  /** The subprotocol that it speaks. */
  subprotocol?: string;
  /** Status with which it refuses every upgrade. */
  refusal?: number;
  /** Code and reason with which it closes instead of echoing. */
  farewell?: readonly [code: number, reason: string];
}

/** Every make, by name. */
export const ECHO_SERVERS = {
  ws: async (options: EchoOptions) => await startWs(options),
  "websocket-driver": startWebSocketDriver,
  workerd: startWorkerd,
} satisfies Record<string, (options: EchoOptions) => Promise<EchoServer>>;

/** An echo server of `ws`, which compresses when asked; with its own options on top. */
export async function startWs(
  options: EchoOptions,
  own: Omit<ServerOptions, "port" | "server" | "noServer"> = {},
): Promise<EchoServer & { upgrades: IncomingMessage[] }> {
  const { subprotocol, refusal, farewell } = options;
  const upgrades: IncomingMessage[] = [];
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: true,
    ...(subprotocol === undefined ? {} : { handleProtocols: () => subprotocol }),
    ...(refusal === undefined ? {} : { verifyClient: (_info, answer) => answer(false, refusal) }),
    ...own,
  });
  server.on("connection", (socket, request) => {
    upgrades.push(request);
    // What a connection ends with is the probe's to say.
    socket.on("error", () => undefined);
    socket.on("message", (data, binary) => {
      if (farewell === undefined) socket.send(data, { binary });
      else socket.close(...farewell);
    });
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    ...located(port),
    upgrades,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

async function startWebSocketDriver(options: EchoOptions): Promise<EchoServer> {
  const { subprotocol, refusal, farewell } = options;
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const protocols = subprotocol === undefined ? [] : [subprotocol];
    const connection = driver.server({ protocols });
    connection.addExtension(deflate);
    connection.on("connect", () => {
      if (refusal === undefined) connection.start();
      else socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`);
    });
    connection.on("message", ({ data }) => {
      if (farewell !== undefined) connection.close(farewell[1], farewell[0]);
      else if (typeof data === "string") connection.text(data);
      else connection.binary(data);
    });
    connection.on("close", () => socket.end());
    socket.pipe(connection.io).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...located((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const WORKER = `
  export default {
    async fetch(request, { SUBPROTOCOL, REFUSAL, FAREWELL }) {
      if (REFUSAL !== null) return new Response(null, { status: REFUSAL });
      if (request.headers.get("Upgrade") !== "websocket") return new Response("no upgrade");
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.binaryType = "arraybuffer";
      server.addEventListener("message", ({ data }) => {
        if (FAREWELL === null) server.send(data);
        else server.close(...FAREWELL);
      });
      server.addEventListener("close", ({ code }) => server.close(code));
      const headers = SUBPROTOCOL === null ? {} : { "Sec-WebSocket-Protocol": SUBPROTOCOL };
      return new Response(null, { status: 101, webSocket: client, headers });
    },
  };
`;

async function startWorkerd(options: EchoOptions): Promise<EchoServer> {
  const { subprotocol = null, refusal = null, farewell = null } = options;
  // Loaded only now: Miniflare reads which authorities to trust when it is loaded.
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      workers: [
        {
          name: "echo",
          compatibilityDate: "2026-11-01",
          modules: [{ type: "ESModule", path: "index.mjs", contents: WORKER }],
          bindings: {
            SUBPROTOCOL: subprotocol,
            REFUSAL: refusal,
            FAREWELL: farewell === null ? null : [...farewell],
          },
        },
      ],
    }),
  );
  const { port } = await miniflare.ready;
  return {
    ...located(Number(port)),
    async [Symbol.asyncDispose]() {
      await miniflare.dispose();
    },
  };
}

function located(port: number) {
  return { url: `ws://127.0.0.1:${port}/`, port };
}

/** An HTTP server that knows nothing of WebSocket: it answers everything with one status. */
export async function startPlainHttp(
  answer: { status: number; body: string },
  options: HttpServerOptions = {},
): Promise<EchoServer> {
  const server = createHttpServer(options, (_request, response) => {
    response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...located((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
