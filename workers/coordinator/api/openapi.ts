/** `/api/v1/openapi.json`: the API's own description, made from the routes themselves. */
import { VERSION } from "../../../shared/version.ts";
import type { Router } from "./router.ts";

/** Where the description is served, without a token. */
export const OPENAPI_PATH = "/api/v1/openapi.json";

const DESCRIPTION = `Monitors, verdicts, incidents and channels of an Echoquorum network.

* Lists are plain JSON arrays; where there may be more, \`Link: <…>; rel="next"\` leads on (RFC 8288).
* Times are ISO 8601 in UTC. Durations are text such as \`30s\` or \`5m\`; a number counts seconds.
* Errors are problems (RFC 9457) that name the fields; a request that fails changes nothing.
* Unknown fields and unknown query parameters are errors.
* Secrets are never shown; sending back what was shown keeps what is stored.`;

/** Renders the OpenAPI 3.1 description of a router's routes. */
export function renderOpenApi(router: Router) {
  return router.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Echoquorum",
      version: VERSION,
      description: DESCRIPTION,
      license: { name: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
  });
}

/** Declares how requests authenticate. */
export function declareSecurity(router: Router): void {
  router.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "The Worker's secret `ECHOQUORUM_ADMIN_TOKEN`.",
  });
}
