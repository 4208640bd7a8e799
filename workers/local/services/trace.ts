/**
 * Stands in for `https://www.cloudflare.com/cdn-cgi/trace`: tells each probe the data centre where it
 * would be expected to run, so that the regions of the local network count as different places.
 */
import { findRegion } from "../../../shared/regions.ts";
import { requestRegion } from "./request-region.ts";

/** Answers like the trace: `colo=FRA`, one `key=value` per line. */
export function answerTrace(request: Request): Response {
  const region = findRegion(requestRegion(request.headers.get("user-agent")) ?? "");
  const colo = region?.expectedColos[0];
  if (colo === undefined) return new Response("colo=\n", { status: 404 });
  return new Response(`fl=local\nts=${(Date.now() / 1_000).toFixed(3)}\ncolo=${colo}\nloc=XX\n`, {
    headers: { "content-type": "text/plain" },
  });
}
