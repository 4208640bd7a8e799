/** Numbers, moments and names in words, in each language. */
import { describe, expect, it } from "vitest";
import {
  chooseLanguage,
  ENGLISH,
  OFFERED,
  wordsOf,
} from "../../../../../workers/coordinator/pages/language/languages.ts";
import { nameWords } from "../../../../../workers/coordinator/pages/view-model/words.ts";
import { Hono } from "hono";

describe("words", () => {
  it.each([
    [-5, "0 s"],
    [4_999, "4 s"],
    [60_000, "1 min"],
    [4_320_000, "1 h 12 min"],
    [7_200_000, "2 h"],
    [86_400_000, "1 day"],
    [183_600_000, "2 days 3 h"],
  ])("write a duration of %i ms as %s", (durationMs, words) => {
    expect(ENGLISH.duration(durationMs)).toBe(words);
  });

  it.each([
    [10_800_000, "3 h"],
    [86_399_999, "23 h 59 min"],
    [914_112_000, "10 days"],
    [7_776_000_000, "90 days"],
  ])("write a known time of %i ms as %s, never rounded up", (periodMs, words) => {
    expect(ENGLISH.period(periodMs)).toBe(words);
  });

  it.each([
    [4.21, "4.2 ms"],
    [9.96, "10 ms"],
    [142.4, "142 ms"],
    [999.7, "1.00 s"],
  ])("write a latency of %f ms as %s", (latencyMs, words) => {
    expect(ENGLISH.latency(latencyMs)).toBe(words);
  });

  it.each([
    ["clock", "04:05:06 UTC"],
    ["moment", "9 Feb, 04:05 UTC"],
    ["instant", "9 Feb, 04:05:06 UTC"],
    ["day", "9 Feb 2026"],
    ["month", "February 2026"],
  ] as const)("write a moment as %s", (style, words) => {
    expect(ENGLISH.moment(Date.UTC(2026, 1, 9, 4, 5, 6), style)).toBe(words);
  });

  it("count and list", () => {
    const { regions } = ENGLISH.t.incident;
    expect(ENGLISH.count(1, regions)).toBe("1 region");
    expect(ENGLISH.count(1_200, regions)).toBe("1,200 regions");
    expect(ENGLISH.list(["a", "b", "c"])).toBe("a, b and c");
    expect(ENGLISH.list(["a"])).toBe("a");
  });

  it("never round an uptime up", () => {
    expect(ENGLISH.percent(1)).toBe("100%");
    expect(ENGLISH.percent(0.999_999_9)).toBe("99.999%");
    expect(wordsOf("de").percent(0.999_829)).toBe("99,982\u00A0%");
  });

  it.each([
    ["en", "7 Nov, 09:30 UTC", "12 min ago", "1,234.50"],
    ["de", "7. Nov., 09:30 UTC", "vor 12 min", "1.234,50"],
    ["fr", "7 nov., 09:30 UTC", "il y a 12 min", "1\u202F234,50"],
    ["es", "7 nov, 09:30 UTC", "hace 12 min", "1234,50"],
    ["pt", "7 de nov., 09:30 UTC", "há 12 min", "1.234,50"],
    ["ja", "11月7日 09:30 UTC", "12 分前", "1,234.50"],
    ["zh", "11月7日 UTC 09:30", "12 分钟前", "1,234.50"],
    ["ar", "7 نوفمبر، 09:30 UTC", "قبل 12 د", "1,234.50"],
  ])("are those of the language: %s", (tag, moment, age, number) => {
    const words = wordsOf(tag);
    expect(words.moment(Date.UTC(2026, 10, 7, 9, 30), "moment")).toBe(moment);
    expect(words.age(725_000)).toBe(age);
    expect(words.number(1_234.5, 2)).toBe(number);
  });

  it("take the forms that a number asks for", () => {
    const forms = [1, 2, 3, 11, 100].map((days) => wordsOf("ar").days(days));
    expect(forms).toEqual(["يوم واحد", "يومان", "3 أيام", "11 يومًا", "100 يوم"]);
    expect([0, 1, 2].map((days) => wordsOf("fr").days(days))).toEqual([
      "0 jour",
      "1 jour",
      "2 jours",
    ]);
  });

  it("keep a name from turning the text around it", () => {
    expect(nameWords("\u202Eevil\u2069")).toBe("evil");
    expect(nameWords("line\nbreak\u0000")).toBe("linebreak");
    expect(nameWords("خدمة")).toBe("\u2068خدمة\u2069");
    expect(nameWords("Chat 🛰️")).toBe("Chat 🛰️");
    expect(wordsOf("ar").name("Chat")).toBe("\u2068Chat\u2069");
  });
});

/** Every message with its path, forms by number as one. */
function messages(node: unknown, path = ""): Array<{ path: string; texts: string[] }> {
  if (typeof node === "string") return [{ path, texts: [node] }];
  const entries = Object.entries(node as Record<string, unknown>);
  if (entries.some(([key]) => key === "other")) {
    return [{ path, texts: entries.map(([, text]) => String(text)) }];
  }
  return entries.flatMap(([key, value]) => messages(value, `${path}.${key}`));
}
const names = (text: string) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name));

describe("every language", () => {
  const english = messages(ENGLISH.t);

  it.each(OFFERED.map(({ tag }) => tag))("fills in what English fills in: %s", (tag) => {
    const wrong = messages(wordsOf(tag).t).flatMap(({ path, texts }, index) => {
      const known = new Set(english[index]?.texts.flatMap((text) => [...names(text)]));
      const used = new Set(texts.flatMap((text) => [...names(text)]));
      // A form for one or two may say the number in words.
      const missing = [...known].filter((name) => !used.has(name));
      const unknown = [...used].filter((name) => !known.has(name));
      return [...missing, ...unknown].map((name) => `${path}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it.each(OFFERED.map(({ tag }) => tag))("has every form that its numbers ask for: %s", (tag) => {
    const rules = new Intl.PluralRules(wordsOf(tag).language.locale);
    expect(rules.resolvedOptions().locale.slice(0, 2)).toBe(tag);
    for (const { texts } of messages(wordsOf(tag).t)) {
      expect(texts.every((text) => text.trim() !== "")).toBe(true);
    }
  });
});

describe("the language of a page", () => {
  const app = new Hono().get("/", (context) => context.json(chooseLanguage(context)));
  const chosen = async (path: string, accept?: string) =>
    (
      await app.request(
        path,
        accept === undefined ? {} : { headers: { "accept-language": accept } },
      )
    ).json();

  it.each([
    ["/", undefined, "en", false],
    ["/", "de", "de", false],
    ["/", "de-AT, en;q=0.5", "de", false],
    ["/", "nl, fr;q=0.8, en;q=0.9", "en", false],
    ["/", "nl;q=1, ar-EG;q=0.4", "ar", false],
    ["/", "zh-Hans-CN", "zh", false],
    ["/", "de;q=0, ja", "ja", false],
    ["/", "*", "en", false],
    ["/", "\u0000;;;,,q=", "en", false],
    ["/?lang=pt", "de", "pt", true],
    ["/?lang=xx", "es", "es", false],
  ])("%s with %j is %s", async (path, accept, tag, named) => {
    const header = accept?.replaceAll("\u0000", "");
    expect(await chosen(path, header)).toEqual({ tag, named });
  });
});
