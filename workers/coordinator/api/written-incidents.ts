/**
 * `/written-incidents` and `/incident-templates`: what people tell of trouble, beside the incidents
 * that the quorum finds.
 */
import { createRoute, z } from "@hono/zod-openapi";
import {
  deleteIncidentTemplate,
  deleteWritten,
  listIncidentTemplates,
  listWrittenIncidents,
  loadWritten,
  saveIncidentTemplate,
} from "../db/written-incident-store.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, limitSchema, problems } from "./router.ts";
import {
  beginWritten,
  changeWritten,
  requireStart,
  writeUpdate,
} from "./written-incident-changes.ts";
import {
  renderWritten,
  shownWrittenSchema,
  templateInputSchema,
  templateSchema,
  updateChangeSchema,
  updateInputSchema,
  writtenChangeSchema,
  writtenInputSchema,
} from "./written-incident-schema.ts";

const tags = ["Written incidents"];
const idParam = z.string().openapi({ description: "Id of the written incident." });
const params = z.strictObject({ id: idParam });
const templateParams = z.strictObject({
  id: templateSchema.shape.id.describe("Id of the template."),
});
const updateParams = z.strictObject({
  id: idParam,
  update: z.string().openapi({ description: "Id of the update." }),
});
const PLACE = "/written-incidents";

const listRoute = createRoute({
  method: "get",
  path: PLACE,
  tags,
  summary: "List written incidents, newest first",
  request: {
    query: z.strictObject({
      open: z.enum(["true", "false"]).optional().openapi({ description: "Only those that go on." }),
      limit: limitSchema(500),
    }),
  },
  responses: {
    200: json("Written incidents", z.array(shownWrittenSchema)),
    ...problems(400, 401, 503),
  },
});

