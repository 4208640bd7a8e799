/** The languages in which alerts can be told besides English: those of the public pages. */
import type { Words } from "../../pages/language/words.ts";
import { OFFERED, wordsOf } from "../../pages/language/languages.ts";
import type { AlertCatalogue } from "./alert-catalogue.ts";
import { AR } from "./ar.ts";
import { DE } from "./de.ts";
import { ES } from "./es.ts";
import { FR } from "./fr.ts";
import { JA } from "./ja.ts";
import { PT } from "./pt.ts";
import { ZH } from "./zh.ts";

const CATALOGUES: Readonly<Record<string, AlertCatalogue>> = {
  de: DE,
  fr: FR,
  es: ES,
  pt: PT,
  ja: JA,
  zh: ZH,
  ar: AR,
};

/** Tags of all languages, English among them. */
export const ALERT_LANGUAGES = OFFERED.map(({ tag }) => tag) as [string, ...string[]];

/** What a language takes to say an alert. */
export interface AlertLanguage {
  words: Words;
  catalogue: AlertCatalogue;
}

/** The language of a tag; null: English, in which messages are made, or none that is known. */
export function alertLanguage(tag: string | undefined): AlertLanguage | null {
  const catalogue = tag === undefined ? undefined : CATALOGUES[tag];
  return tag === undefined || catalogue === undefined ? null : { words: wordsOf(tag), catalogue };
}
