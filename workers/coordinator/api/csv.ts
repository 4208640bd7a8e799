/**
 * CSV after RFC 4180, safe to open in a spreadsheet. Pure.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers are
 * written as they are, what is not known as an empty field.
 */

/** A field. */
export type CsvValue = string | number | null;

/** What begins a formula in one spreadsheet or another. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

function encodeField(value: CsvValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Encodes a header and records; each line ends with CR LF. */
export function encodeCsv(
  header: readonly string[],
  records: ReadonlyArray<readonly CsvValue[]>,
): string {
  return [header, ...records].map((record) => `${record.map(encodeField).join(",")}\r\n`).join("");
}
