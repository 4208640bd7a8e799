/**
 * Cloudflare's published address ranges (https://www.cloudflare.com/ips). Raw sockets of a Worker
 * may not reach them: a target behind Cloudflare's proxy is checked over `fetch`. Pure.
 */
import { isInRanges, parseRange } from "./address.ts";
import { CLOUDFLARE_RANGES } from "./cloudflare-range-list.ts";
import type { Address } from "./observation.ts";

const PARSED = CLOUDFLARE_RANGES.map(parseRange);

/** Whether an address belongs to Cloudflare's proxy. */
export function isCloudflareAddress(address: Address): boolean {
  return isInRanges(address, PARSED);
}
