/**
 * What all public answers of an isolate share, pages and documents for machines alike: one status,
 * asked of the coordinator once per freshness period, and the cache of what was made of it. Whoever
 * decides who may read an answer does so before asking for it here. Times are UTC epoch
 * milliseconds.
 */
import type { Context } from "hono";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import { keepAlive } from "../keep-alive.ts";
import type { NetworkStatus } from "../object/rpc.ts";
import type { FoundPage } from "../page-settings/page-directory.ts";
import { pageDirectoryOf } from "../page-settings/page-directory.ts";
import { PRIVATE_CACHING } from "../page-settings/visit.ts";
import { FreshStatus } from "./fresh-status.ts";
import type { AgedAnswer, Answer, AnswerStore } from "./page-cache.ts";
import { PageCache } from "./page-cache.ts";
import type { PageSources } from "./status-source.ts";

/** Longest wait for the coordinator, and then for D1. */
const SOURCE_DEADLINE_MS = 3_000;
/** Longest wait for an answer that another request is making: for both sources, and a little more. */
const PATIENCE_MS = 7_000;
/** Longest wait for the edge cache. */
const STORE_DEADLINE_MS = 1_000;

type PublicContext = Context<{ Bindings: Env }>;

/** How answers are served. */
export interface Publishing {
  /** The moment that answers speak of. */
  now?: () => number;
  /** Where what was made is kept; absent: nothing is, and the coordinator is asked each time. */
  store?: () => AnswerStore;
}

/** One answer that is wanted. */
export interface Wanted {
  /** What it depends on besides the page and its path; null: on more, and so it must not be kept. */
  depends: Readonly<Record<string, string>> | null;
  /** Makes it, of nothing but that and the status. */
  make: (nowMs: number) => Promise<Answer>;
}

/** The status, and what was made of it. */
export class Publication {
  readonly now: () => number;
  readonly #cache: PageCache | null;
  readonly #status = new FreshStatus(SOURCE_DEADLINE_MS);

  constructor({ now = Date.now, store }: Publishing = {}) {
    this.now = now;
    const waits = { patienceMs: PATIENCE_MS, storeDeadlineMs: STORE_DEADLINE_MS };
    this.#cache =
      store === undefined ? null : new PageCache({ store, ...waits, report: reportCacheFailure });
  }

  /** How long what is made now may be kept, in milliseconds. */
  get freshMs(): number {
    return this.#status.freshMs;
  }

  /** The page of a request's host name; null: nobody can say which it is. */
  async find({ env, req }: Pick<PublicContext, "env" | "req">): Promise<FoundPage | null> {
    try {
      return await pageDirectoryOf(env).find(new URL(req.url).hostname, this.now());
    } catch (error) {
      reportFailure("pages", error);
      return null;
    }
  }

  /**
   * The status of the whole network, as fresh as all that is public.
   *
   * @param ageMaxMs the oldest that is of use, in milliseconds
   * @throws whatever the coordinator fails with; an Error when it does not answer in time
   */
  status(env: Env, ageMaxMs = Infinity): Promise<NetworkStatus> {
    return within(SOURCE_DEADLINE_MS, () => this.#ask(env, this.now(), ageMaxMs));
  }

  /** Where the data of a page's answers comes from. */
  sourcesOf(env: Env, { scope }: FoundPage, nowMs: number): PageSources {
    return {
      coordinator: () => ({
        networkStatus: () => this.#ask(env, nowMs),
        incident: (id) => coordinatorOf(env).incident(id),
        monitorStatus: (id) => coordinatorOf(env).monitorStatus(id),
        rollups: (monitor, ranges) => coordinatorOf(env).rollups(monitor, ranges),
      }),
      db: env.DB,
      scope,
      deadlineMs: SOURCE_DEADLINE_MS,
      report: reportFailure,
    };
  }

  /**
   * Answers a request out of the cache where that has it, else with what is made. What a private page
   * tells is made for each request, and kept by nobody.
   */
  async serve(
    context: PublicContext,
    { id, version, scope }: FoundPage,
    { depends, make }: Wanted,
  ): Promise<Response> {
    const nowMs = this.now();
    if (scope.isPrivate) {
      const made = await make(nowMs);
      const headers = { ...made.headers, "cache-control": PRIVATE_CACHING };
      return respond(context, { answer: { ...made, headers }, ageMs: 0, isPacked: false });
    }
    if (this.#cache === null || depends === null) {
      return respond(context, { answer: await make(nowMs), ageMs: 0, isPacked: false });
    }
    const key = new URL(context.req.path, context.req.url);
    key.search = new URLSearchParams({ page: `${id}.${version}`, ...depends }).toString();
    const kept = await this.#cache.serve({
      key: key.href,
      nowMs,
      notBeforeMs: this.#status.changedAtMs,
      make: () => make(nowMs),
      background: (work) =>
        keepAlive(
          context,
          work.catch((error: unknown) => reportFailure("background", error)),
        ),
    });
    return respond(context, kept);
  }

  #ask(env: Env, nowMs: number, ageMaxMs = Infinity): Promise<NetworkStatus> {
    const ask = () => coordinatorOf(env).networkStatus();
    return this.#cache === null ? ask() : this.#status.get(ask, nowMs, ageMaxMs);
  }
}

function reportCacheFailure(error: unknown): void {
  reportFailure("cache", error);
}

/** Logs that something from which pages are made has failed, in the error's own words. */
export function reportFailure(source: string, error: unknown): void {
  const message = error instanceof Error ? error.message : "unknown error";
  // oxlint-disable-next-line no-console -- structured log line, collected by the platform
  console.error(JSON.stringify({ event: "page_source_failed", source, message }));
}

/** Answers, or with 304 where the visitor has it (RFC 9110 §13.1.2). */
function respond(context: PublicContext, { answer, ageMs, isPacked }: AgedAnswer): Response {
  const age = Math.floor(ageMs / 1_000);
  const headers = age > 0 ? { ...answer.headers, age: String(age) } : { ...answer.headers };
  const etag = answer.headers["etag"]?.replace(/^W\//, "");
  const known = context.req.header("if-none-match")?.split(",") ?? [];
  if (etag !== undefined && known.some((tag) => tag.trim().replace(/^W\//, "") === etag)) {
    return context.body(null, 304, headers);
  }
  const { status, body } = answer;
  if (!isPacked) return new Response(body, { status, headers });
  const varying = [answer.headers["vary"], "Accept-Encoding"].filter(Boolean);
  const vary = { vary: varying.join(", ") };
  if (/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(context.req.header("accept-encoding") ?? "")) {
    const coded = { ...headers, ...vary, "content-encoding": "gzip" };
    return new Response(body, { status, headers: coded, encodeBody: "manual" });
  }
  const plain = new Response(body).body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain, { status, headers: { ...headers, ...vary } });
}
