/** Pages as owners set them up, for tests of what is served. */
import type { DeclaredAccess } from "../../workers/coordinator/page-settings/access.ts";
import { sealAccess } from "../../workers/coordinator/page-settings/access.ts";
import { parseImage } from "../../workers/coordinator/page-settings/image.ts";
import type { Page, PageInput } from "../../workers/coordinator/page-settings/page.ts";
import { IMAGE_NAMES, pageInputSchema } from "../../workers/coordinator/page-settings/page.ts";
import type { SetUpPage } from "./page-environment.ts";

/** A `data:` URL of a text. */
export function dataUrl(type: string, text: string): string {
  return `data:${type};base64,${Buffer.from(text).toString("base64")}`;
}

function drawLogo(ink: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40" viewBox="0 0 150 40">' +
    '<rect x="2" y="6" width="28" height="28" rx="8" fill="#7347c8"/>' +
    '<path d="M9 22h5l3-8 4 13 3-5h3" fill="none" stroke="#fff" stroke-width="2.6"/>' +
    `<path d="M42 12v17M42 12h10M42 20h8M42 29h10M72 13a8.5 8.5 0 1 0 0 15M82 12v17M82 20h11M93 12` +
    'v17M104 20.500a8.500 8.500 0 1 0 17 0a8.500 8.500 0 1 0-17 0" fill="none" ' +
    `stroke="${ink}" stroke-width="3" stroke-linecap="round"/></svg>`
  );
}

/** A logo for light backgrounds, and one for dark ones. */
export const LOGO = dataUrl("image/svg+xml", drawLogo("#1b1530"));
export const LOGO_DARK = dataUrl("image/svg+xml", drawLogo("#f1ecff"));

/** A page with these settings, as it is stored. */
export function setUpPage(
  settings: Partial<Record<keyof PageInput, unknown>> & { name: string },
): SetUpPage {
  const { id = "own", access: _sealed, ...declared } = pageInputSchema.parse(settings);
  const facts: Record<string, unknown> = {};
  const images: Partial<Record<string, string>> = {};
  for (const name of IMAGE_NAMES) {
    const parsed = parseImage(declared[name] ?? "");
    facts[name] = "error" in parsed ? null : parsed.facts;
    if (declared[name] !== null) images[name] = declared[name];
  }
  return { page: { ...declared, id, ...facts, access: null } as Page, ...images };
}

/** A page that asks for a password, a token or either. */
export async function setUpPrivatePage(
  settings: Parameters<typeof setUpPage>[0] & { access: DeclaredAccess },
): Promise<SetUpPage> {
  const { page, ...images } = setUpPage(settings);
  const sealed = await sealAccess(settings.access, null);
  if ("repeated" in sealed) throw new Error("a page is set up with nothing to keep");
  return { page: { ...page, access: sealed.access }, ...images };
}

/** A page with everything that an owner can change. */
export const OWN_PAGE = {
  id: "own",
  name: "Echo Cloud Status",
  hosts: ["status.echo.example"],
  logo: LOGO,
  logoDark: LOGO_DARK,
  favicon: LOGO,
  colors: {
    light: { accent: "#6a35c9", background: "#f7f4fd" },
    dark: { accent: "#c4a8ff", background: "#100b1c" },
  },
  links: [
    { label: "Help centre", url: "https://help.example/" },
    { label: "Contact support", url: "https://help.example/contact", place: "footer" },
    { label: "Privacy", url: "https://echo.example/privacy", place: "footer" },
  ],
  footer:
    "**Echo Cloud Ltd.**, 1 Harbour Street. Call [support](https://help.example/) at any hour.",
  css: ".headline { border-radius: 28px } .card { border-radius: 20px }",
};
