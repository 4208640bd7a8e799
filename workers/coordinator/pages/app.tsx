/**
 * The routes of the public pages: the status page at `/`, one page per incident, monitor and month,
 * and the files they need. Says which page is asked for in which language, and serves it from the
 * edge cache where that has it; what a page is made of, is said in `page-answers.tsx`.
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "../env.ts";
import { pageStatus } from "../page-settings/page-status.ts";
import { decideVisit } from "../page-settings/visit.ts";
import { ASSETS, findAsset, findPresentVersion } from "./assets/assets.ts";
import { chooseLanguage, wordsOf } from "./language/languages.ts";
import { streamChanges } from "./live-events.ts";
import { LoginLimit } from "./login-limit.ts";
import { answerImage } from "./image-answer.ts";
import { receive, showLogin, takeLogin } from "./login.tsx";
import type { OwnAsset } from "./own-assets.ts";
import { findOwnAsset } from "./own-assets.ts";
import type { Asked } from "./page-answers.tsx";
import {
  answerIncident,
  answerMonitor,
  answerMonth,
  answerOutage,
  answerStatus,
  answerWritten,
} from "./page-answers.tsx";
import type { Answer } from "./page-cache.ts";
import { assetHeaders, cachingOf, pageHeaders } from "./page-headers.ts";
import type { Publishing } from "./publication.ts";
import { Publication, reportFailure } from "./publication.ts";
import { monthAt } from "./view-model/month.ts";
import { IMAGE_PATH, renderSite } from "./view-model/site.ts";

/** Where the pages are. */
const PATHS = [
  "/",
  "/incidents/*",
  "/monitors/*",
  "/history/*",
  "/live",
  IMAGE_PATH,
  "/assets/*",
  "/favicon.ico",
];

type PageContext = Context<{ Bindings: Env }>;

/** How pages are served. */
export interface Serving extends Publishing {
  /** What they share with other answers; absent: they share nothing. */
  publication?: Publication;
  /** Time between two looks for changes to tell open pages of, in milliseconds; absent: 5 s. */
  liveEveryMs?: number;
}

const LIVE_EVERY_MS = 5_000;
/** Largest form that is read, in bytes. */
const FORM_BYTES_MAX = 8_192;

/** Serves pages out of what was made. */
class PageServer {
  readonly #publication: Publication;
  readonly #liveEveryMs: number;
  readonly #limit = new LoginLimit();

  constructor({ publication, liveEveryMs = LIVE_EVERY_MS, ...publishing }: Serving) {
    this.#publication = publication ?? new Publication(publishing);
    this.#liveEveryMs = liveEveryMs;
  }

  async serve(context: PageContext, answer: (asked: Asked) => Promise<Answer>): Promise<Response> {
    const { tag, named } = chooseLanguage(context);
    // Of no other page anything depends on it, and whoever asks could have it made anew each time.
    const isLimited = context.req.path.startsWith("/history");
    const monitor = isLimited ? (context.req.query("monitor") ?? null) : null;
    const depends = {
      lang: tag,
      ...(named ? { named: "1" } : {}),
      ...(monitor === null ? {} : { monitor }),
      assets: ASSETS.stylesheet,
    };
    const found = await this.#publication.find(context);
    // Rendering the settings takes time, which an answer out of the cache does not need.
    const ask = () => {
      const site = renderSite(found?.page ?? null, new URL(context.req.url).origin);
      return { words: wordsOf(tag), site, named, monitor };
    };
    if (found === null) {
      const { status, body, headers } = answerOutage(ask());
      return new Response(body, { status, headers });
    }
    const elsewhere = await receive(context, found, this.#publication.now());
    if (elsewhere !== null) return elsewhere;
    const make = (nowMs: number) => {
      const sources = this.#publication.sourcesOf(context.env, found, nowMs);
      return answer({ ...ask(), nowMs, sources });
    };
    return this.#publication.serve(context, found, { depends, make });
  }

  month(context: PageContext): Promise<Response> {
    return this.serve(context, (asked) => answerMonth(asked, monthAt(asked.nowMs).id));
  }

  async live(context: PageContext): Promise<Response> {
    const found = await this.#publication.find(context);
    if (found === null) return context.body(null, 503);
    const visit = await decideVisit(context, found, this.#publication.now());
    if (visit === "refused") return context.body(null, 401);
    const { now } = this.#publication;
    const everyMs = this.#liveEveryMs;
    // However many pages are open, an isolate looks once for all of them.
    const status = async () => {
      return pageStatus(await this.#publication.status(context.env, everyMs), found.scope);
    };
    return streamChanges(context, { status, everyMs, now });
  }

  /** The picture that stands for the page where somebody links to it. */
  async image(context: PageContext): Promise<Response> {
    const found = await this.#publication.find(context);
    if (found === null) return context.body(null, 503);
    const visit = await decideVisit(context, found, this.#publication.now());
    if (visit === "refused") return context.body(null, 401);
    const { page } = found;
    const { origin, hostname: host } = new URL(context.req.url);
    const make = (nowMs: number) => {
      const sources = this.#publication.sourcesOf(context.env, found, nowMs);
      return answerImage({ page, site: renderSite(page, origin), host, nowMs, sources });
    };
    return this.#publication.serve(context, found, { depends: {}, make });
  }

  /** Signs a visitor in. */
  async login(context: PageContext): Promise<Response> {
    const found = await this.#publication.find(context);
    if (found === null) return context.body(null, 503);
    return context.req.method === "POST"
      ? takeLogin(context, found, this.#limit, this.#publication.now())
      : showLogin(context, found);
  }

  /** A file of all pages, or of the one that is asked: it tells nothing of what is monitored. */
  async asset(context: PageContext): Promise<Response> {
    const { path } = context.req;
    const common = findAsset(path);
    if (common !== undefined) return sendAsset(context, { ...common, isExact: true });
    const present = findPresentVersion(path);
    if (present !== undefined) return sendAsset(context, { ...present, isExact: false });
    const found = await this.#publication.find(context);
    if (found === null) return context.body(null, 503);
    try {
      const own = await findOwnAsset(context.env, found, path);
      return own === null ? context.notFound() : sendAsset(context, own);
    } catch (error) {
      reportFailure("pictures", error);
      return context.body(null, 503);
    }
  }
}

/** Routes of the public pages. */
export function pageRoutes(serving: Serving = {}): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  const pages = new PageServer(serving);
  app.use("/assets/*", assetHeaders());
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
  app.get(IMAGE_PATH, (context) => pages.image(context));
  app.use("/login", pageHeaders({ forms: true }), bodyLimit({ maxSize: FORM_BYTES_MAX }));
  app.on(["GET", "POST"], "/login", (context) => pages.login(context));
  app.get("/assets/:file", (context) => pages.asset(context));
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon("unknown"), 302));
  return app;
}

function sendAsset(context: PageContext, { type, body, isExact }: OwnAsset): Response {
  const headers = { "content-type": type, "cache-control": cachingOf(isExact) };
  return context.newResponse(body, 200, headers);
}
