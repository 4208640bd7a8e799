/**
 * How a page calls itself and looks, whatever it shows: name, pictures, colours, links and footer, as
 * its owner has set them. Allow-listed like everything that a page shows. Pure.
 */
import { SCHEMES } from "../../page-settings/contrast.ts";
import type { ImageFacts } from "../../page-settings/image.ts";
import { pageStylesheetPath, renderPageStylesheet } from "../../page-settings/page-stylesheet.ts";
import type { Page } from "../../page-settings/page.ts";
import { imagePaths } from "../../page-settings/page.ts";
import { renderMarkdown } from "./markdown.ts";
import { nameWords } from "./words.ts";

/** How the product calls itself, where no owner has given a page a name. */
export const PRODUCT_NAME = "Echoquorum";

/** A link of the owner's. */
export interface SiteLinkView {
  label: string;
  href: string;
}

/** A logo, in the size in which it is drawn. */
export interface LogoView {
  src: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** How a page calls itself and looks. */
export interface SiteView {
  name: string;
  /** Whether the owner has given it: else it is the product's. */
  isNamed: boolean;
  /** Null: the product's mark and the name. */
  logo: (LogoView & { dark: LogoView | null }) | null;
  /** Null: one in the colour of the verdict. */
  favicon: string | null;
  /** Path of the owner's stylesheet; null: there is none. */
  stylesheet: string | null;
  headerLinks: SiteLinkView[];
  footerLinks: SiteLinkView[];
  /** Sanitised markup; null: there is none. */
  footer: string | null;
  /** Background of each scheme, for what the browser draws around the page. */
  backgrounds: { light: string; dark: string };
  /** Address of the picture that stands for the page where somebody links to it. */
  image: string;
  /** Whether it shows what regions see. */
  hasRegions: boolean;
}

/** Height of a logo on the page, in pixels, and its greatest width. */
const LOGO_HEIGHT = 32;
const LOGO_WIDTH_MAX = 240;

/** Where the picture is that stands for the page where somebody links to it. */
export const IMAGE_PATH = "/og.png";

/**
 * Renders the settings.
 *
 * @param page null: nobody has set any
 * @param origin of the page's address
 */
export function renderSite(page: Page | null, origin: string): SiteView {
  const image = `${origin}${IMAGE_PATH}`;
  if (page === null) {
    return {
      image,
      name: PRODUCT_NAME,
      isNamed: false,
      logo: null,
      favicon: null,
      stylesheet: null,
      headerLinks: [],
      footerLinks: [],
      footer: null,
      backgrounds: { light: SCHEMES.light.background, dark: SCHEMES.dark.background },
      hasRegions: true,
    };
  }
  const { colors, links, footer, details } = page;
  const stylesheet = renderPageStylesheet(page);
  const placed = (place: Page["links"][number]["place"]) =>
    links
      .filter((link) => link.place === place)
      .map(({ label, url }) => ({ label: nameWords(label), href: url }));
  return {
    image,
    name: nameWords(page.name),
    isNamed: true,
    logo: renderLogo(page),
    favicon: imagePaths(page).favicon,
    stylesheet: stylesheet === null ? null : pageStylesheetPath(stylesheet),
    headerLinks: placed("header"),
    footerLinks: placed("footer"),
    footer: footer === "" ? null : renderMarkdown(footer),
    backgrounds: {
      light: colors.light.background ?? SCHEMES.light.background,
      dark: colors.dark.background ?? SCHEMES.dark.background,
    },
    hasRegions: details.regions,
  };
}

/** Where only one scheme has a logo, the other has the same. */
function renderLogo(page: Page): SiteView["logo"] {
  const { logo, logoDark } = imagePaths(page);
  const light = renderPicture(logo, page.logo);
  const dark = renderPicture(logoDark, page.logoDark);
  if (light === null) return dark && { ...dark, dark: null };
  return { ...light, dark };
}

/** The size is known before the picture is, so that nothing moves when it comes. */
function renderPicture(src: string | null, facts: ImageFacts | null): LogoView | null {
  if (src === null || facts === null) return null;
  // One of unknown size is given the room of a square.
  const ratio = facts.width > 0 && facts.height > 0 ? facts.width / facts.height : 1;
  const width = Math.min(LOGO_WIDTH_MAX, Math.max(1, Math.round(LOGO_HEIGHT * ratio)));
  return { src, width, height: LOGO_HEIGHT };
}
