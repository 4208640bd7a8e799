/**
 * The services that stand in for the internet's on a loopback port: where a probe is (trace), what
 * names resolve to (DNS over HTTPS), and the control targets that a healthy probe always reaches.
 */
import { answerDns } from "./dns-bridge.ts";
import type { LocalServer } from "./http-server.ts";
import { serve } from "./http-server.ts";
import { RegionTroubles } from "./region-trouble.ts";
import { requestRegion } from "./request-region.ts";
import { answerTrace } from "./trace.ts";

/** The running services. */
export interface LoopbackServices {
  /** For `COLO_TRACE_URL`. */
  traceUrl: string;
  /** For `DNS_RESOLVERS`. */
  resolverUrl: string;
  /** For `CONTROL_TARGETS`. */
  controlTargets: string;
  close(): Promise<void>;
}

/** Control targets; regions that are blind are not answered as they should be. */
function answerControl(request: Request, troubles: RegionTroubles): Response {
  const region = requestRegion(request.headers.get("user-agent"));
  const blind = region !== null && troubles.get(region).blind;
  return new Response(null, { status: blind ? 503 : 204 });
}

function route(request: Request, troubles: RegionTroubles): Response | Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/cdn-cgi/trace":
      return answerTrace(request, troubles);
    case "/dns-query":
      return answerDns(request);
    case "/control/1":
    case "/control/2":
      return answerControl(request, troubles);
    default:
      return new Response("not found", { status: 404 });
  }
}

/** Starts them on one free port. */
export async function startLoopbackServices(
  troubles: RegionTroubles = new RegionTroubles(),
): Promise<LoopbackServices> {
  const fetch = (request: Request) => route(request, troubles);
  const server: LocalServer = await serve({ fetch }, 0);
  return {
    traceUrl: `${server.origin}/cdn-cgi/trace`,
    resolverUrl: `${server.origin}/dns-query`,
    controlTargets: `${server.origin}/control/1,${server.origin}/control/2`,
    close: () => server.close(),
  };
}
