/**
 * The routes of the public pages: the status page at `/`, one page per incident, monitor and month,
 * and the files they need. Says which page is asked for in which language, and serves it from the
 * edge cache where that has it; what a page is made of, is said in `page-answers.tsx`.
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import { ASSETS, findAsset, findPresentVersion } from "./assets/assets.ts";
import { FreshStatus } from "./fresh-status.ts";
import { chooseLanguage, wordsOf } from "./language/languages.ts";
import { streamChanges } from "./live-events.ts";
import type { Asked } from "./page-answers.tsx";
import {
  answerIncident,
  answerMonitor,
  answerMonth,
  answerStatus,
  answerWritten,
} from "./page-answers.tsx";
import type { AgedAnswer, Answer, AnswerStore } from "./page-cache.ts";
import { PageCache } from "./page-cache.ts";
import { ASSET_CACHING, OUTDATED_ASSET_CACHING, pageHeaders } from "./page-headers.ts";
import type { PageSources } from "./status-source.ts";
import { monthAt } from "./view-model/month.ts";

/** Longest wait for the coordinator, and then for D1. */
const SOURCE_DEADLINE_MS = 3_000;
/** Longest wait for a page that another request is making: for both sources, and a little more. */
const PATIENCE_MS = 7_000;
/** Longest wait for the edge cache. */
const STORE_DEADLINE_MS = 1_000;
/** Where the pages are. */
const PATHS = [
  "/",
  "/incidents/*",
  "/monitors/*",
  "/history/*",
  "/live",
  "/assets/*",
  "/favicon.ico",
];

type PageContext = Context<{ Bindings: Env }>;

/** How pages are served. */
export interface Serving {
  /** The moment that pages speak of (UTC epoch milliseconds). */
  now?: () => number;
  /** Where made pages are kept; absent: nothing is, and the coordinator is asked each time. */
  store?: () => AnswerStore;
  /** Time between two looks for changes to tell open pages of, in milliseconds; absent: 5 s. */
  liveEveryMs?: number;
}

const LIVE_EVERY_MS = 5_000;

/** Serves pages out of what was made. */
class PageServer {
  readonly #now: () => number;
  readonly #cache: PageCache | null;
  readonly #liveEveryMs: number;
  readonly #status = new FreshStatus(SOURCE_DEADLINE_MS);

  constructor({ now = Date.now, store, liveEveryMs = LIVE_EVERY_MS }: Serving) {
    this.#now = now;
    this.#liveEveryMs = liveEveryMs;
    const waits = { patienceMs: PATIENCE_MS, storeDeadlineMs: STORE_DEADLINE_MS };
    this.#cache =
      store === undefined ? null : new PageCache({ store, ...waits, report: reportCacheFailure });
  }

