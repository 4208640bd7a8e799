/** The languages of the public pages, and which of them a visitor gets. */
import { detectFromHeader } from "hono/language";
import type { Context } from "hono";
import { AR } from "./ar.ts";
import type { Catalogue } from "./catalogue.ts";
import { DE } from "./de.ts";
import { EN_CATALOGUE } from "./english.ts";
import { ES } from "./es.ts";
import { FR } from "./fr.ts";
import { JA } from "./ja.ts";
import { PT } from "./pt.ts";
import type { LanguageFacts } from "./words.ts";
import { Words } from "./words.ts";
import { ZH } from "./zh.ts";

interface Language extends LanguageFacts {
  /** How the language calls itself. */
  name: string;
  catalogue: Catalogue;
}

const language = (
  tag: string,
  locale: string,
  name: string,
  catalogue: Catalogue,
  direction: "ltr" | "rtl" = "ltr",
): Language => ({ tag, locale, name, catalogue, direction });

/** The languages in the order in which they are offered; the first is the fallback. */
const LANGUAGES = [
  language("en", "en-GB", "English", EN_CATALOGUE),
  language("de", "de-DE", "Deutsch", DE),
  language("fr", "fr-FR", "Français", FR),
  language("es", "es-ES", "Español", ES),
  language("pt", "pt-BR", "Português", PT),
  language("ja", "ja-JP", "日本語", JA),
  language("zh", "zh-CN", "简体中文", ZH),
  // Latin digits, as in the codes and figures of the field.
  language("ar", "ar-u-nu-latn", "العربية", AR, "rtl"),
] as const;

/** Tags and names of the languages. */
export const OFFERED: ReadonlyArray<Pick<Language, "tag" | "name" | "direction">> = LANGUAGES;

const words = new Map<string, Words>();

/** Words in a language; in English where there is no such language. */
export function wordsOf(tag: string): Words {
  const found = LANGUAGES.find((each) => each.tag === tag) ?? LANGUAGES[0];
  const known = words.get(found.tag) ?? new Words(found, found.catalogue);
  words.set(found.tag, known);
  return known;
}

/** Words in English: what machines read, and what the API's words are made of. */
export const ENGLISH = wordsOf("en");

/** Which language a request gets. */
export interface LanguageChoice {
  tag: string;
  /** Whether its address names the language, so that links must too. */
  named: boolean;
}

/** By `lang` of the address, else by `Accept-Language` (RFC 9110 §12.5.4, RFC 4647 §3.4). */
export function chooseLanguage(context: Context): LanguageChoice {
  const supportedLanguages = LANGUAGES.map(({ tag }) => tag);
  const asked = context.req.query("lang");
  if (asked !== undefined && supportedLanguages.includes(asked)) return { tag: asked, named: true };
  const accepted = detectFromHeader(context, {
    supportedLanguages,
    fallbackLanguage: "en",
    ignoreCase: true,
    order: ["header"],
    lookupQueryString: "lang",
    lookupCookie: "lang",
    lookupFromPathIndex: 0,
    lookupFromHeaderKey: "accept-language",
    caches: false,
  });
  return { tag: accepted ?? "en", named: false };
}
