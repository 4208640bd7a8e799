/**
 * The two services that stand in for the internet's on a loopback port: where a probe is (trace),
 * and what names resolve to (DNS over HTTPS).
 */
import { answerDns } from "./dns-bridge.ts";
import type { LocalServer } from "./http-server.ts";
import { serve } from "./http-server.ts";
import { answerTrace } from "./trace.ts";

/** The running services. */
export interface LoopbackServices {
  /** For `COLO_TRACE_URL`. */
  traceUrl: string;
  /** For `DNS_RESOLVERS`. */
  resolverUrl: string;
  close(): Promise<void>;
}

function route(request: Request): Response | Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/cdn-cgi/trace":
      return answerTrace(request);
    case "/dns-query":
      return answerDns(request);
    default:
      return new Response("not found", { status: 404 });
  }
}

/** Starts both on one free port. */
export async function startLoopbackServices(): Promise<LoopbackServices> {
  const server: LocalServer = await serve({ fetch: route }, 0);
  return {
    traceUrl: `${server.origin}/cdn-cgi/trace`,
    resolverUrl: `${server.origin}/dns-query`,
    close: () => server.close(),
  };
}
