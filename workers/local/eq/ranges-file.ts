/**
 * The published list of Cloudflare's address ranges, read from what they publish and written as the
 * module that probes are built with. Pure: text in, text out.
 */
import { addressBytes, isPrivateAddress } from "../../../shared/probe/address.ts";
import { Complaint } from "../complaint.ts";

/** Ranges wider than this are a mistake: every target in them would be checked over fetch. */
const PREFIX_BITS_MIN = { 4: 8, 6: 16 } as const;

interface Range {
  text: string;
  bytes: number[];
  bits: number;
}

/**
 * Parses ranges in CIDR notation, one per line; empty lines and comments (`#`) are passed over.
 *
 * @param source where the text is from, for complaints
 * @throws Complaint that names the line
 */
export function parseRanges(text: string, source: string): string[] {
  const ranges = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.replace(/#.*/, "").trim(), number: index + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => {
      if (parseRange(line) !== null) return line;
      const shown = JSON.stringify(line.slice(0, 40));
      throw new Complaint(
        `${source}, line ${number}: ${shown} is not a public range such as 104.16.0.0/13`,
      );
    });
  if (ranges.length === 0) throw new Complaint(`${source} holds no ranges`);
  return ranges;
}

function parseRange(text: string): Range | null {
  const [ip = "", prefix = "", ...more] = text.split("/");
  const bytes = addressBytes(ip);
  const bits = Number(prefix);
  if (bytes === null || more.length > 0 || !/^\d{1,3}$/.test(prefix)) return null;
  const family = bytes.length === 4 ? 4 : 6;
  if (bits < PREFIX_BITS_MIN[family] || bits > bytes.length * 8) return null;
  if (isPrivateAddress({ ip, family }) || hasHostBits(bytes, bits)) return null;
  return { text, bytes, bits };
}

/** Whether an address has bits set behind its prefix: then it is no range's first address. */
function hasHostBits(bytes: readonly number[], bits: number): boolean {
  return bytes.some((byte, index) => {
    const counted = Math.min(8, Math.max(0, bits - index * 8));
    return (byte & (0xff >> counted)) !== 0;
  });
}

/** Ranges without repetitions, IPv4 before IPv6, each in the order of addresses. */
export function sortRanges(ranges: readonly string[]): string[] {
  const parsed = [...new Set(ranges)].flatMap((text) => parseRange(text) ?? []);
  return parsed.sort(compare).map(({ text }) => text);
}

function compare(left: Range, right: Range): number {
  if (left.bytes.length !== right.bytes.length) return left.bytes.length - right.bytes.length;
  for (const [index, byte] of left.bytes.entries()) {
    const difference = byte - (right.bytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.bits - right.bits;
}

/** The module with the list. @param day of the list, `YYYY-MM-DD` */
export function renderRangesModule(ranges: readonly string[], day: string): string {
  return `/**
 * Cloudflare's address ranges as published at https://www.cloudflare.com/ips, IPv4 before IPv6.
 * Written by \`npm run eq -- ranges refresh\`. Pure data; imports nothing.
 */

/** Day on which this was written. */
export const CLOUDFLARE_RANGES_DAY = "${day}";

/** Ranges in CIDR notation. */
export const CLOUDFLARE_RANGES: readonly string[] = [
${ranges.map((range) => `  "${range}",\n`).join("")}];
`;
}
