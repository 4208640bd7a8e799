/**
 * Moments as the API takes and gives them: ISO 8601, and on the way in epoch milliseconds too. Pure.
 */
import { z } from "@hono/zod-openapi";

/**
 * Date, or date and time with an offset (RFC 3339, as a profile of ISO 8601). A plus sign that was
 * not encoded in a query arrives as a space, so that one before the offset is taken for it.
 */
const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)([Zz]|[+\- ]\d{2}:\d{2}))?$/;
/** Largest epoch milliseconds that a date can hold (ECMA-262 §21.4.1.1). */
const EPOCH_MS_MAX = 8.64e15;

/** Parses ISO 8601 or epoch milliseconds into epoch milliseconds; null: neither. */
export function parseMoment(text: string): number | null {
  if (/^\d{1,16}$/.test(text)) {
    const epochMs = Number(text);
    return epochMs <= EPOCH_MS_MAX ? epochMs : null;
  }
  const [matched, date = "", time, offset = ""] = ISO.exec(text) ?? [];
  if (matched === undefined || !isDate(date)) return null;
  const epochMs = Date.parse(
    time === undefined ? date : `${date}T${time}${offset.toUpperCase().replace(" ", "+")}`,
  );
  return Number.isNaN(epochMs) ? null : epochMs;
}

/** Whether there is such a day: `Date` takes 31 November for the first of December. */
function isDate(date: string): boolean {
  const epochMs = Date.parse(date);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(date);
}

/** A moment in a query. */
export const momentSchema = z
  .string()
  .transform((text, context) => {
    const epochMs = parseMoment(text);
    if (epochMs !== null) return epochMs;
    context.addIssue({ code: "custom", message: "expected ISO 8601 or epoch milliseconds" });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    description: "ISO 8601 such as `2026-11-20T14:02:11Z`, or epoch milliseconds.",
  });

/** A moment in an answer. */
export const isoSchema = z.string().openapi({ format: "date-time" });

/** ISO 8601 of a moment. */
export function renderMoment(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** ISO 8601 of a moment that may not have come. */
export function renderMomentOrNull(atMs: number | null): string | null {
  return atMs === null ? null : renderMoment(atMs);
}
