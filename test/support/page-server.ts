/**
 * Serves the coordinator's page routes over HTTP on a loopback port, with a status that the test
 * sets. Node only: the pages themselves need nothing of the Workers runtime.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { text as readBody } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
import type { NetworkStatus } from "../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../workers/coordinator/pages/app.tsx";
import { monitorRollups } from "./monitor-rollups.ts";
import { NOW_MS } from "./network-status.ts";
import type { SetUpPage } from "./page-environment.ts";
import { pageEnvironment } from "./page-environment.ts";

/** The served pages. */
export interface PageServer {
  url: string;
  /** What the coordinator answers from now on; an Error: it fails. */
  status: NetworkStatus | Error;
  /** Pages that were set up. */
  pages: SetUpPage[];
  /** The server's clock; stands still until it is set. */
  nowMs: number;
  /** Requests answered so far, by path. */
  requests: string[];
  close: () => Promise<void>;
}

/** Starts serving; close it. */
export async function servePages(status: NetworkStatus | Error): Promise<PageServer> {
  const pages: PageServer = {
    url: "",
    status,
    pages: [],
    nowMs: NOW_MS,
    requests: [],
    close: async () => {},
  };
  const app = pageRoutes({ now: () => pages.nowMs, liveEveryMs: 50 });
  const server = createServer(async (request, response) => {
    pages.requests.push(request.url ?? "");
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === "string") headers.set(name, value);
    }
    const method = request.method ?? "GET";
    const body = method === "POST" ? { body: await readBody(request) } : {};
    const answer = await app.fetch(
      new Request(new URL(request.url ?? "/", pages.url), { method, headers, ...body }),
      pageEnvironment({
        status: () => pages.status,
        pages: pages.pages,
        rollups: monitorRollups,
      }),
    );
    const date = new Date(pages.nowMs).toUTCString();
    response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), date });
    if (answer.body === null) response.end();
    else
      await pipeline(Readable.fromWeb(answer.body as WebStream), response).catch(() =>
        response.destroy(),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  pages.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  pages.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return pages;
}
