/**
 * Pages as they were made, kept at the edge: fresh for some seconds, then shown once more while a new
 * one is made. However many ask at once, an isolate makes a page once; across isolates of a data
 * centre the platform's cache shares it. Times are UTC epoch milliseconds.
 */
import { within } from "../deadline.ts";
import { compress } from "./compress.ts";

/** A page as it is answered. */
export interface Answer {
  status: number;
  body: string | Uint8Array<ArrayBuffer>;
  headers: Readonly<Record<string, string>>;
  /**
   * How long it may be shown without looking again, in milliseconds; null: never kept, as whatever
   * is not 200.
   */
  freshMs: number | null;
}

/** An answer with its age. */
export interface AgedAnswer {
  answer: Answer;
  ageMs: number;
  /** Whether its body is compressed (gzip), because it was kept. */
  isPacked: boolean;
}

/** A page that is kept. */
interface Kept {
  gzip: Uint8Array<ArrayBuffer>;
  headers: Readonly<Record<string, string>>;
  freshMs: number;
  madeAtMs: number;
}

/** What keeps answers; the platform's cache, or one of a test. */
export type AnswerStore = Pick<Cache, "match" | "put">;

/** How the cache is used. */
export interface PageCacheOptions {
  store: () => AnswerStore;
  /** Longest wait for a page that another request is making, before making it oneself. */
  patienceMs: number;
  /** Longest wait for the store, before doing without it. */
  storeDeadlineMs: number;
  /** Hears of a store that failed; must not throw. */
  report: (error: unknown) => void;
}

/** One request for a page. */
export interface PageRequest {
  /** What the page depends on, as an absolute address. */
  key: string;
  nowMs: number;
  /** Pages made before this moment are known to be out of date. */
  notBeforeMs: number;
  make: () => Promise<Answer>;
  /** Keeps the request's lifetime until the work is done. */
  background: (work: Promise<unknown>) => void;
}

/** Times its freshness for which a page is still shown while a new one is made. */
const STALE_SHARE = 2;
/** Pages that an isolate keeps besides; some 16 KB each, compressed. */
const RECENT_MAX = 100;
const MADE_AT = "x-made-at-ms";
const FRESH = "x-fresh-ms";
/** What visitors are told about caching; the store is told something else. */
const CACHING = "x-cache-control";

/** Pages by what they depend on. */
export class PageCache {
  readonly #options: PageCacheOptions;
  readonly #making = new Map<string, Promise<Answer>>();
  /** The latest pages of this isolate, oldest first. */
  readonly #recent = new Map<string, Kept>();

  constructor(options: PageCacheOptions) {
    this.#options = options;
  }

  /** The page that is kept while it is fresh, or stale for not too long; else a new one. */
  async serve(request: PageRequest): Promise<AgedAnswer> {
    const { key, nowMs, background } = request;
    const kept =
      this.#usable(this.#recent.get(key) ?? null, request) ?? (await this.#load(request));
    if (kept === null) return { answer: await this.#make(request), ageMs: 0, isPacked: false };
    const ageMs = Math.max(0, nowMs - kept.madeAtMs);
    const { headers, freshMs, gzip } = kept;
    if (ageMs > freshMs) background(this.#make(request));
    return { answer: { status: 200, headers, freshMs, body: gzip }, ageMs, isPacked: true };
  }

  #usable(kept: Kept | null, { nowMs, notBeforeMs }: PageRequest): Kept | null {
    if (kept === null || kept.madeAtMs < notBeforeMs) return null;
    return nowMs - kept.madeAtMs <= STALE_SHARE * kept.freshMs ? kept : null;
  }

  /** From the store, where another isolate may have put it. */
  async #load(request: PageRequest): Promise<Kept | null> {
    const { key } = request;
    const { store, storeDeadlineMs, report } = this.#options;
    try {
      const kept = await within(storeDeadlineMs, () => readKept(store(), key));
      const usable = this.#usable(kept, request);
      if (usable !== null) this.#remember(key, usable);
      return usable;
    } catch (error) {
      report(error);
      return null;
    }
  }

  #remember(key: string, kept: Kept): void {
    this.#recent.delete(key);
    this.#recent.set(key, kept);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > RECENT_MAX && oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Makes the page, or waits for the one that is being made. */
  async #make(request: PageRequest): Promise<Answer> {
    const { key, background } = request;
    const running = this.#making.get(key);
    if (running !== undefined) {
      // Null: it takes too long, or its request was ended, or it failed.
      const answer = await within(this.#options.patienceMs, () => running).catch(() => null);
      if (answer !== null) return answer;
    }
    const work = request.make();
    this.#making.set(key, work);
    const forget = () => {
      if (this.#making.get(key) === work) this.#making.delete(key);
    };
    // Others wait for it, even when this visitor has left; it is forgotten once it is kept.
    background(work.then((answer) => this.#keep(request, answer)).then(forget, forget));
    return work;
  }

  async #keep({ key, nowMs }: PageRequest, answer: Answer): Promise<void> {
    const { store, storeDeadlineMs, report } = this.#options;
    const { freshMs, headers, body } = answer;
    if (freshMs === null) return;
    const gzip = await compress(body, "gzip");
    this.#remember(key, { gzip, headers, freshMs, madeAtMs: nowMs });
    const stored = {
      ...headers,
      "cache-control": `public, max-age=${Math.ceil((STALE_SHARE * freshMs) / 1_000)}`,
      [MADE_AT]: String(nowMs),
      [FRESH]: String(freshMs),
      [CACHING]: headers["cache-control"] ?? "",
    };
    try {
      const response = new Response(body, { headers: stored });
      await within(storeDeadlineMs, () => store().put(key, response));
    } catch (error) {
      report(error);
    }
  }
}

async function readKept(store: AnswerStore, key: string): Promise<Kept | null> {
  const response = await store.match(key);
  if (response === undefined || response.body === null) return null;
  const stored = Object.fromEntries(response.headers);
  const { [MADE_AT]: madeAt, [FRESH]: fresh, [CACHING]: caching = "", ...rest } = stored;
  const headers = { ...rest, "cache-control": caching };
  const gzip = await compress(response.body, "gzip");
  return { gzip, headers, freshMs: Number(fresh), madeAtMs: Number(madeAt) };
}
