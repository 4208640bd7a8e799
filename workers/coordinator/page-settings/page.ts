/**
 * The settings of a public page: where it answers, which monitors it shows, and how it looks. One
 * schema for the API, the configuration file and what is stored. Pure.
 */
import { z } from "zod";
import { eachOnce, idSchema } from "../../../shared/monitor/monitor.ts";
import { accessSchema, renderAccess, storedAccessSchema } from "./access.ts";
import { SCHEMES, TEXT_CONTRAST_MIN, contrast } from "./contrast.ts";
import { CSS_CHARACTERS_MAX, findCssProblem } from "./custom-css.ts";
import type { ImageFacts } from "./image.ts";
import { IMAGE_CHARACTERS_MAX, IMAGE_TYPES, imagePath, parseImage } from "./image.ts";

/** Id of the page that answers on every host name that is no other page's. */
export const DEFAULT_PAGE_ID = "default";
/** Pages of one network; more than the free plan's D1 reads carry. */
export const PAGES_MAX = 50;

/** A host name in its one spelling: lower case, ASCII, no dot at its end; null: it is none. */
export function normaliseHost(host: string): string | null {
  const name = host.trim().replace(/\.$/, "");
  if (!/^[^\s/?#@:\\[\]]{1,253}$/.test(name) || !URL.canParse(`https://${name}/`)) return null;
  const { hostname } = new URL(`https://${name}/`);
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(hostname) ? hostname : null;
}

const hostSchema = z
  .string()
  .max(253)
  .transform((value, context) => {
    const host = normaliseHost(value);
    if (host !== null) return host;
    const message = "expected a host name such as status.example.com, without scheme and port";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** A `data:` URL, or the path that stands for what is stored. */
const imageSchema = z
  .string()
  .max(IMAGE_CHARACTERS_MAX)
  .superRefine((value, context) => {
    if (value.startsWith("/assets/")) return;
    const parsed = parseImage(value);
    if ("error" in parsed) context.addIssue({ code: "custom", message: parsed.error });
  })
  .nullable()
  .default(null);

const colourSchema = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, "expected a colour such as #1756b8")
  .transform((colour) => colour.toLowerCase());

/** Colours of one scheme, which must leave every text readable (WCAG AA). */
function schemeSchema(scheme: keyof typeof SCHEMES) {
  const own = SCHEMES[scheme];
  return z
    .strictObject({
      accent: colourSchema.optional(),
      background: colourSchema.optional(),
    })
    .superRefine(({ accent, background = own.background }, context) => {
      const require = (field: string, text: string, on: string, what: string) => {
        const found = contrast(text, on);
        if (found >= TEXT_CONTRAST_MIN) return;
        const message =
          `expected a contrast of at least ${TEXT_CONTRAST_MIN}:1 ${what} (WCAG AA); ` +
          `it is ${Math.floor(found * 100) / 100}:1`;
        context.addIssue({ code: "custom", path: [field], message });
      };
      require("background", own.ink, background, `with the text ${own.ink}`);
      require("background", own.quiet, background, `with the quiet text ${own.quiet}`);
      if (accent === undefined) return;
      require("accent", accent, own.card, `with the cards' ${own.card}`);
      require("accent", accent, background, `with the background ${background}`);
    })
    .prefault({});
}

const linkSchema = z.strictObject({
  label: z.string().trim().min(1).max(60),
  url: z
    .url({ protocol: /^https$/, error: "expected an https:// URL" })
    .max(2_048)
    .refine((url) => URL.canParse(url) && new URL(url).username === "", "expected no credentials"),
  place: z.enum(["header", "footer"]).default("header"),
});

const detailsSchema = z
  .strictObject({
    /** What each region sees; hidden, with it what is shown by region. */
    regions: z.boolean().default(true),
    /** How fast checks are. */
    latency: z.boolean().default(true),
    /** Why something does not work. */
    reasons: z.boolean().default(true),
  })
  .prefault({});

const commonShape = {
  name: z.string().trim().min(1).max(80),
  hosts: z.array(hostSchema).max(20).superRefine(eachOnce).default([]),
  monitors: z.array(idSchema).max(1_000).superRefine(eachOnce).default([]),
  groups: z.array(z.string().trim().min(1).max(100)).max(100).superRefine(eachOnce).default([]),
  colors: z.strictObject({ light: schemeSchema("light"), dark: schemeSchema("dark") }).prefault({}),
  links: z.array(linkSchema).max(12).default([]),
  /** Markdown. */
  footer: z.string().trim().max(2_000).default(""),
  css: z
    .string()
    .trim()
    .max(CSS_CHARACTERS_MAX)
    .superRefine((text, context) => {
      const problem = text.length > CSS_CHARACTERS_MAX ? null : findCssProblem(text);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    })
    .default(""),
  details: detailsSchema,
};

/** Names of a page's pictures, which are also the columns that hold them. */
export const IMAGE_NAMES = ["logo", "logoDark", "favicon"] as const;
/** Name of a picture. */
export type ImageName = (typeof IMAGE_NAMES)[number];

const declaredShape = {
  ...commonShape,
  logo: imageSchema,
  logoDark: imageSchema,
  favicon: imageSchema,
  access: accessSchema,
};

/** A page as it is declared: a name is enough. */
export const pageInputSchema = z.strictObject({ id: idSchema.optional(), ...declaredShape });
/** A whole page in the form of the API. */
export const declaredPageSchema = z.strictObject({ id: idSchema, ...declaredShape });

/** A page as it is declared. */
export type PageInput = z.output<typeof pageInputSchema>;
/** A page in the form of the API. */
export type DeclaredPage = z.output<typeof declaredPageSchema>;

const factsSchema = z
  .strictObject({
    type: z.enum(Object.keys(IMAGE_TYPES) as [ImageFacts["type"], ...Array<ImageFacts["type"]>]),
    hash: z.string(),
    width: z.number(),
    height: z.number(),
  })
  .nullable();

const schemeStored = z.strictObject({
  accent: z.string().optional(),
  background: z.string().optional(),
});

/**
 * Schema of a stored page; its pictures' bytes lie beside it. What was accepted once is not judged
 * again: a later release may be stricter.
 */
export const pageSchema = z.strictObject({
  ...commonShape,
  id: idSchema,
  hosts: z.array(z.string()),
  colors: z.strictObject({ light: schemeStored, dark: schemeStored }),
  css: z.string(),
  logo: factsSchema,
  logoDark: factsSchema,
  favicon: factsSchema,
  access: storedAccessSchema,
});

/** A page's settings. */
export type Page = z.output<typeof pageSchema>;

/** What of the parts of a page is shown. */
export type PageDetails = Page["details"];

/** Whether a page answers on every host name that is no other page's. */
export function isFallback({ id, hosts }: Pick<Page, "id" | "hosts">): boolean {
  return id === DEFAULT_PAGE_ID || hosts.length === 0;
}

/** The page of a host name; null: none was set up for it. */
export function findPage<P extends Pick<Page, "id" | "hosts">>(
  pages: readonly P[],
  host: string,
): P | null {
  const name = normaliseHost(host) ?? host;
  return pages.find(({ hosts }) => hosts.includes(name)) ?? pages.find(isFallback) ?? null;
}

/** Where a page serves its pictures. */
export function imagePaths(page: Page): Record<ImageName, string | null> {
  const path = (name: ImageName) => {
    const facts = page[name];
    return facts === null ? null : imagePath(name === "logoDark" ? "logo-dark" : name, facts);
  };
  return { logo: path("logo"), logoDark: path("logoDark"), favicon: path("favicon") };
}

/**
 * Writes a page in the form of the API: pictures as the paths under which they are served, and of its
 * secrets only that there are some.
 */
export function renderPage(page: Page): DeclaredPage {
  return { ...page, ...imagePaths(page), access: renderAccess(page.access) };
}
