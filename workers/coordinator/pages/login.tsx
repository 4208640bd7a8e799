/**
 * `/login`: where visitors of a private page are sent who have not signed in, and where they do so.
 * Works without JavaScript. What is typed is never logged or sent back.
 */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { opens } from "../page-settings/access.ts";
import type { FoundPage } from "../page-settings/page-directory.ts";
import { PRIVATE_CACHING, admit, decideVisit } from "../page-settings/visit.ts";
import { ASSETS } from "./assets/assets.ts";
import type { LoginComplaint } from "./components/login-page.tsx";
import { LoginPage } from "./components/login-page.tsx";
import { renderDocument } from "./document.tsx";
import { chooseLanguage, wordsOf } from "./language/languages.ts";
import type { LoginLimit } from "./login-limit.ts";
import { renderSite } from "./view-model/site.ts";

type PageContext = Context<{ Bindings: Env }>;
/** As much of a request as it takes to send whoever makes it elsewhere. */
type ReceivingContext = Pick<PageContext, "env" | "req" | "header" | "redirect">;

/** How soon somebody who tried too often may try again, in seconds. */
const RETRY_SECONDS = 60;
/** Longest password or token that is looked at, in characters. */
const SECRET_CHARACTERS_MAX = 200;

/**
 * Receives who asks for a page: sends to sign in who may not see it, and lets in who brings its
 * token, which then leaves the address.
 *
 * @returns null: the page may be shown
 */
export async function receive(
  context: ReceivingContext,
  found: FoundPage,
  nowMs: number,
): Promise<Response | null> {
  const visit = await decideVisit(context, found, nowMs);
  if (visit === "refused") return sendToLogin(context);
  // A form is taken as it comes: on the way to another address it would be lost.
  if (visit !== "query" || context.req.method === "POST") return null;
  await admit(context, found, nowMs);
  return sendOn(context);
}

/** Sends a visitor to sign in, and then to where the request was going. */
function sendToLogin({ req }: Pick<PageContext, "req">): Response {
  const url = new URL(req.url);
  url.searchParams.delete("token");
  const login = new URL("/login", url);
  const language = url.searchParams.get("lang");
  if (language !== null) login.searchParams.set("lang", language);
  const next = url.pathname + url.search;
  if (next !== "/") login.searchParams.set("next", next);
  const location = login.pathname + login.search;
  return new Response(null, {
    status: 302,
    headers: { location, "cache-control": PRIVATE_CACHING },
  });
}

/** Sends a visitor on, without the token in the address. */
function sendOn(context: ReceivingContext): Response {
  const url = new URL(context.req.url);
  url.searchParams.delete("token");
  return redirect(context, localPath(url.pathname + url.search), 302);
}

/** The form. */
export function showLogin(context: PageContext, found: FoundPage): Response {
  if (!found.scope.isPrivate) return redirect(context, "/", 302);
  return respond(context, found, localPath(context.req.query("next")), null);
}

/** Takes what was typed. */
export async function takeLogin(
  context: PageContext,
  found: FoundPage,
  limit: LoginLimit,
  nowMs: number,
): Promise<Response> {
  const form = await context.req.parseBody().catch((): Record<string, unknown> => ({}));
  const next = localPath(form["next"]);
  if (!found.scope.isPrivate) return redirect(context, next, 303);
  const address = context.req.header("cf-connecting-ip") ?? null;
  if (!(await limit.allow(context.env, found.id, address, nowMs))) {
    return respond(context, found, next, "tooMany");
  }
  const { secret } = form;
  const typed = typeof secret === "string" && secret.length <= SECRET_CHARACTERS_MAX ? secret : "";
  if (!(await opens(found.page?.access ?? null, typed))) {
    return respond(context, found, next, "wrong");
  }
  await admit(context, found, nowMs);
  return redirect(context, next, 303);
}

/** A path of this site; what leads elsewhere, or to no page, leads to the status page. */
function localPath(next: unknown): string {
  const base = "https://site.invalid";
  if (typeof next !== "string" || !next.startsWith("/") || !URL.canParse(next, base)) return "/";
  const url = new URL(next, base);
  // A path that begins with two slashes, as that of `/.//elsewhere` does, names a host.
  const isHere = url.origin === base && !url.pathname.startsWith("//");
  return isHere ? url.pathname + url.search : "/";
}

function redirect(
  context: Pick<PageContext, "header" | "redirect">,
  to: string,
  status: 302 | 303,
): Response {
  context.header("cache-control", PRIVATE_CACHING);
  return context.redirect(to, status);
}

function respond(
  context: PageContext,
  { page }: FoundPage,
  next: string,
  complaint: LoginComplaint | null,
): Response {
  const { tag, named } = chooseLanguage(context);
  const query = next === "/" ? "" : `next=${encodeURIComponent(next)}&`;
  const site = renderSite(page, new URL(context.req.url).origin);
  const html = renderDocument(
    { words: wordsOf(tag), site, named },
    (other) => `/login?${query}lang=${other}`,
    <LoginPage
      next={next}
      hasPassword={page?.access?.password !== null}
      complaint={complaint}
      assets={ASSETS}
    />,
  );
  const status = { none: 200, wrong: 401, tooMany: 429 } as const;
  return context.html(html, status[complaint ?? "none"], {
    "content-language": tag,
    "cache-control": PRIVATE_CACHING,
    ...(complaint === "tooMany" ? { "retry-after": String(RETRY_SECONDS) } : {}),
  });
}
