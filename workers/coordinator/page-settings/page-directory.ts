/**
 * Which page a host name is: the settings that are stored, read again every few seconds. While D1
 * cannot be read the coordinator's copy holds, then the last that was read here; without any of
 * them nobody knows which pages ask for a password, and nothing is shown.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { StoredPage } from "../db/page-store.ts";
import { listPages } from "../db/page-store.ts";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import type { Page } from "./page.ts";
import { DEFAULT_PAGE_ID, findPage, normaliseHost, pageSchema } from "./page.ts";
import type { PageScope } from "./page-status.ts";
import { EVERYTHING_PUBLIC, scopeOf } from "./page-status.ts";

/** How long settings are used before they are read again, in milliseconds. */
const FRESH_MS = 5_000;
/** Longest wait for each of the two that have them, in milliseconds. */
const DEADLINE_MS = 3_000;
/** Digits of what tells two versions of a page apart. */
const VERSION_DIGITS = 16;

/** The page of a host name. */
export interface FoundPage {
  id: string;
  /** Null: nobody has set one up for this host name, and it shows everything that is public. */
  page: Page | null;
  /** Differs after any change of the settings. */
  version: string;
  scope: PageScope;
  /** Whether it answers on a host name of its own. */
  isNamed: boolean;
}

const UNSET: FoundPage = {
  id: DEFAULT_PAGE_ID,
  page: null,
  version: "0",
  scope: EVERYTHING_PUBLIC,
  isNamed: false,
};

/** Where settings are read from, in the order in which it is tried. */
export type PageSource = () => Promise<StoredPage[] | null>;

/** The pages of a network. */
export class PageDirectory {
  readonly #sources: readonly PageSource[];
  #known: { pages: FoundPage[]; atMs: number } | null = null;
  #reading: Promise<FoundPage[]> | null = null;

  constructor(sources: readonly PageSource[]) {
    this.#sources = sources;
  }

  /**
   * The page of a host name.
   *
   * @throws when nobody can say which pages there are
   */
  async find(host: string, nowMs: number): Promise<FoundPage> {
    const pages = await this.#pages(nowMs);
    const known = pages.flatMap(({ page }) => page ?? []);
    const name = normaliseHost(host) ?? host;
    const found = findPage(known, name);
    const answer = pages.find(({ page }) => page === found) ?? UNSET;
    return { ...answer, isNamed: found?.hosts.includes(name) ?? false };
  }

  async #pages(nowMs: number): Promise<FoundPage[]> {
    if (this.#known !== null && Math.abs(nowMs - this.#known.atMs) < FRESH_MS) {
      return this.#known.pages;
    }
    this.#reading ??= this.#read(nowMs).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(nowMs: number): Promise<FoundPage[]> {
    for (const source of this.#sources) {
      const stored = await within(DEADLINE_MS, source).catch(() => null);
      if (stored === null) continue;
      const pages = stored.map(describe);
      this.#known = { pages, atMs: nowMs };
      return pages;
    }
    if (this.#known !== null) return this.#known.pages;
    throw new Error("the settings of the pages cannot be read");
  }
}

function describe({ page, revision }: StoredPage): FoundPage {
  return {
    id: page.id,
    page,
    version: bytesToHex(sha256(utf8ToBytes(revision))).slice(0, VERSION_DIGITS),
    scope: scopeOf(page),
    isNamed: false,
  };
}

/** By the database that they lie in, so that every route of an isolate shares one. */
const directories = new WeakMap<D1Database, PageDirectory>();

/** The pages of the network that a Worker is bound to. */
export function pageDirectoryOf(env: Env): PageDirectory {
  const known = directories.get(env.DB);
  if (known !== undefined) return known;
  const directory = new PageDirectory([
    () => listPages(env.DB),
    async () => parseCopy(await coordinatorOf(env).pageSettings()),
  ]);
  directories.set(env.DB, directory);
  return directory;
}

function parseCopy(definitions: readonly string[] | null): StoredPage[] | null {
  if (definitions === null) return null;
  return definitions.map((revision) => ({
    page: pageSchema.parse(JSON.parse(revision)),
    revision,
  }));
}
