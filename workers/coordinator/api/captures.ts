/** `/monitors/{id}/observations/{region}/{startedAt}/capture`: the evidence of a failure to download. */
import { createRoute, z } from "@hono/zod-openapi";
import { encodeCapture, isCapturable } from "../../../shared/probe/capture.ts";
import { loadMonitor } from "../db/config-store.ts";
import { loadObservation } from "../db/observation-log.ts";
import { momentSchema, renderMoment } from "./moment.ts";
import { ProblemError, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, problems } from "./router.ts";

/** Media type that capture files go by; Wireshark registers itself for it. */
const CONTENT_TYPE = "application/vnd.tcpdump.pcap";

const DESCRIPTION = `A pcapng file that Wireshark and tshark open: the exchange as the log keeps it,
one packet per frame, with secrets replaced. Packets around the bytes are made up, TLS is left out
(its content is shown on port 80), long payloads are cut; comments in the file say what is missing.
Only checks that were not up keep a transcript, and none has bytes that went over fetch.`;

const captureRoute = createRoute({
  method: "get",
  path: "/monitors/{id}/observations/{region}/{startedAt}/capture",
  tags: ["Observations and verdicts"],
  summary: "Download what was said in a failing check as a packet capture",
  description: DESCRIPTION.replaceAll("\n", " "),
  request: {
    params: z.strictObject({
      id: z.string().openapi({ description: "Id of the monitor." }),
      region: z.string().openapi({ description: "Region of the observation." }),
      startedAt: momentSchema,
    }),
  },
  responses: {
    200: {
      description: "The capture",
      content: {
        [CONTENT_TYPE]: { schema: z.string().openapi({ format: "binary" }) },
      },
    },
    ...problems(401, 404, 503),
  },
});

/** Routes of captures. */
export function captureRoutes(): Router {
  const router = createRouter();

  router.openapi(captureRoute, async (context) => {
    const { id, region, startedAt } = context.req.valid("param");
    const monitor = await loadMonitor(context.env.DB, id);
    if (monitor === null) throw notFound("monitor", id);
    const startedAtMs = startedAt;
    const observation = await loadObservation(context.env.DB, { monitor: id, region, startedAtMs });
    const moment = renderMoment(startedAtMs);
    if (observation === null) throw notFound("observation", `${region} at ${moment}`);
    const { transcript } = observation;
    if (transcript === null) {
      const detail = "This observation has no transcript: only checks that fail keep one.";
      throw new ProblemError("not-found", detail);
    }
    if (!isCapturable(observation)) {
      const detail = "This check went over fetch, where the platform shows no bytes to capture.";
      throw new ProblemError("not-found", detail);
    }
    const bytes = encodeCapture({ observation, transcript, url: monitor.monitor.url });
    const name = `${id}-${region}-${moment.replaceAll(":", "")}.pcapng`;
    return context.body(new Uint8Array(bytes).buffer, 200, {
      "content-type": CONTENT_TYPE,
      "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"`,
    });
  });

  return router;
}
