/**
 * Page settings in D1. A page is a row: what decides how it looks is read with every page that is
 * served, its pictures' bytes only when somebody asks for one. Takes what the API has validated, and
 * knows nothing of HTTP.
 */
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ImageName, Page } from "../page-settings/page.ts";
import { pageSchema } from "../page-settings/page.ts";
import type { WriteOutcome } from "./config-store.ts";
import { pages } from "./schema.ts";

/** A page as it was read. */
export interface StoredPage {
  page: Page;
  /** Opaque; differs after any change of what is read with it. */
  revision: string;
}

/** Pictures of a page as `data:` URLs; null: there is none. */
export type PageImages = Record<ImageName, string | null>;

function parseStored({ definition }: { definition: string }): StoredPage {
  return { page: pageSchema.parse(JSON.parse(definition)), revision: definition };
}

function rowOf(page: Page, images: PageImages) {
  return { id: page.id, name: page.name, definition: JSON.stringify(page), ...images };
}

/** Every page, oldest first. */
export async function listPages(db: D1Database): Promise<StoredPage[]> {
  const { results } = await db
    .prepare("SELECT definition FROM pages ORDER BY created_at_ms, id")
    .all<{ definition: string }>();
  return results.map(parseStored);
}

/** Ids that are `prefix` or begin with it and a hyphen: what a new id must differ from. */
export async function listPageIds(db: D1Database, prefix: string): Promise<string[]> {
  const rows = await drizzle(db)
    .select({ id: pages.id })
    .from(pages)
    .where(sql`${pages.id} = ${prefix} OR ${pages.id} GLOB ${`${prefix}-*`}`);
  return rows.map((row) => row.id);
}

/** One page with its pictures; null when there is none of that id. */
export async function loadPage(
  db: D1Database,
  id: string,
): Promise<(StoredPage & { images: PageImages }) | null> {
  const { definition, logo, logoDark, favicon } = pages;
  const row = await drizzle(db)
    .select({ definition, logo, logoDark, favicon })
    .from(pages)
    .where(eq(pages.id, id))
    .get();
  if (row === undefined) return null;
  const images = { logo: row.logo, logoDark: row.logoDark, favicon: row.favicon };
  return { ...parseStored(row), images };
}

/** Pictures of a page; null when there is no page of that id. */
export async function loadPageImages(db: D1Database, id: string): Promise<PageImages | null> {
  const { results } = await db
    .prepare("SELECT logo, logo_dark AS logoDark, favicon FROM pages WHERE id = ?1")
    .bind(id)
    .all<PageImages & Record<string, unknown>>();
  return results[0] ?? null;
}

/** Adds a page; `conflict` when its id is taken. */
export async function createPage(
  db: D1Database,
  page: Page,
  images: PageImages,
  nowMs: number,
): Promise<WriteOutcome> {
  const { meta } = await drizzle(db)
    .insert(pages)
    .values({ ...rowOf(page, images), createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoNothing()
    .run();
  return meta.changes > 0 ? "written" : "conflict";
}

/** Replaces a page as it was read; `conflict` when it has changed since. */
export async function replacePage(
  db: D1Database,
  before: StoredPage,
  after: Page,
  images: PageImages,
  nowMs: number,
): Promise<WriteOutcome> {
  const { meta } = await drizzle(db)
    .update(pages)
    .set({ ...rowOf(after, images), updatedAtMs: nowMs })
    .where(and(eq(pages.id, before.page.id), eq(pages.definition, before.revision)))
    .run();
  return meta.changes > 0 ? "written" : "conflict";
}

/** Deletes a page; false when there was none of that id. */
export async function deletePage(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await drizzle(db).delete(pages).where(eq(pages.id, id)).run();
  return meta.changes > 0;
}
