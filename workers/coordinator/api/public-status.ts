/**
 * What every public answer for machines begins with: the status from the coordinator, or its last
 * snapshot when that does not answer; where the page is; and how long an answer may be used.
 */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { FoundPage } from "../page-settings/page-directory.ts";
import { PRIVATE_CACHING, decideVisit } from "../page-settings/visit.ts";
import type { Publication } from "../pages/publication.ts";
import type { SourcedStatus } from "../pages/status-source.ts";
import { loadStatus } from "../pages/status-source.ts";
import { ProblemError, unavailable } from "./problem.ts";

type PublicContext = Context<{ Bindings: Env }>;

/** A visitor's program may use an answer this long: data is no older than a page's. In seconds. */
const FRESH_SECONDS = 5;

/** The status as the page of a host name may know it, and what an answer says of the page. */
export interface PublicStatus extends SourcedStatus {
  /** The moment of which the answer speaks. */
  nowMs: number;
  /** How the page calls itself; null: nobody has named it. */
  name: string | null;
  /** Address of the page, without a slash at its end. */
  pageUrl: string;
  /** Whether it is for nobody but who asks. */
  isPrivate: boolean;
}

/**
 * The page of the request's host name, for whom it is.
 *
 * @throws ProblemError (503) when nobody can say which it is, (401) when it is private and the request
 *   brings neither a session nor its token
 */
export async function findPublicPage(
  context: PublicContext,
  publication: Publication,
): Promise<FoundPage> {
  const found = await publication.find(context);
  if (found === null) throw unavailable("The status is not known right now.");
  if ((await decideVisit(context, found, publication.now())) === "refused") {
    throw new ProblemError(
      "unauthorized",
      "The status page of this host name is private. Send its token as `Authorization: Bearer " +
        "<token>` or as `?token=<token>`, or sign in.",
      { headers: { "www-authenticate": 'Bearer realm="status page"' } },
    );
  }
  return found;
}

/**
 * Loads the status as the page of the request's host name may know it.
 *
 * @throws ProblemError (503) when nobody knows it, (401) when the page is private
 */
export async function loadPublicStatus(
  context: PublicContext,
  publication: Publication,
): Promise<PublicStatus> {
  const nowMs = publication.now();
  const found = await findPublicPage(context, publication);
  const sourced = await loadStatus(publication.sourcesOf(context.env, found, nowMs));
  if (sourced === null) throw unavailable("The status is not known right now.");
  const name = found.page?.name ?? null;
  const { isPrivate } = found.scope;
  return { ...sourced, nowMs, name, pageUrl: pageUrlOf(context, found), isPrivate };
}

/** A page with a host name of its own is there; the other where the network says that it is. */
export function pageUrlOf(
  { env, req }: Pick<PublicContext, "env" | "req">,
  { isNamed }: FoundPage,
): string {
  const { origin } = new URL(req.url);
  return isNamed ? origin : (env.PUBLIC_URL ?? origin).replace(/\/+$/, "");
}

/** Says how long an answer may be used, and while a new one is fetched; a private one never. */
export function allowCaching(
  context: PublicContext,
  { isPrivate }: Pick<PublicStatus, "isPrivate">,
  freshSeconds = FRESH_SECONDS,
): void {
  if (isPrivate) {
    context.header("cache-control", PRIVATE_CACHING);
    return;
  }
  const staleSeconds = 4 * freshSeconds;
  context.header(
    "cache-control",
    `public, max-age=${freshSeconds}, stale-while-revalidate=${staleSeconds}`,
  );
}
