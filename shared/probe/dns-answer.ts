/**
 * What an answer of DNS over HTTPS says about a name, in either of its two forms: the wire form
 * (RFC 8484) and JSON (`application/dns-json`, as Cloudflare and Google serve it). Response codes
 * are those of RFC 1035 §4.1.1. Pure; imports zod.
 */
import { z } from "zod";
import type { DnsRecord } from "./dns-message.ts";
import { RECORD_TYPE, decodeDnsMessage } from "./dns-message.ts";
import type { Address } from "./observation.ts";

const RCODE_OK = 0;
const RCODE_NAME_ERROR = 3;
/** Records looked at; no honest answer has more. */
const RECORDS_MAX = 64;

const recordsSchema = z
  .array(z.object({ name: z.string(), type: z.int(), TTL: z.number().min(0), data: z.string() }))
  .default([]);
const answerSchema = z.object({
  Status: z.int().min(0),
  Answer: recordsSchema,
  Authority: recordsSchema,
});

/** How long a negative answer holds, and where the name led before it ended. */
interface Negative {
  /** Seconds (RFC 2308 §5); 0: the answer does not say, and is not to be kept. */
  ttlS: number;
  /** Names that the asked one is an alias of, in order. */
  chain: string[];
}

/** What one question came to. */
export type DnsAnswer =
  | {
      type: "found";
      addresses: Address[];
      /** Shortest time to live among the records, in seconds. */
      ttlS: number;
      /** Names that the asked one is an alias of, in order; the last has the addresses. */
      chain: string[];
    }
  /** The name exists without addresses of this family. */
  | ({ type: "empty" } & Negative)
  | ({ type: "not_found" } & Negative)
  | { type: "error"; rcode: number };

/** Reads an answer in JSON; null when it is not one. */
export function parseDnsJson(body: string): DnsAnswer | null {
  const parsed = answerSchema.safeParse(jsonOrNull(body));
  if (!parsed.success) return null;
  const { Status: rcode, Answer, Authority } = parsed.data;
  const record = ({ name, type, TTL, data }: (typeof Answer)[number]): DnsRecord => {
    const text = type === RECORD_TYPE.CNAME ? data.replace(/\.$/, "") : data;
    return { name, type, ttlS: TTL, data: text };
  };
  return answerOf(rcode, Answer.map(record), Authority.map(record));
}

/** Reads an answer in wire form; null when it is not one. */
export function parseDnsMessage(bytes: Uint8Array): DnsAnswer | null {
  const message = decodeDnsMessage(bytes);
  if (message === null || !message.response) return null;
  return answerOf(message.rcode, message.answers, message.authorities);
}

function answerOf(
  rcode: number,
  answers: readonly DnsRecord[],
  authorities: readonly DnsRecord[],
): DnsAnswer {
  const looked = answers.slice(0, RECORDS_MAX);
  const chain = looked.filter(({ type }) => type === RECORD_TYPE.CNAME).map(({ data }) => data);
  if (rcode === RCODE_NAME_ERROR) {
    return { type: "not_found", ttlS: negativeTtlS(authorities), chain };
  }
  if (rcode !== RCODE_OK) return { type: "error", rcode };
  const addresses = looked.flatMap(({ type, data }): Address[] => {
    if (type === RECORD_TYPE.A) return [{ ip: data, family: 4 }];
    return type === RECORD_TYPE.AAAA ? [{ ip: data, family: 6 }] : [];
  });
  if (addresses.length === 0) return { type: "empty", ttlS: negativeTtlS(authorities), chain };
  return { type: "found", addresses, ttlS: Math.min(...looked.map(({ ttlS }) => ttlS)), chain };
}

/** A negative answer holds for the SOA's own time to live, or its last field if that is less. */
function negativeTtlS(authorities: readonly DnsRecord[]): number {
  const soa = authorities.find(({ type }) => type === RECORD_TYPE.SOA);
  const minimumS = Number(soa?.data.trim().split(/\s+/).at(-1));
  return soa === undefined || !Number.isFinite(minimumS) ? 0 : Math.min(soa.ttlS, minimumS);
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
