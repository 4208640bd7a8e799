/**
 * Stands in for `https://www.cloudflare.com/cdn-cgi/trace`: tells each probe the data centre where it
 * would be expected to run, so that the regions of the local network count as different places.
 */
import type { RegionTroubles } from "./region-trouble.ts";
import { requestRegion } from "./request-region.ts";

/** Answers like the trace: `colo=FRA`, one `key=value` per line. */
export function answerTrace(request: Request, troubles: RegionTroubles): Response {
  const region = requestRegion(request.headers.get("user-agent")) ?? "";
  const colo = troubles.coloOf(region);
  if (colo === null) return new Response("colo=\n", { status: 404 });
  return new Response(`fl=local\nts=${(Date.now() / 1_000).toFixed(3)}\ncolo=${colo}\nloc=XX\n`, {
    // Probes would keep it for minutes; whoever moves a region wants to see it move.
    headers: { "content-type": "text/plain", "cache-control": "max-age=2" },
  });
}
