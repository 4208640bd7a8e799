/** Operations on `/pages`, as the OpenAPI document describes them. */
import { createRoute, z } from "@hono/zod-openapi";
import { declaredPageSchema, pageInputSchema } from "../page-settings/page.ts";
import { json, jsonBody, mergePatchBody, problems } from "./router.ts";

const tags = ["Pages"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the page." }) });
const inputSchema = pageInputSchema.meta({
  id: "PageInput",
  description:
    "`logo`, `logoDark` (for the dark scheme) and `favicon` are data: URLs of a PNG, JPEG, WebP or " +
    "SVG of at most 64 KiB; the path that an answer shows keeps what is stored. `css` may load " +
    "nothing. Colours must leave texts readable (WCAG AA). With `access` a page asks for a password, " +
    "or a token, or either; `***` keeps what is stored.",
});
const shownSchema = declaredPageSchema.meta({
  id: "Page",
  description:
    "It shows the monitors that it names and those of the groups that it names; all that are " +
    "public where it names neither. It answers on its `hosts`; the page with the id `default`, or " +
    "the one without hosts, on every other host name.",
});

/** `GET /pages`. */
export const listPagesOperation = createRoute({
  method: "get",
  path: "/pages",
  tags,
  summary: "List all pages that were set up",
  responses: { 200: json("Pages, oldest first", z.array(shownSchema)), ...problems(401, 503) },
});

/** `POST /pages`. */
export const createPageOperation = createRoute({
  method: "post",
  path: "/pages",
  tags,
  summary: "Set up a page",
  description: "Without an `id` one is made from the name.",
  request: { body: jsonBody(inputSchema) },
  responses: {
    201: json("The page; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

/** `GET /pages/{id}`. */
export const readPageOperation = createRoute({
  method: "get",
  path: "/pages/{id}",
  tags,
  summary: "Read a page's settings",
  request: { params },
  responses: { 200: json("The page", shownSchema), ...problems(401, 404, 503) },
});

/** `PUT /pages/{id}`. */
export const putPageOperation = createRoute({
  method: "put",
  path: "/pages/{id}",
  tags,
  summary: "Replace a page's settings, or set one up under this id",
  request: { params, body: jsonBody(inputSchema) },
  responses: {
    200: json("The replaced page", shownSchema),
    201: json("The new page; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

/** `PATCH /pages/{id}`. */
export const patchPageOperation = createRoute({
  method: "patch",
  path: "/pages/{id}",
  tags,
  summary: "Change fields of a page",
  description: "JSON Merge Patch (RFC 7396): null resets a field to its default.",
  request: { params, body: mergePatchBody("PagePatch", "Any fields of a page.") },
  responses: {
    200: json("The changed page", shownSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

/** `DELETE /pages/{id}`. */
export const deletePageOperation = createRoute({
  method: "delete",
  path: "/pages/{id}",
  tags,
  summary: "Delete a page",
  description: "Its host names show the page that answers everywhere else.",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 503) },
});
