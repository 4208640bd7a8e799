/** Whom a limit counts as one: a network address, or the network that one subscriber has all of. */

/**
 * The network of an address: of IPv6 the /64 that one subscriber of a network has (RFC 6177), of IPv4
 * the address itself.
 *
 * @param client as the platform tells it; null: not known
 */
export function clientNetwork(client: string | null): string {
  if (client === null || !client.includes(":")) return client ?? "unknown";
  const [head = "", tail] = client.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").length;
  const zeros = Array<string>(Math.max(0, missing)).fill("0");
  return [...groups, ...zeros, ...(tail ?? "").split(":")].slice(0, 4).join(":").toLowerCase();
}
