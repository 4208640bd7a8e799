/**
 * Words in one language: messages filled in, numbers, durations, moments and lists as the language
 * writes them, by `Intl`. The server writes UTC; the live script puts times into the visitor's zone.
 *
 * Free text of probes never reaches a page; everything here is rendered from closed lists and
 * numbers. Pure: no clock, no markup.
 */
import { shownUptime } from "../../../../shared/monitor/uptime.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import { REGIONS } from "../../../../shared/regions.ts";
import { nameWords } from "../view-model/words.ts";
import type { Catalogue, Messages, Plural } from "./catalogue.ts";

/** How exactly a moment is written. */
export type MomentStyle = "clock" | "moment" | "instant" | "day" | "month";

/** A language as pages know it. */
export interface LanguageFacts {
  /** Tag of the page's `lang` (BCP 47), e.g. `pt`. */
  tag: string;
  /** Tag by which `Intl` formats, e.g. `en-GB`. */
  locale: string;
  direction: "ltr" | "rtl";
}

/** What a message is filled with. */
export type Values = Readonly<Record<string, string>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Milliseconds of a UTC day. */
export const DAY_MS = 86_400_000;

const TIME = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
const DATE = { day: "numeric", month: "short" } as const;
/** How each style of a moment is formatted; the live script uses the same. */
export const MOMENT_FORMATS: Readonly<Record<MomentStyle, Intl.DateTimeFormatOptions>> = {
  clock: { ...TIME, second: "2-digit" },
  moment: { ...DATE, ...TIME },
  instant: { ...DATE, ...TIME, second: "2-digit" },
  day: { ...DATE, year: "numeric" },
  month: { month: "long", year: "numeric" },
};

/** Fills `{name}` of a message; what has no value stays. */
export function fill(message: string, values: Values): string {
  return message.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Words in one language. */
export class Words {
  readonly language: LanguageFacts;
  readonly t: Messages;
  readonly #catalogue: Catalogue;
  readonly #rules: Intl.PluralRules;
  readonly #numbers: Intl.NumberFormat;
  /** By their decimals: making a format takes far longer than using it. */
  readonly #decimals = new Map<number, Intl.NumberFormat>();
  readonly #percents: Intl.NumberFormat;
  readonly #list: Intl.ListFormat;
  readonly #moments = new Map<MomentStyle, Intl.DateTimeFormat>();

  constructor(language: LanguageFacts, catalogue: Catalogue) {
    const { locale } = language;
    this.language = language;
    this.t = catalogue.messages;
    this.#catalogue = catalogue;
    this.#rules = new Intl.PluralRules(locale);
    this.#numbers = new Intl.NumberFormat(locale);
    this.#percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 3 });
    this.#list = new Intl.ListFormat(locale, { type: "conjunction" });
  }

  /** A number with at most `digits` decimals, 0 unless said. */
  number(value: number, digits = 0): string {
    if (digits === 0) return this.#numbers.format(value);
    let format = this.#decimals.get(digits);
    if (format === undefined) {
      const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      format = new Intl.NumberFormat(this.language.locale, options);
      this.#decimals.set(digits, format);
    }
    return format.format(value);
  }

  /** A message in the form that a whole number asks for, with the number as `{n}`. */
  count(number: number, message: Plural, values: Values = {}): string {
    const form = message[this.#rules.select(number)] ?? message.other;
    return fill(form, { ...values, n: this.number(number) });
  }

  /** An uptime (0 … 1) in percent, as {@link shownUptime} rounds it. */
  percent(uptime: number): string {
    return this.#percents.format(shownUptime(uptime));
  }

  /** `a`, `a and b`, `a, b and c`. */
  list(items: readonly string[]): string {
    return this.#list.format(items);
  }

  /** `a, b, c`. */
  enumerate(items: readonly string[]): string {
    return items.join(this.t.units.comma);
  }

  /** A duration in at most two units: `4 s`, `3 min`, `1 h 12 min`, `2 days 3 h`. */
  duration(durationMs: number): string {
    const spanMs = Math.max(0, durationMs);
    const { units } = this.t;
    const whole = (unit: string, value: number) => fill(unit, { n: this.number(value) });
    if (spanMs < MINUTE_MS) return whole(units.s, Math.floor(spanMs / SECOND_MS));
    if (spanMs < HOUR_MS) return whole(units.min, Math.floor(spanMs / MINUTE_MS));
    const isDays = spanMs >= DAY_MS;
    const [bigMs, smallMs] = isDays ? [DAY_MS, HOUR_MS] : [HOUR_MS, MINUTE_MS];
    const bigs = Math.floor(spanMs / bigMs);
    const smalls = Math.floor((spanMs % bigMs) / smallMs);
    const big = isDays ? this.days(bigs) : whole(units.h, bigs);
    return smalls === 0 ? big : `${big} ${whole(isDays ? units.h : units.min, smalls)}`;
  }

  /** `1 day`, `34 days`. */
  days(days: number): string {
    return this.count(days, this.t.units.day);
  }

  /** A known time: whole days where there is one, never rounded up, else exactly. */
  period(periodMs: number): string {
    return periodMs < DAY_MS ? this.duration(periodMs) : this.days(Math.floor(periodMs / DAY_MS));
  }

  /** `4 s ago`. */
  age(ageMs: number): string {
    return fill(this.t.units.ago, { duration: this.duration(ageMs) });
  }

  /** A latency: `4.2 ms`, `142 ms`, `1.24 s`. */
  latency(latencyMs: number): string {
    const { ms, s } = this.t.units;
    if (latencyMs < 9.95) return fill(ms, { n: this.number(latencyMs, 1) });
    if (latencyMs < 999.5) return fill(ms, { n: this.number(Math.round(latencyMs)) });
    return fill(s, { n: this.number(latencyMs / SECOND_MS, 2) });
  }

  /** A round latency, without decimals that say nothing: `0 ms`, `50 ms`, `1.5 s`. */
  roundLatency(latencyMs: number): string {
    const { ms, s } = this.t.units;
    return latencyMs >= SECOND_MS
      ? fill(s, { n: this.#numbers.format(latencyMs / SECOND_MS) })
      : fill(ms, { n: this.#numbers.format(latencyMs) });
  }

  /** A moment in UTC: `20:31:04 UTC`, `20 Nov, 20:31 UTC`, `20 Nov 2026`. */
  moment(atMs: number, style: MomentStyle): string {
    let format = this.#moments.get(style);
    if (format === undefined) {
      const options = { ...MOMENT_FORMATS[style], hourCycle: "h23", timeZone: "UTC" } as const;
      format = new Intl.DateTimeFormat(this.language.locale, options);
      this.#moments.set(style, format);
    }
    return format.format(atMs);
  }

  /** What a reason means; null when there is none. */
  reason(reason: Reason | null): string | null {
    return reason === null ? null : this.#catalogue.reasons[reason];
  }

  /** A region's name; its id where it is not in the catalogue. */
  place(region: string): string {
    const known = REGIONS.find(({ id }) => id === region);
    return known === undefined ? region : this.#catalogue.places[known.id];
  }

  /** A name that someone typed, made safe to stand in this language's sentences. */
  name(name: string): string {
    return nameWords(name, this.language.direction === "rtl");
  }
}
