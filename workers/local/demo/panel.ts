/**
 * The fault panel: where one breaks and mends the demo targets, as a page and as JSON.
 *
 * `GET /targets` and `POST /targets/{id}/fault` with `{ "fault": "refuse", "regions": ["us-east"] }`
 * (JSON or a form). It listens on loopback only and takes no form from another site.
 */
import { Hono } from "hono";
import { z } from "zod";
import type { Fault, FaultBook, FaultKind } from "./fault.ts";
import { FAULTS, faultSchema } from "./fault.ts";
import type { DemoAddresses } from "./page-shell.ts";
import { renderPanelPage } from "./panel-page.ts";

/** A target as the panel shows it. */
export interface PanelTarget {
  id: string;
  name: string;
  url: string;
  /** Id of the monitor that watches it. */
  monitor: string;
  fault: FaultKind;
  /** Regions that suffer from it; null: everyone. */
  regions: string[] | null;
  /** Last call of each region, ISO 8601. */
  seen: Record<string, string>;
}

/** What the panel works on. */
export interface PanelOptions {
  addresses: () => DemoAddresses;
  targets: ReadonlyArray<Pick<PanelTarget, "id" | "name" | "url">>;
  regions: readonly string[];
  faults: FaultBook;
  /** Last call of each region to a target, by region. */
  seen: (target: string) => ReadonlyMap<string, number>;
}

async function readFault(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    // What is not JSON is reported as a wrong value, like any other.
    return request.json().catch(() => null);
  }
  const form = await request.formData().catch(() => new FormData());
  const regions = form.getAll("regions");
  return { fault: form.get("fault"), regions: regions.length === 0 ? null : regions };
}

/** Whether a browser sent it from a page of another site. */
function isForeign(request: Request): boolean {
  const origin = request.headers.get("origin");
  return origin !== null && origin !== new URL(request.url).origin;
}

function problem(status: number, title: string, detail: string): Response {
  return Response.json(
    { type: "about:blank", title, status, detail },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

/** Builds the panel. */
export function panelApp(options: PanelOptions): Hono {
  const render = (target: PanelOptions["targets"][number]): PanelTarget => ({
    id: target.id,
    name: target.name,
    url: target.url,
    monitor: target.id,
    ...(options.faults.get(target.id) satisfies Fault),
    seen: Object.fromEntries(
      [...options.seen(target.id)].map(([region, atMs]) => [region, new Date(atMs).toISOString()]),
    ),
  });

  const app = new Hono();
  app.get("/", (context) =>
    context.html(
      renderPanelPage(
        options.addresses(),
        options.targets.map(render),
        options.regions,
        Date.now(),
      ),
    ),
  );
  app.get("/targets", (context) =>
    context.json({
      targets: options.targets.map(render),
      regions: options.regions,
      faults: FAULTS,
    }),
  );
  app.post("/targets/:id/fault", async (context) => {
    if (isForeign(context.req.raw)) {
      return problem(403, "Foreign origin", "Forms are taken from the panel's own page only.");
    }
    const target = options.targets.find(({ id }) => id === context.req.param("id"));
    if (target === undefined) {
      const known = options.targets.map(({ id }) => id).join(", ");
      return problem(404, "Unknown target", `The targets are ${known}.`);
    }
    const fault = faultSchema.safeParse(await readFault(context.req.raw));
    if (!fault.success) return problem(400, "Invalid fault", z.prettifyError(fault.error));
    options.faults.set(target.id, fault.data);
    const isForm = !(context.req.header("content-type") ?? "").startsWith("application/json");
    return isForm ? context.redirect(`/#${target.id}`, 303) : context.json(render(target));
  });
  app.notFound(() => problem(404, "Not found", "Try / or /targets."));
  return app;
}
