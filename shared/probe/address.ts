/**
 * Addresses of targets: literals in URLs, and those that the platform refuses to connect to.
 * Pure.
 */
import type { Address } from "./observation.ts";

/** IPv4 ranges that are not reachable from the public internet (RFC 6890), as [first, prefix]. */
const PRIVATE_IPV4: ReadonlyArray<readonly [first: string, prefixBits: number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
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

/** Whether an address is private, loopback, link-local or otherwise not public. */
export function isPrivateAddress({ ip, family }: Address): boolean {
  if (family === 4) return isPrivateIpv4(ip);
  const lower = ip.toLowerCase();
  const mapped = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(lower)?.[1];
  if (mapped !== undefined) return isPrivateIpv4(mapped);
  const mappedHex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(lower);
  if (mappedHex !== null) {
    const [high, low] = [parseInt(mappedHex[1] ?? "0", 16), parseInt(mappedHex[2] ?? "0", 16)];
    return isPrivateIpv4([high >> 8, high & 255, low >> 8, low & 255].join("."));
  }
  const first = parseInt(lower.split(":")[0] ?? "", 16);
  if (Number.isNaN(first)) return true;
  // Unique local fc00::/7, link-local fe80::/10, multicast ff00::/8, and :: and ::1 among 0::/16.
  return (
    first === 0 || (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || first >= 0xff00
  );
}

function isPrivateIpv4(ip: string): boolean {
  const value = ipv4Number(ip);
  return PRIVATE_IPV4.some(([first, prefixBits]) => {
    const size = 2 ** (32 - prefixBits);
    return Math.floor(value / size) === Math.floor(ipv4Number(first) / size);
  });
}

function ipv4Number(ip: string): number {
  return ip.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}
