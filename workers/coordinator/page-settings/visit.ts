/**
 * Whether a request may see the page of its host name: everybody may see a public one; a private one
 * whoever has signed in, or brings its token.
 */
import type { Context } from "hono";
import { generateCookie } from "hono/cookie";
import { parse as parseCookies } from "hono/utils/cookie";
import type { Env } from "../env.ts";
import { isToken } from "./access.ts";
import type { FoundPage } from "./page-directory.ts";
import { SESSION_COOKIE, SESSION_MS, beginSession, isSession } from "./session.ts";

/** As much of a request as says who makes it. */
type AskingContext = Pick<Context<{ Bindings: Env }>, "env" | "req">;
/** What else it takes to let somebody in. */
type AdmittingContext = AskingContext & Pick<Context, "header">;

/** By what a visitor is let in; `refused`: by nothing. */
export type Visit = "public" | "session" | "bearer" | "query" | "refused";

/** Caching of whatever a private page tells. */
export const PRIVATE_CACHING = "private, no-store";

/** Decides on a request. */
export async function decideVisit(
  context: AskingContext,
  found: FoundPage,
  nowMs: number,
): Promise<Visit> {
  const { page, scope } = found;
  if (!scope.isPrivate || page === null) return "public";
  const { access } = page;
  const bearer = /^bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1];
  if (bearer !== undefined && (await isToken(access, bearer))) return "bearer";
  const token = context.req.query("token");
  if (token !== undefined && (await isToken(access, token))) return "query";
  const cookies = parseCookies(context.req.header("cookie") ?? "", SESSION_COOKIE);
  const session = cookies[SESSION_COOKIE];
  if (session !== undefined && (await isSession(sessionOf(context, found), session, nowMs))) {
    return "session";
  }
  return "refused";
}

/** Lets the visitor in from now on. */
export async function admit(context: AdmittingContext, found: FoundPage, nowMs: number) {
  const session = await beginSession(sessionOf(context, found), nowMs);
  const cookie = generateCookie(SESSION_COOKIE, session, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: new URL(context.req.url).protocol === "https:",
    maxAge: SESSION_MS / 1_000,
  });
  context.header("set-cookie", cookie, { append: true });
}

function sessionOf({ env }: Pick<AskingContext, "env">, { id, page }: FoundPage) {
  const secret = env.ECHOQUORUM_ADMIN_TOKEN ?? "";
  return { page: id, access: page?.access ?? null, secret };
}
