/**
 * Reads answers of DNS over HTTPS in their JSON form (application/dns-json), and says what answers
 * of several resolvers amount to. Response codes are those of RFC 1035 §4.1.1. Pure; imports zod.
 */
import { z } from "zod";
import type { Address } from "./observation.ts";

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_AAAA = 28;
const RCODE_OK = 0;
const RCODE_NAME_ERROR = 3;
/** Records looked at; no honest answer has more. */
const RECORDS_MAX = 64;

const answerSchema = z.object({
  Status: z.int().min(0),
  Answer: z
    .array(z.object({ name: z.string(), type: z.int(), TTL: z.number().min(0), data: z.string() }))
    .optional(),
});

/** What one question came to. */
export type DnsAnswer =
  | {
      type: "found";
      addresses: Address[];
      /** Shortest time to live among the records, in seconds. */
      ttlS: number;
      /** Names that the answer led through, from the asked one on. */
      chain: string[];
    }
  /** The name exists without addresses of this family. */
  | { type: "empty" }
  | { type: "not_found" }
  | { type: "error"; rcode: number };

/** Parses an answer; null when it is not one. */
export function parseDnsAnswer(body: string): DnsAnswer | null {
  const parsed = answerSchema.safeParse(jsonOrNull(body));
  if (!parsed.success) return null;
  const { Status: rcode, Answer: records = [] } = parsed.data;
  if (rcode === RCODE_NAME_ERROR) return { type: "not_found" };
  if (rcode !== RCODE_OK) return { type: "error", rcode };
  const looked = records.slice(0, RECORDS_MAX);
  const addresses = looked.flatMap(({ type, data }): Address[] => {
    if (type === TYPE_A) return [{ ip: data, family: 4 }];
    return type === TYPE_AAAA ? [{ ip: data, family: 6 }] : [];
  });
  if (addresses.length === 0) return { type: "empty" };
  const chain = looked
    .filter(({ type }) => type === TYPE_CNAME)
    .map(({ data }) => data.replace(/\.$/, ""));
  return { type: "found", addresses, ttlS: Math.min(...looked.map(({ TTL }) => TTL)), chain };
}

/** Names of response codes, for people. */
const RCODE_NAMES: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  4: "NOTIMP",
  5: "REFUSED",
};

/** A response code for people, e.g. `SERVFAIL`. */
export function rcodeName(rcode: number): string {
  return RCODE_NAMES[rcode] ?? `response code ${rcode}`;
}

function jsonOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
