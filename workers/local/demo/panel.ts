/**
 * The fault panel: where one breaks and mends the demo targets, as a page and as JSON.
 *
 * `GET /targets` and `POST /targets/{id}/fault` with `{ "fault": "refuse", "regions": ["us-east"] }`
 * (JSON or a form). `GET /regions` and `POST /regions/{id}/trouble` with
 * `{ "cronStopped": true, "probeStopped": false, "blind": false, "colo": "FRA" }` do the same to the
 * network's own regions. It listens on loopback only and takes no form from another site.
 */
import { Hono } from "hono";
import { z } from "zod";
import { regionLabel } from "../../../shared/regions.ts";
import type { RegionTrouble, RegionTroubles } from "../services/region-trouble.ts";
import { regionTroubleSchema } from "../services/region-trouble.ts";
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

/** A region as the panel shows it. */
export interface PanelRegion extends RegionTrouble {
  id: string;
  label: string;
}

/** What the panel works on. */
export interface PanelOptions {
  addresses: () => DemoAddresses;
  targets: ReadonlyArray<Pick<PanelTarget, "id" | "name" | "url">>;
  regions: readonly string[];
  troubles: RegionTroubles;
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

/** A region's trouble as JSON or a form says it; the form's empty choice is the region's own place. */
async function readTrouble(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return request.json().catch(() => null);
  const form = await request.formData().catch(() => new FormData());
  return {
    cronStopped: form.has("cronStopped"),
    probeStopped: form.has("probeStopped"),
    blind: form.has("blind"),
    colo: form.get("colo") || null,
  };
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

function foreign(): Response {
  return problem(403, "Foreign origin", "Forms are taken from the panel's own page only.");
}

/** Whether a form was sent, to which a page is the answer. */
function isForm(request: Request): boolean {
  return !(request.headers.get("content-type") ?? "").startsWith("application/json");
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

  const renderRegion = (id: string): PanelRegion => ({
    id,
    label: regionLabel(id),
    ...options.troubles.get(id),
  });

  const app = new Hono();
  app.get("/", (context) =>
    context.html(
      renderPanelPage(
        options.addresses(),
        options.targets.map(render),
        options.regions.map(renderRegion),
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
    if (isForeign(context.req.raw)) return foreign();
    const target = options.targets.find(({ id }) => id === context.req.param("id"));
    if (target === undefined) {
      const known = options.targets.map(({ id }) => id).join(", ");
      return problem(404, "Unknown target", `The targets are ${known}.`);
    }
    const fault = faultSchema.safeParse(await readFault(context.req.raw));
    if (!fault.success) return problem(400, "Invalid fault", z.prettifyError(fault.error));
    options.faults.set(target.id, fault.data);
    return isForm(context.req.raw)
      ? context.redirect(`/#${target.id}`, 303)
      : context.json(render(target));
  });
  app.get("/regions", (context) => context.json({ regions: options.regions.map(renderRegion) }));
  app.post("/regions/:id/trouble", async (context) => {
    if (isForeign(context.req.raw)) return foreign();
    const id = options.regions.find((region) => region === context.req.param("id"));
    if (id === undefined) {
      return problem(404, "Unknown region", `The regions are ${options.regions.join(", ")}.`);
    }
    const trouble = regionTroubleSchema.safeParse(await readTrouble(context.req.raw));
    if (!trouble.success) return problem(400, "Invalid trouble", z.prettifyError(trouble.error));
    options.troubles.set(id, trouble.data);
    return isForm(context.req.raw)
      ? context.redirect("/#regions", 303)
      : context.json(renderRegion(id));
  });
  app.notFound(() => problem(404, "Not found", "Try / or /targets."));
  return app;
}
