/** A page as the document that is sent: in one language, with its address in all others. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { PageLanguage } from "./components/page-language.tsx";
import { InLanguage } from "./components/page-language.tsx";
import { OFFERED } from "./language/languages.ts";

/**
 * Renders a document.
 *
 * @param addressIn address of this very page in the language of a tag
 */
export function renderDocument(
  language: Omit<PageLanguage, "offered">,
  addressIn: (tag: string) => string,
  page: JSX.Element,
): string {
  const offered = OFFERED.map((each) => ({ ...each, href: addressIn(each.tag) }));
  const html = <InLanguage value={{ ...language, offered }}>{page}</InLanguage>;
  return `<!doctype html>${String(html)}`;
}
