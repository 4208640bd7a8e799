/**
 * Serves a Hono application, or anything with its `fetch`, on a loopback port of this machine.
 */
import { randomInt } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { Readable } from "node:stream";

/** Largest request body that is read, in bytes. */
const BODY_BYTES_MAX = 1_048_576;
/** The first port that `freePort` gives: above those of well-known services. */
const LASTING_PORT_MIN = 20_000;
/** The first that it does not give: Linux takes those from here on for outgoing connections. */
const LASTING_PORT_END = 32_768;

/** Something that answers requests. */
export interface Application {
  fetch(request: Request): Response | Promise<Response>;
}

/** A server that listens. */
export interface LocalServer {
  port: number;
  /** Without a slash at its end. */
  origin: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects with the system's error, e.g. `EADDRINUSE`. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Whether a port of 127.0.0.1 can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  const { createServer: createPlainServer } = await import("node:net");
  const server = createPlainServer();
  try {
    await listen(server, port);
    return true;
  } catch {
    // Taken, or not allowed: not free for us in either case.
    return false;
  } finally {
    server.close();
  }
}

/**
 * A free port of 127.0.0.1, for somebody who will listen on it a little later.
 *
 * It is below the ports that Linux, macOS and Windows give to outgoing connections: one of those
 * could be taken again by any connection of this machine before it is listened on.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LASTING_PORT_MIN, LASTING_PORT_END);
    if (await isFree(port)) return port;
  }
}

async function readBody(message: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function answer(application: Application, message: IncomingMessage): Promise<Response> {
  const body = await readBody(message);
  if (body === null) return new Response("The body is too large.", { status: 413 });
  const headers = new Headers();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    headers.append(message.rawHeaders[index] ?? "", message.rawHeaders[index + 1] ?? "");
  }
  const method = message.method ?? "GET";
  const bodiless = method === "GET" || method === "HEAD";
  const url = `http://${message.headers.host ?? "127.0.0.1"}${message.url ?? "/"}`;
  return application.fetch(
    new Request(url, { method, headers, ...(bodiless ? {} : { body: new Uint8Array(body) }) }),
  );
}

function write(response: Response, target: ServerResponse): void {
  target.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) target.end();
  else Readable.fromWeb(response.body as import("node:stream/web").ReadableStream).pipe(target);
}

/**
 * Serves an application. Rejects with the system's error when the port is taken.
 *
 * @param intercept answers a request in its own way, and says so, before the application sees it
 */
export async function serve(
  application: Application,
  port: number,
  intercept: (message: IncomingMessage, target: ServerResponse) => boolean = () => false,
): Promise<LocalServer> {
  const server = createServer((message, target) => {
    if (intercept(message, target)) return;
    answer(application, message).then(
      (response) => write(response, target),
      (error: unknown) => {
        console.error(error);
        if (!target.headersSent) target.writeHead(500);
        target.end();
      },
    );
  });
  const bound = await listen(server, port);
  return {
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
