/**
 * Addresses of targets: literals in URLs, ranges, and those that the platform refuses to connect to.
 * Pure.
 */
import type { Address } from "./observation.ts";

/** Ranges that are not reachable from the public internet (RFC 6890), and multicast. */
const PRIVATE_RANGES = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
  "::/16",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];

/** The literal address in a URL's host name (`[::1]` with its brackets); null for a name. */
export function literalAddress(hostname: string): Address | null {
  if (hostname.startsWith("[") && hostname.endsWith("]")) {
    return { ip: hostname.slice(1, -1), family: 6 };
  }
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname) ? { ip: hostname, family: 4 } : null;
}

/** Whether a name means the machine itself (RFC 6761 §6.3); it has no place in public DNS. */
export function isLocalhost(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost");
}

/** Whether an address is private, loopback, link-local, multicast or otherwise not public. */
export function isPrivateAddress(address: Address): boolean {
  return PRIVATE_RANGES.some((range) => isInRange(address, range));
}

/**
 * Whether an address lies in a range of CIDR notation. An IPv4 address mapped into IPv6 counts as
 * what it is; an address or a range that cannot be read contains and is contained by nothing.
 */
export function isInRange(address: Pick<Address, "ip">, range: string): boolean {
  return isInRanges(address, [parseRange(range)]);
}

/** A range as its first address and the number of leading bits that all its addresses share. */
export interface AddressRange {
  /** Null: it cannot be read and contains nothing. */
  start: readonly number[] | null;
  bits: number;
}

/** Reads CIDR notation: what is tested again and again is read once. */
export function parseRange(range: string): AddressRange {
  const [first = "", prefixBits = ""] = range.split("/");
  return { start: addressBytes(first), bits: Number(prefixBits) };
}

/** Whether an address lies in one of the ranges; see {@link isInRange}. */
export function isInRanges({ ip }: Pick<Address, "ip">, ranges: readonly AddressRange[]): boolean {
  const address = unmapped(addressBytes(ip));
  return address !== null && ranges.some((range) => contains(range, address));
}

function contains({ start, bits }: AddressRange, address: readonly number[]): boolean {
  if (start === null || address.length !== start.length) return false;
  return start.every((byte, index) => {
    const counted = Math.min(8, Math.max(0, bits - index * 8));
    return (byte ^ (address[index] ?? 0)) >> (8 - counted) === 0;
  });
}

/** The four or sixteen bytes of an address; null for what is none. */
export function addressBytes(ip: string): number[] | null {
  return ip.includes(":") ? ipv6Bytes(ip) : ipv4Bytes(ip);
}

/**
 * Four or sixteen bytes as the text of an address; IPv6 in its canonical form (RFC 5952 §4): lower
 * case, no leading zeroes, the longest run of two or more zero groups as `::`. Null for what is none.
 */
export function addressText(bytes: Uint8Array): string | null {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  const { first, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, first).join(":")}::${groups.slice(first + length).join(":")}`;
}

function longestZeroRun(groups: readonly string[]): { first: number; length: number } {
  let longest = { first: 0, length: 0 };
  let run = { first: 0, length: 0 };
  for (const [index, group] of groups.entries()) {
    if (group !== "0") continue;
    const continues = run.length > 0 && run.first + run.length === index;
    run = continues ? { ...run, length: run.length + 1 } : { first: index, length: 1 };
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

function ipv4Bytes(ip: string): number[] | null {
  const bytes = ip.split(".").map(Number);
  const valid = bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  return bytes.length === 4 && valid ? bytes : null;
}

function ipv6Bytes(ip: string): number[] | null {
  const [head = "", tail, ...more] = ip.toLowerCase().split("::");
  const before = groupBytes(head);
  const after = tail === undefined ? [] : groupBytes(tail);
  if (before === null || after === null || more.length > 0) return null;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

/** Bytes of groups separated by colons; the last may be an IPv4 address. */
function groupBytes(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  for (const group of text.split(":")) {
    if (group.includes(".")) {
      const ipv4 = ipv4Bytes(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-f]{1,4}$/.test(group)) return null;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

/** IPv4 addresses mapped into IPv6 (RFC 4291 §2.5.5.2) as IPv4. */
function unmapped(bytes: number[] | null): number[] | null {
  const isMapped =
    bytes?.length === 16 && bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 255));
  return isMapped ? bytes.slice(12) : bytes;
}
