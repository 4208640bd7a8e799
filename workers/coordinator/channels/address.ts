/**
 * Which hosts an alert may not be sent to: this machine and private networks.
 *
 * A channel's URL is written by a person and called by us, so it could aim at what only we can reach
 * (server-side request forgery). This looks at the URL alone: it refuses literal addresses and
 * reserved names. A public name that resolves to a private address passes; deployed, Workers cannot
 * reach private networks anyway, locally such addresses are allowed. Pure.
 * Ranges: IANA special-purpose address registries (RFC 6890); names: RFC 6761, 6762, 8375, 9476.
 */

/** First address and prefix length of each IPv4 block that is not public. */
const IPV4_BLOCKS: ReadonlyArray<readonly [base: string, bits: number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

const PRIVATE_NAMES = /(^|\.)(localhost|local|internal|home\.arpa|test|invalid|onion|alt)\.?$/;

/**
 * Whether a host is loopback, private, link-local, multicast, reserved, or a name for such.
 *
 * @param hostname as `URL.hostname` gives it: lower case, IPv4 in dotted form, IPv6 in brackets
 */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return isPrivateIpv6(hostname.slice(1, -1));
  const octets = parseIpv4(hostname);
  if (octets !== null) return isPrivateIpv4(octets);
  // A name without a dot is looked up in the local network only.
  return !hostname.replace(/\.$/, "").includes(".") || PRIVATE_NAMES.test(hostname);
}

/** The address as a 32-bit number; null: not an IPv4 address. */
function parseIpv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.?$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

function isPrivateIpv4(address: number): boolean {
  return IPV4_BLOCKS.some(([base, bits]) => {
    const blockSize = 2 ** (32 - bits);
    return Math.floor(address / blockSize) === Math.floor((parseIpv4(base) ?? 0) / blockSize);
  });
}

function isPrivateIpv6(text: string): boolean {
  const groups = parseIpv6(text);
  const embedded = embeddedIpv4(groups);
  if (embedded !== null) return isPrivateIpv4(embedded);
  // Only 2000::/3 is global unicast; 2001:db8::/32 in it is for documentation.
  const [first = 0, second = 0] = groups;
  return first >> 13 !== 1 || (first === 0x2001 && second === 0xdb8);
}

/** The eight groups of an address that the URL parser has accepted. */
function parseIpv6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  if (tail === undefined) return parseGroups(head);
  const [before, after] = [parseGroups(head), parseGroups(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function parseGroups(part: string): number[] {
  return part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
}

/** IPv4 address inside a mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) or 6to4 (2002::/16) one. */
function embeddedIpv4(groups: number[]): number | null {
  const prefix = groups.slice(0, 6).join(",");
  if (prefix === "0,0,0,0,0,65535" || prefix === "100,65435,0,0,0,0") {
    return joinGroups(groups[6], groups[7]);
  }
  return groups[0] === 0x2002 ? joinGroups(groups[1], groups[2]) : null;
}

function joinGroups(high = 0, low = 0): number {
  return high * 65_536 + low;
}
