/**
 * Pages as they were made, kept at the edge: fresh for some seconds, then shown once more while a new
 * one is made. However many ask at once, an isolate makes a page once; across isolates of a data
 * centre the platform's cache shares it. Times are UTC epoch milliseconds.
 */

/** A page as it is answered. */
export interface Answer {
  status: 200 | 404 | 503;
  body: string;
  headers: Readonly<Record<string, string>>;
  /**
   * How long it may be shown without looking again, in milliseconds; null: never kept, as whatever
   * is not 200.
   */
  freshMs: number | null;
}

/** An answer with its age; one that was kept comes as a stream, and need not be read to be sent. */
export interface AgedAnswer {
  answer: Omit<Answer, "body"> & { body: string | ReadableStream | null };
  ageMs: number;
}

/** What keeps answers; the platform's cache, or one of a test. */
export type AnswerStore = Pick<Cache, "match" | "put">;

/** How the cache is used. */
export interface PageCacheOptions {
  store: () => AnswerStore;
  /** Longest wait for a page that another request is making, before making it oneself. */
  patienceMs: number;
  /** Hears of a store that failed; must not throw. */
  report: (error: unknown) => void;
}

/** One request for a page. */
export interface PageRequest {
  /** What the page depends on, as an absolute address. */
  key: string;
  nowMs: number;
  make: () => Promise<Answer>;
  /** Keeps the request's lifetime until the work is done. */
  background: (work: Promise<unknown>) => void;
}

/** Times its freshness for which a page is still shown while a new one is made. */
const STALE_SHARE = 2;
const MADE_AT = "x-made-at-ms";
const FRESH = "x-fresh-ms";
/** What visitors are told about caching; the store is told something else. */
const CACHING = "x-cache-control";

/** Pages by what they depend on. */
export class PageCache {
  readonly #options: PageCacheOptions;
  readonly #making = new Map<string, Promise<Answer>>();

  constructor(options: PageCacheOptions) {
    this.#options = options;
  }

  /** The page that is kept while it is fresh, or stale for not too long; else a new one. */
  async serve(request: PageRequest): Promise<AgedAnswer> {
    const kept = await this.#load(request);
    if (kept === null) return { answer: await this.#make(request), ageMs: 0 };
    if (kept.ageMs > (kept.answer.freshMs ?? 0)) request.background(this.#make(request));
    return kept;
  }

  async #load({ key, nowMs }: PageRequest): Promise<AgedAnswer | null> {
    const { store, report } = this.#options;
    try {
      const response = await store().match(key);
      if (response === undefined) return null;
      const stored = Object.fromEntries(response.headers);
      const { [MADE_AT]: madeAt, [FRESH]: fresh, [CACHING]: caching = "", ...rest } = stored;
      const ageMs = Math.max(0, nowMs - Number(madeAt));
      const freshMs = Number(fresh);
      if (!(ageMs <= STALE_SHARE * freshMs)) return null;
      const headers = { ...rest, "cache-control": caching };
      const answer = { status: 200, body: response.body, headers, freshMs } as const;
      return { answer, ageMs };
    } catch (error) {
      report(error);
      return null;
    }
  }

  /** Makes the page, or waits for the one that is being made. */
  async #make(request: PageRequest): Promise<Answer> {
    const { key, background } = request;
    const running = this.#making.get(key);
    if (running !== undefined) {
      const answer = await this.#patiently(running);
      if (answer !== null) return answer;
    }
    const work = this.#makeAndKeep(request);
    this.#making.set(key, work);
    const forget = () => {
      if (this.#making.get(key) === work) this.#making.delete(key);
    };
    const done = work.then(forget, forget);
    // Others wait for it, even when this visitor has left.
    background(done);
    return work;
  }

  /** Null: it takes too long, or its request was ended, or it failed. */
  #patiently(running: Promise<Answer>): Promise<Answer | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), this.#options.patienceMs);
      running.then(resolve, () => resolve(null)).finally(() => clearTimeout(timer));
    });
  }

  async #makeAndKeep({ key, nowMs, make, background }: PageRequest): Promise<Answer> {
    const answer = await make();
    const { store, report } = this.#options;
    const { freshMs } = answer;
    if (freshMs === null) return answer;
    const headers = {
      ...answer.headers,
      "cache-control": `public, max-age=${Math.ceil((STALE_SHARE * freshMs) / 1_000)}`,
      [MADE_AT]: String(nowMs),
      [FRESH]: String(freshMs),
      [CACHING]: answer.headers["cache-control"] ?? "",
    };
    const kept = async () => {
      try {
        await store().put(key, new Response(answer.body, { headers }));
      } catch (error) {
        report(error);
      }
    };
    background(kept());
    return answer;
  }
}
