/**
 * The kind of router that every resource of the API uses: it validates what the OpenAPI description
 * declares, and answers what does not fit with a problem that names the fields.
 */
import type { Context } from "hono";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Env } from "../env.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { ProblemError, invalidBody, notFound, problemSchema } from "./problem.ts";

/** A router whose handlers see the coordinator's environment. */
export type Router = OpenAPIHono<{ Bindings: Env }>;

/** Makes an empty router. */
export function createRouter(): Router {
  return new OpenAPIHono<{ Bindings: Env }>({
    defaultHook: (result, context) => {
      if (result.success) return;
      const errors = renderFieldErrors(result.error);
      if (result.target === "json") throw invalidBody(errors);
      if (result.target === "param") throw notFound("resource", context.req.path);
      const detail = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
      throw new ProblemError("invalid-query", `${detail}.`, { errors });
    },
  });
}

/** Descriptions of the problems that a route may answer with, for its OpenAPI entry. */
export function problems<Status extends number>(...statuses: Status[]) {
  const content = { "application/problem+json": { schema: problemSchema } };
  const entries = statuses.map((status) => {
    const description = PROBLEMS[status] ?? "A problem";
    return [status, { description, content }] as const;
  });
  return Object.fromEntries(entries) as Record<
    Status,
    { description: string; content: typeof content }
  >;
}

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "The query or the JSON is not valid",
  401: "The token is missing or wrong",
  404: "There is nothing of that id",
  409: "It conflicts with what is there",
  413: "The body is too large",
  415: "The content type is not supported",
  422: "Fields of the body are not valid; nothing was changed",
  429: "There were too many requests lately",
  503: "A part of the system does not answer now",
};

/** JSON of a response or a request, for an OpenAPI entry. */
export function json<Schema>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** Required JSON body, for an OpenAPI entry. */
export function jsonBody<Schema>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** Required JSON Merge Patch (RFC 7396), also accepted as plain JSON, for an OpenAPI entry. */
export function mergePatchBody(id: string, description: string) {
  const schema = z.looseObject({}).meta({ id, description });
  return {
    required: true,
    content: { "application/merge-patch+json": { schema }, "application/json": { schema } },
  };
}

/** How many entries a list may have, 1 … `max`, 100 by default. */
export function limitSchema(max: number) {
  return z.coerce
    .number()
    .pipe(z.int().min(1).max(max))
    .default(100)
    .openapi({ type: "integer", minimum: 1, maximum: max, default: 100 });
}

/** Says where a list goes on (RFC 8288). */
export function linkNext(context: Context, cursor: string): void {
  const next = new URL(context.req.url);
  next.searchParams.set("cursor", cursor);
  context.header("link", `<${next.pathname}${next.search}>; rel="next"`);
}
