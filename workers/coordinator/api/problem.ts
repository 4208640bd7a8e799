/**
 * Problems: every error of the API in the one form of RFC 9457, `application/problem+json`.
 *
 * A problem says what to do and never shows a stack trace, a statement or a secret. What is thrown
 * elsewhere (by hono, D1, the coordinator's object, or a mistake of ours) is turned into one here.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One field that was not accepted. */
export const fieldErrorSchema = z
  .strictObject({
    /** Path of the field, e.g. `quorum.raise` or `dialogue[0].send`; empty: the whole. */
    field: z.string(),
    /** What was expected, or what is wrong. */
    message: z.string(),
  })
  .meta({ id: "FieldError" });

/** An error (RFC 9457). */
export const problemSchema = z
  .strictObject({
    /** Stable identifier of the kind of problem. */
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Present when fields of the request were not accepted. */
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: "Problem" });

/** One field that was not accepted. */
export type FieldError = z.output<typeof fieldErrorSchema>;
/** An error in its public form. */
export type Problem = z.output<typeof problemSchema>;

const CONTENT_TYPE = "application/problem+json";

/** Kinds of problems: last part of their `type`, with status and title. */
const KINDS = {
  "malformed-json": [400, "The body is not JSON"],
  "invalid-query": [400, "The query is not valid"],
  unauthorized: [401, "A valid token is required"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "The method is not allowed"],
  conflict: [409, "The request conflicts with what is there"],
  "too-large": [413, "The request is too large"],
  "unsupported-media-type": [415, "The content type is not supported"],
  "invalid-body": [422, "The body is not valid"],
  "too-many-requests": [429, "Too many requests"],
  internal: [500, "Something went wrong here"],
  "not-configured": [503, "The API is not configured yet"],
  unavailable: [503, "Temporarily unavailable"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

/** Kind of a problem. */
export type ProblemKind = keyof typeof KINDS;

/** Thrown by handlers; rendered by {@link renderError}. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    options: {
      errors?: readonly FieldError[] | undefined;
      headers?: Readonly<Record<string, string>> | undefined;
    } = {},
  ) {
    super(detail);
    this.name = "ProblemError";
    this.kind = kind;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** Nothing of that id. */
export function notFound(what: string, id: string): ProblemError {
  return new ProblemError("not-found", `There is no ${what} with the id ${JSON.stringify(id)}.`);
}

/** Fields of a body that were not accepted. */
export function invalidBody(errors: readonly FieldError[]): ProblemError {
  const [first] = errors;
  const detail =
    errors.length === 1 && first !== undefined
      ? `${first.field === "" ? "The body" : first.field}: ${first.message}. Nothing was changed.`
      : `${errors.length} fields were not accepted. Nothing was changed.`;
  return new ProblemError("invalid-body", detail, { errors });
}

/** A part of the system that does not answer now. */
export function unavailable(detail: string): ProblemError {
  return new ProblemError("unavailable", detail, { headers: { "retry-after": "5" } });
}

/** Renders a problem. */
export function renderProblem(error: ProblemError): Response {
  const [status, title] = KINDS[error.kind];
  const problem: Problem = {
    type: `urn:problem-type:echoquorum:${error.kind}`,
    title,
    status,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "content-type": CONTENT_TYPE, "cache-control": "no-store", ...error.headers },
  });
}

/** Answers whatever was thrown; what is not the caller's doing is logged, without any value. */
export function renderError(error: Error, context: Context): Response {
  const problem = asProblem(error);
  if (problem.kind === "internal" || problem.kind === "unavailable") {
    logFailure(error, context);
  }
  return renderProblem(problem);
}

function asProblem(error: Error): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException) return fromHttpException(error);
  const d1 = d1Message(error);
  if (d1?.includes("TOOBIG") === true) {
    return new ProblemError(
      "too-large",
      "The configuration would exceed what one row of D1 holds (2 MB). Nothing was changed.",
    );
  }
  if (d1 !== null) {
    return unavailable("The database does not answer. Try again shortly; see the Worker's logs.");
  }
  return new ProblemError("internal", "The request could not be served; see the Worker's logs.");
}

function fromHttpException(error: HTTPException): ProblemError {
  switch (error.status) {
    case 400:
      return new ProblemError("malformed-json", "The body could not be parsed as JSON (RFC 8259).");
    case 413:
      return new ProblemError("too-large", "The body is larger than 1 MiB.");
    case 415:
      return new ProblemError("unsupported-media-type", "Send the body as application/json.");
    case 504:
      return unavailable("The answer took too long. Try again shortly.");
    default:
      return new ProblemError("internal", "The request could not be served.");
  }
}

/** D1's own message, which holds no value of a statement; null: not an error of D1. */
function d1Message(error: unknown): string | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each.message.startsWith("D1_")) return each.message;
  }
  return null;
}

/**
 * Logs where and what, never a message that may hold values: drizzle puts the parameters of a
 * failed query into its own.
 */
function logFailure(error: Error, context: Context): void {
  const origin = error.cause instanceof Error ? error.cause : error;
  const frames = (origin.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const entry = {
    event: "api_request_failed",
    method: context.req.method,
    route: context.req.path,
    error: origin.name,
    reason: error instanceof ProblemError ? error.message : d1Message(error),
    stack: frames.slice(0, 8).map((line) => line.trim()),
  };
  // oxlint-disable-next-line no-console -- structured log line, collected by the platform
  console.error(JSON.stringify(entry));
}
