/**
 * How a resolver is asked over HTTPS. Resolvers whose path ends in `/dns-query`, the path that most
 * of them use, speak the wire form of RFC 8484; every other is asked in JSON, and so is one whose
 * URL has the parameter `json`, e.g. `https://dns.example/dns-query?json`. Pure.
 */
import { encodeBase64 } from "./base64.ts";
import { RECORD_TYPE, encodeDnsQuery } from "./dns-message.ts";

/** Families that a host is looked up in. */
export type AddressType = "A" | "AAAA";

/** Media types of the two forms. */
export const DNS_MESSAGE = "application/dns-message";
export const DNS_JSON = "application/dns-json";

/** A GET request, which caches may answer. */
export interface DnsRequest {
  url: string;
  /** Media type to accept. */
  accept: typeof DNS_MESSAGE | typeof DNS_JSON;
}

/**
 * The request that asks for a host's addresses; null when the name cannot be put into it.
 *
 * @param resolver valid URL
 */
export function dnsRequest(
  resolver: string,
  hostname: string,
  type: AddressType,
): DnsRequest | null {
  const url = new URL(resolver);
  const json = url.searchParams.has("json") || !url.pathname.endsWith("/dns-query");
  url.searchParams.delete("json");
  if (json) {
    url.searchParams.set("name", hostname);
    url.searchParams.set("type", type);
    return { url: url.href, accept: DNS_JSON };
  }
  const query = encodeDnsQuery({ name: hostname, type: RECORD_TYPE[type] });
  if (query === null) return null;
  url.searchParams.set("dns", base64Url(query));
  return { url: url.href, accept: DNS_MESSAGE };
}

/** Base64 for URLs, without padding (RFC 4648 §5), as RFC 8484 §4.1 asks. */
function base64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
