/**
 * What every public answer for machines begins with: the status from the coordinator, or its last
 * snapshot when that does not answer; where the page is; and how long an answer may be used.
 */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { Publication } from "../pages/publication.ts";
import type { SourcedStatus } from "../pages/status-source.ts";
import { loadStatus } from "../pages/status-source.ts";
import { unavailable } from "./problem.ts";

type PublicContext = Context<{ Bindings: Env }>;

/** A visitor's program may use an answer this long: data is no older than a page's. In seconds. */
const FRESH_SECONDS = 5;

/**
 * Loads the status, and the moment of which an answer speaks.
 *
 * @throws ProblemError (503) when nobody knows it
 */
export async function loadPublicStatus(
  { env }: PublicContext,
  publication: Publication,
): Promise<SourcedStatus & { nowMs: number }> {
  const nowMs = publication.now();
  const sourced = await loadStatus(publication.sourcesOf(env, nowMs));
  if (sourced === null) throw unavailable("The status is not known right now.");
  return { ...sourced, nowMs };
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
