/**
 * Keeps what machines read as pages are kept: fresh for as long, made once for all who ask, and sent
 * again only to whom it is new. Decides which answers may be kept: those that depend on nothing but
 * the page and their path. Must come behind whatever decides who may read them.
 */
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import type { Answer } from "../pages/page-cache.ts";
import { etagOf } from "../pages/page-headers.ts";
import type { Publication } from "../pages/publication.ts";

const KEPT = [
  /^\/api\/v1\/status$/,
  /^\/api\/v2\/[a-z/-]+\.json$/,
  /^\/feed\.(?:rss|atom|json)$/,
  /^\/maintenance\.ics$/,
];
/** Badges depend on their query too: one that has any is drawn anew. */
const BADGE = /^\/badges\//;

/**
 * Serves kept answers, and keeps those that are made.
 *
 * @param make answers a request that has nothing but an address
 */
export function keptAnswers(
  publication: Publication,
  make: (request: Request, env: Env) => Response | Promise<Response>,
): MiddlewareHandler<{ Bindings: Env }> {
  return async (context, next) => {
    const { path, method, url } = context.req;
    const isBadge = BADGE.test(path);
    const isKept = isBadge || KEPT.some((pattern) => pattern.test(path));
    if (!isKept || (method !== "GET" && method !== "HEAD")) return next();
    const page = await publication.find(context);
    // What is for one visitor alone is made for that one.
    if (page === null || page.scope.isPrivate) return next();
    const { search } = new URL(url);
    const asked = new URL(path, url);
    if (isBadge) asked.search = search;
    return publication.serve(context, page, {
      depends: isBadge && search !== "" ? null : {},
      make: async () => answerOf(await make(new Request(asked), context.env), publication.freshMs),
    });
  };
}

async function answerOf(response: Response, freshMs: number): Promise<Answer> {
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  const body = await response.text();
  if (status !== 200) return { status, body, headers, freshMs: null };
  return { status, body, headers: { ...headers, etag: await etagOf(body) }, freshMs };
}
