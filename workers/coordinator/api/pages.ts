/**
 * `/pages`: the settings of public pages. What was shown can be sent back: a picture's path keeps the
 * picture, and what stands for a password or token keeps that.
 */
import { REDACTED } from "../channels/channel-view.ts";
import type { PageImages, StoredPage } from "../db/page-store.ts";
import {
  createPage,
  deletePage,
  listPageIds,
  listPages,
  loadPage,
  replacePage,
} from "../db/page-store.ts";
import type { Env } from "../env.ts";
import { sealAccess } from "../page-settings/access.ts";
import type { ImageFacts } from "../page-settings/image.ts";
import { parseImage } from "../page-settings/image.ts";
import type { DeclaredPage, Page } from "../page-settings/page.ts";
import {
  IMAGE_NAMES,
  PAGES_MAX,
  declaredPageSchema,
  imagePaths,
  isFallback,
  renderPage,
} from "../page-settings/page.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { mergePatch } from "./merge-patch.ts";
import {
  createPageOperation,
  deletePageOperation,
  listPagesOperation,
  patchPageOperation,
  putPageOperation,
  readPageOperation,
} from "./page-operations.ts";
import type { FieldError } from "./problem.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import { slugOf, uniqueSlug } from "./slug.ts";
import { requireSubjects } from "./subjects.ts";

/** Attempts at a change that collides with others before it is given up. */
const ATTEMPTS_MAX = 5;

type Stored = StoredPage & { images: PageImages };

/** Routes of `/pages`. */
export function pageSettingsRoutes(): Router {
  const router = createRouter();
  routeReads(router);
  routeWrites(router);
  return router;
}

function routeReads(router: Router): void {
  router.openapi(listPagesOperation, async (context) => {
    const pages = await listPages(context.env.DB);
    return context.json(
      pages.map(({ page }) => renderPage(page)),
      200,
    );
  });

  router.openapi(readPageOperation, async (context) => {
    const { id } = context.req.valid("param");
    const stored = await loadPage(context.env.DB, id);
    if (stored === null) throw notFound("page", id);
    return context.json(renderPage(stored.page), 200);
  });
}

function routeWrites(router: Router): void {
  router.openapi(createPageOperation, async (context) => {
    const { id, ...declared } = context.req.valid("json");
    const page = await create(context.env, id, declared);
    await tellCoordinator(context.env);
    return context.json(renderPage(page), 201, { location: locationOf(page) });
  });

  router.openapi(putPageOperation, async (context) => {
    const { id } = context.req.valid("param");
    const declared = parseDeclared({ ...context.req.valid("json") }, id);
    const { page, isNew } = await change(context.env, id, () => declared);
    await tellCoordinator(context.env);
    const shown = renderPage(page);
    return isNew
      ? context.json(shown, 201, { location: locationOf(page) })
      : context.json(shown, 200);
  });

  router.openapi(patchPageOperation, async (context) => {
    const { id } = context.req.valid("param");
    const patch = context.req.valid("json");
    const { page } = await change(context.env, id, (stored) => {
      if (stored === null) throw notFound("page", id);
      return parseDeclared(mergePatch(renderPage(stored), patch), id);
    });
    await tellCoordinator(context.env);
    return context.json(renderPage(page), 200);
  });

  router.openapi(deletePageOperation, async (context) => {
    const { id } = context.req.valid("param");
    if (!(await deletePage(context.env.DB, id))) throw notFound("page", id);
    await tellCoordinator(context.env);
    return context.body(null, 204);
  });
}

function locationOf({ id }: Page): string {
  return `/api/v1/pages/${id}`;
}

/** Validates a whole page whose id is given by its path. */
function parseDeclared(body: unknown, id: string): DeclaredPage {
  const withId = typeof body === "object" && body !== null ? { id, ...body } : body;
  const parsed = declaredPageSchema.safeParse(withId);
  if (!parsed.success) throw invalidBody(renderFieldErrors(parsed.error));
  if (parsed.data.id !== id) {
    throw invalidBody([{ field: "id", message: `expected ${JSON.stringify(id)}, as in the path` }]);
  }
  return parsed.data;
}

