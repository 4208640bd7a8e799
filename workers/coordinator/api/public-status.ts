/**
 * What every public answer for machines begins with: the status from the coordinator, or its last
 * snapshot when that does not answer; where the page is; and how long an answer may be used.
 */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import type { SourcedStatus } from "../pages/status-source.ts";
import { loadStatus } from "../pages/status-source.ts";
import { ANSWER_DEADLINE_MS } from "./coordinator-calls.ts";
import { unavailable } from "./problem.ts";

type PublicContext = Context<{ Bindings: Env }>;

/** A visitor's program may use an answer this long: data is no older than a page's. In seconds. */
const FRESH_SECONDS = 5;

/**
 * Loads the status.
 *
 * @throws ProblemError (503) when nobody knows it
 */
export async function loadPublicStatus({ env }: PublicContext): Promise<SourcedStatus> {
  const sourced = await loadStatus({
    coordinator: () => coordinatorOf(env),
    db: env.DB,
    deadlineMs: ANSWER_DEADLINE_MS,
    report: logSource,
  });
  if (sourced === null) throw unavailable("The status is not known right now.");
  return sourced;
}

/** Address of the status page, without a slash at its end. */
export function pageUrlOf({ env, req }: PublicContext): string {
  return (env.PUBLIC_URL ?? new URL(req.url).origin).replace(/\/+$/, "");
}

/** Says how long an answer may be used, and while a new one is fetched. */
export function allowCaching(context: PublicContext, freshSeconds = FRESH_SECONDS): void {
  const staleSeconds = 4 * freshSeconds;
  context.header(
    "cache-control",
    `public, max-age=${freshSeconds}, stale-while-revalidate=${staleSeconds}`,
  );
}

function logSource(source: SourcedStatus["source"], error: unknown): void {
  const name = error instanceof Error ? error.name : "unknown";
  // oxlint-disable-next-line no-console -- structured log line, collected by the platform
  console.error(JSON.stringify({ event: "public_source_failed", source, error: name }));
}