  async serve(context: PageContext, answer: (asked: Asked) => Promise<Answer>): Promise<Response> {
    const { tag, named } = chooseLanguage(context);
    const nowMs = this.#now();
    // Of no other page anything depends on it, and whoever asks could have it made anew each time.
    const isLimited = context.req.path.startsWith("/history");
    const monitor = isLimited ? (context.req.query("monitor") ?? null) : null;
    const sources = this.#sourcesOf(context.env, nowMs);
    const make = () => answer({ words: wordsOf(tag), named, monitor, nowMs, sources });
    if (this.#cache === null) return respond(context, { answer: await make(), ageMs: 0 });
    const key = new URL(context.req.path, context.req.url);
    key.search = new URLSearchParams({
      lang: tag,
      ...(named ? { named: "1" } : {}),
      ...(monitor === null ? {} : { monitor }),
      assets: ASSETS.stylesheet,
    }).toString();
    const notBeforeMs = this.#status.changedAtMs;
    const background = (work: Promise<unknown>) => keepAlive(context, work);
    return respond(
      context,
      await this.#cache.serve({ key: key.href, nowMs, notBeforeMs, make, background }),
    );
  }

  month(context: PageContext): Promise<Response> {
    return this.serve(context, (asked) => answerMonth(asked, monthAt(asked.nowMs).id));
  }

  live(context: PageContext): Response {
    const status = () => {
      const { coordinator } = this.#sourcesOf(context.env, this.#now());
      return within(SOURCE_DEADLINE_MS, () => coordinator().networkStatus());
    };
    return streamChanges(context, { status, everyMs: this.#liveEveryMs, now: this.#now });
  }

  #sourcesOf(env: Env, nowMs: number): PageSources {
    const ask = () => coordinatorOf(env).networkStatus();
    return {
      coordinator: () => ({
        networkStatus: () => (this.#cache === null ? ask() : this.#status.get(ask, nowMs)),
        incident: (id) => coordinatorOf(env).incident(id),
        rollups: (monitor, ranges) => coordinatorOf(env).rollups(monitor, ranges),
      }),
      db: env.DB,
      deadlineMs: SOURCE_DEADLINE_MS,
      report: reportFailure,
    };
  }
}

/** Routes of the public pages. */
export function pageRoutes(serving: Serving = {}): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  const pages = new PageServer(serving);
  for (const path of PATHS) app.use(path, pageHeaders());
  app.get("/", (context) => pages.serve(context, answerStatus));
  app.get("/incidents/:id", (context) =>
    pages.serve(context, (asked) => answerIncident(asked, context.req.param("id"))),
  );
  app.get("/incidents/written/:id", (context) =>
    pages.serve(context, (asked) => answerWritten(asked, context.req.param("id"))),
  );
  app.get("/monitors/:id", (context) =>
    pages.serve(context, (asked) => answerMonitor(asked, context.req.param("id"))),
  );
  app.get("/history", (context) => pages.month(context));
  app.get("/history/:month", (context) =>
    pages.serve(context, (asked) => answerMonth(asked, context.req.param("month"))),
  );
  app.get("/live", (context) => pages.live(context));
  app.get("/assets/:file", sendAsset);
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon("unknown"), 302));
  return app;
}

function reportCacheFailure(error: unknown): void {
  reportFailure("cache", error);
}

function reportFailure(source: string, error: unknown): void {
  const message = error instanceof Error ? error.message : "unknown error";
  // oxlint-disable-next-line no-console -- structured log line, collected by the platform
  console.error(JSON.stringify({ event: "page_source_failed", source, message }));
}

/** Lets work outlive its request, where the runtime ends requests: Node has no such thing. */
function keepAlive(context: PageContext, work: Promise<unknown>): void {
  const handled = work.catch((error: unknown) => reportFailure("background", error));
  let execution: { waitUntil: (promise: Promise<unknown>) => void } | null;
  try {
    execution = context.executionCtx;
  } catch {
    execution = null;
  }
  execution?.waitUntil(handled);
}

/** Answers with a page, or with 304 where the visitor has it (RFC 9110 §13.1.2). */
function respond(context: PageContext, { answer, ageMs }: AgedAnswer): Response {
  const age = Math.floor(ageMs / 1_000);
  const headers = age > 0 ? { ...answer.headers, age: String(age) } : { ...answer.headers };
  const etag = answer.headers["etag"]?.replace(/^W\//, "");
  const known = context.req.header("if-none-match")?.split(",") ?? [];
  if (etag !== undefined && known.some((tag) => tag.trim().replace(/^W\//, "") === etag)) {
    return context.body(null, 304, headers);
  }
  const { status, body } = answer;
  if (typeof body === "string") return context.newResponse(body, status, headers);
  const vary = { vary: "Accept-Language, Accept-Encoding" };
  if (/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(context.req.header("accept-encoding") ?? "")) {
    const coded = { ...headers, ...vary, "content-encoding": "gzip" };
    return new Response(body, { status, headers: coded, encodeBody: "manual" });
  }
  const plain = new Response(body).body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain, { status, headers: { ...headers, ...vary } });
}

function sendAsset(context: PageContext) {
  const path = context.req.path;
  const asset = findAsset(path);
  const found = asset ?? findPresentVersion(path);
  if (found === undefined) return context.notFound();
  return context.body(found.body, 200, {
    "content-type": found.type,
    "cache-control": asset === undefined ? OUTDATED_ASSET_CACHING : ASSET_CACHING,
  });
}