const beginRoute = createRoute({
  method: "post",
  path: PLACE,
  tags,
  summary: "Begin a written incident",
  description:
    "With a `startedAt` that is over it is dated back. What is declared of monitors is shown " +
    "beside what is measured, and changes no verdict.",
  request: { body: jsonBody(writtenInputSchema) },
  responses: {
    201: json("The written incident; `Location` holds its path", shownWrittenSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const readRoute = createRoute({
  method: "get",
  path: `${PLACE}/{id}`,
  tags,
  summary: "Read a written incident",
  request: { params },
  responses: { 200: json("It", shownWrittenSchema), ...problems(401, 404, 503) },
});

const patchRoute = createRoute({
  method: "patch",
  path: `${PLACE}/{id}`,
  tags,
  summary: "Change title, beginning, links or postmortem",
  request: { params, body: jsonBody(writtenChangeSchema) },
  responses: {
    200: json("The changed written incident", shownWrittenSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: `${PLACE}/{id}`,
  tags,
  summary: "Delete a written incident",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 503) },
});

const updateRoute = createRoute({
  method: "post",
  path: `${PLACE}/{id}/updates`,
  tags,
  summary: "Add an update; with the status `resolved` it ends the incident",
  description: "Status and impacts that are left out stay as they were.",
  request: { params, body: jsonBody(updateInputSchema) },
  responses: {
    200: json("The update was there already", shownWrittenSchema),
    201: json("The written incident with the update", shownWrittenSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const correctRoute = createRoute({
  method: "patch",
  path: `${PLACE}/{id}/updates/{update}`,
  tags,
  summary: "Correct the text of an update",
  request: { params: updateParams, body: jsonBody(updateChangeSchema) },
  responses: {
    200: json("The changed written incident", shownWrittenSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const templatesRoute = createRoute({
  method: "get",
  path: "/incident-templates",
  tags,
  summary: "List templates of written incidents",
  responses: { 200: json("Templates", z.array(templateSchema)), ...problems(401, 503) },
});

const putTemplateRoute = createRoute({
  method: "put",
  path: "/incident-templates/{id}",
  tags,
  summary: "Create or replace a template",
  request: { params: templateParams, body: jsonBody(templateInputSchema) },
  responses: {
    200: json("The template", templateSchema),
    ...problems(400, 401, 404, 413, 415, 422, 503),
  },
});

const deleteTemplateRoute = createRoute({
  method: "delete",
  path: "/incident-templates/{id}",
  tags,
  summary: "Delete a template",
  request: { params: templateParams },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 503) },
});

/** Routes of `/written-incidents` and `/incident-templates`. */
export function writtenIncidentRoutes(): Router {
  const router = createRouter();
  routeReads(router);
  routeWrites(router);
  routeUpdates(router);
  routeTemplates(router);
  return router;
}

function routeReads(router: Router): void {
  router.openapi(listRoute, async (context) => {
    const { open, limit } = context.req.valid("query");
    const found = await listWrittenIncidents(context.env.DB, { open: open === "true", limit });
    return context.json(found.map(renderWritten), 200);
  });

  router.openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const stored = await loadWritten(context.env.DB, id);
    if (stored === null) throw notFound("written incident", id);
    return context.json(renderWritten(stored.written), 200);
  });
}

function routeWrites(router: Router): void {
  router.openapi(beginRoute, async (context) => {
    const written = await beginWritten(context.env, context.req.valid("json"));
    await tellCoordinator(context.env);
    const location = `/api/v1${PLACE}/${written.id}`;
    return context.json(renderWritten(written), 201, { location });
  });

  router.openapi(patchRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { startedAt, postmortem, title, incidents } = context.req.valid("json");
    const nowMs = Date.now();
    const written = await changeWritten(context.env, id, (stored) => {
      if (startedAt !== undefined) requireStart(startedAt, stored);
      const atMs = stored.postmortem?.atMs ?? nowMs;
      return {
        ...stored,
        title: title ?? stored.title,
        incidents: incidents ?? stored.incidents,
        startedAtMs: startedAt ?? stored.startedAtMs,
        ...(postmortem === undefined
          ? {}
          : { postmortem: postmortem === null ? null : { text: postmortem, atMs } }),
      };
    });
    await tellCoordinator(context.env);
    return context.json(renderWritten(written), 200);
  });

  router.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid("param");
    if (!(await deleteWritten(context.env.DB, id))) throw notFound("written incident", id);
    await tellCoordinator(context.env);
    return context.body(null, 204);
  });
}

function routeUpdates(router: Router): void {
  router.openapi(updateRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { written, isNew } = await writeUpdate(context.env, id, context.req.valid("json"));
    await tellCoordinator(context.env);
    return isNew
      ? context.json(renderWritten(written), 201)
      : context.json(renderWritten(written), 200);
  });

  router.openapi(correctRoute, async (context) => {
    const { id, update } = context.req.valid("param");
    const { text } = context.req.valid("json");
    const written = await changeWritten(context.env, id, (stored) => {
      if (!stored.updates.some((each) => each.id === update)) throw notFound("update", update);
      const updates = stored.updates.map((each) => (each.id === update ? { ...each, text } : each));
      return { ...stored, updates };
    });
    await tellCoordinator(context.env);
    return context.json(renderWritten(written), 200);
  });
}

function routeTemplates(router: Router): void {
  router.openapi(templatesRoute, async (context) =>
    context.json(await listIncidentTemplates(context.env.DB), 200),
  );

  router.openapi(putTemplateRoute, async (context) => {
    const { id } = context.req.valid("param");
    const template = { id, ...context.req.valid("json") };
    await saveIncidentTemplate(context.env.DB, template, Date.now());
    return context.json(template, 200);
  });

  router.openapi(deleteTemplateRoute, async (context) => {
    const { id } = context.req.valid("param");
    if (!(await deleteIncidentTemplate(context.env.DB, id))) throw notFound("template", id);
    return context.body(null, 204);
  });
}
