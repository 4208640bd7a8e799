/**
 * DNS over HTTPS in JSON, answered by the resolver of this machine, so that probes in local workerd
 * see the names that the machine sees: hosts file, VPN and mDNS included, as `connect()` will.
 * Format: the JSON API that Cloudflare and Google serve (`?name=…&type=A`, `Status`, `Answer`);
 * response codes: RFC 1035 §4.1.1.
 */
import type { LookupAddress } from "node:dns";
import { promises as dns } from "node:dns";
import { errorCode } from "../complaint.ts";

/** The system tells no time to live; this is what is answered, in seconds. */
const TTL_SECONDS = 30;
/** The system's resolver may take minutes to give up; the bridge does not wait longer than this. */
const LOOKUP_TIMEOUT_MS = 4_000;

const TYPES = { A: 1, AAAA: 28 } as const;
type QueryType = keyof typeof TYPES;
const RCODE = { ok: 0, serverFailure: 2, notFound: 3 } as const;

/** Looks all addresses of a name up, of both families. Rejects with `ENOTFOUND` where none exist. */
export type Lookup = (name: string) => Promise<LookupAddress[]>;

const lookupLocally: Lookup = (name) => dns.lookup(name, { all: true, order: "verbatim" });

async function lookupInTime(lookup: Lookup, name: string): Promise<LookupAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("the resolver does not answer")), LOOKUP_TIMEOUT_MS);
  });
  return Promise.race([lookup(name), deadline]).finally(() => clearTimeout(timer));
}

function answerJson(status: number, name: string, type: QueryType, addresses: LookupAddress[]) {
  const answers = addresses
    .filter(({ family }) => family === (type === "A" ? 4 : 6))
    .map(({ address }) => ({ name, type: TYPES[type], TTL: TTL_SECONDS, data: address }));
  return Response.json(
    {
      Status: status,
      TC: false,
      RD: true,
      RA: true,
      AD: false,
      CD: false,
      Question: [{ name, type: TYPES[type] }],
      ...(answers.length === 0 ? {} : { Answer: answers }),
    },
    { headers: { "content-type": "application/dns-json" } },
  );
}

/** Answers one query. */
export async function answerDns(
  request: Request,
  lookup: Lookup = lookupLocally,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const name = query.get("name") ?? "";
  const asked = (query.get("type") ?? "A").toUpperCase();
  const type = asked === "1" ? "A" : asked === "28" ? "AAAA" : asked;
  if (name === "" || (type !== "A" && type !== "AAAA")) {
    return new Response("expected name and type (A or AAAA)", { status: 400 });
  }
  try {
    return answerJson(RCODE.ok, name, type, await lookupInTime(lookup, name));
  } catch (error) {
    const status = errorCode(error) === "ENOTFOUND" ? RCODE.notFound : RCODE.serverFailure;
    return answerJson(status, name, type, []);
  }
}
