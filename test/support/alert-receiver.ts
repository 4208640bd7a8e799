/**
 * A local HTTP server that receives alerts and answers as it is told to: the far end of a channel.
 */
import { once } from "node:events";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it arrived. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a request is answered. `hang`: never; `reset`: the connection is torn down. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string; stall?: boolean }
  | "hang"
  | "reset";

/** A running receiver. */
export interface AlertReceiver extends AsyncDisposable {
  /** E.g. `http://127.0.0.1:40123`. */
  origin: string;
  /** Requests so far, oldest first. */
  requests: ReceivedRequest[];
  /** Sets how requests are answered from now on; at first with 200. */
  answer(answer: Answer): void;
}

/** Starts a receiver on a free port of the loopback interface. */
export async function startAlertReceiver(): Promise<AlertReceiver> {
  const requests: ReceivedRequest[] = [];
  let current: Answer = { status: 200 };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      requests.push({ method, path, headers, body });
      respond(response, current);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answer: (answer) => {
      current = answer;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function respond(response: ServerResponse, answer: Answer): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  if (answer.stall === true) {
    response.flushHeaders();
    response.write(answer.body ?? " ");
  } else response.end(answer.body ?? "");
}