/** What is to be stored of a page: its pictures apart, those that a path stands for as they are. */
async function complete(declared: DeclaredPage, stored: Stored | null) {
  const paths = stored === null ? null : imagePaths(stored.page);
  const facts: Record<string, ImageFacts | null> = {};
  const images: PageImages = { logo: null, logoDark: null, favicon: null };
  const errors: FieldError[] = [];
  for (const name of IMAGE_NAMES) {
    const value = declared[name];
    if (value === null) {
      facts[name] = null;
    } else if (stored !== null && value === paths?.[name]) {
      facts[name] = stored.page[name];
      images[name] = stored.images[name];
    } else {
      const parsed = parseImage(value);
      if ("error" in parsed) errors.push({ field: name, message: parsed.error });
      else [facts[name], images[name]] = [parsed.facts, value];
    }
  }
  const sealed = await sealAccess(declared.access, stored?.page.access ?? null);
  if ("repeated" in sealed) {
    const message = `expected the ${sealed.repeated}: ${REDACTED} stands for what is stored`;
    errors.push({ field: `access.${sealed.repeated}`, message: `${message}, and nothing is` });
  }
  if (errors.length > 0 || "repeated" in sealed) throw invalidBody(errors);
  return { page: { ...declared, ...facts, access: sealed.access } as Page, images };
}

/** Applies the rules that a schema cannot know: what other pages and monitors there are. */
async function accept(env: Env, page: Page, stored: Page | null): Promise<void> {
  const others = (await listPages(env.DB)).flatMap((other) =>
    other.page.id === page.id ? [] : other.page,
  );
  if (stored === null && others.length >= PAGES_MAX) {
    throw new ProblemError("conflict", `There are ${PAGES_MAX} pages, which is all there may be.`);
  }
  const errors: FieldError[] = page.hosts.flatMap((host, index) => {
    const owner = others.find(({ hosts }) => hosts.includes(host));
    if (owner === undefined) return [];
    const message = `expected a host name of no other page: it is that of "${owner.id}"`;
    return [{ field: `hosts[${index}]`, message }];
  });
  const fallback = isFallback(page) ? others.find(isFallback) : undefined;
  if (fallback !== undefined) {
    const message = `expected a host name: "${fallback.id}" answers wherever no other page does`;
    errors.push({ field: page.hosts.length === 0 ? "hosts" : "id", message });
  }
  if (errors.length > 0) throw invalidBody(errors);
  await requireSubjects(env, page, stored);
}

async function create(
  env: Env,
  id: string | undefined,
  declared: Omit<DeclaredPage, "id">,
): Promise<Page> {
  const slug = id ?? slugOf(declared.name, "page");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const free = id ?? uniqueSlug(slug, await listPageIds(env.DB, slug));
    const { page, images } = await complete({ id: free, ...declared }, null);
    await accept(env, page, null);
    if ((await createPage(env.DB, page, images, Date.now())) === "written") return page;
    if (id !== undefined) {
      throw new ProblemError(
        "conflict",
        `There is a page with the id "${id}" already. Choose another, or replace it with PUT.`,
      );
    }
  }
  throw collision();
}

/** Reads, decides and writes, again when somebody else has written in between. */
async function change(
  env: Env,
  id: string,
  decide: (stored: Page | null) => DeclaredPage,
): Promise<{ page: Page; isNew: boolean }> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await loadPage(env.DB, id);
    const { page, images } = await complete(decide(stored?.page ?? null), stored);
    await accept(env, page, stored?.page ?? null);
    const outcome =
      stored === null
        ? await createPage(env.DB, page, images, Date.now())
        : await replacePage(env.DB, stored, page, images, Date.now());
    if (outcome === "written") return { page, isNew: stored === null };
  }
  throw collision();
}

function collision(): ProblemError {
  return new ProblemError("conflict", "Others are changing it at the same time. Try again.");
}
