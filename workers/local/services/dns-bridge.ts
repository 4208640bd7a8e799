/**
 * DNS over HTTPS, in wire form and in JSON, answered by the resolver of this machine, so that probes in local workerd
 * see the names that the machine sees: hosts file, VPN and mDNS included, as `connect()` will.
 * Formats: RFC 8484 (`?dns=…`), and the JSON API that Cloudflare and Google serve (`?name=…&type=A`,
 * `Status`, `Answer`); response codes: RFC 1035 §4.1.1.
 */
import type { LookupAddress } from "node:dns";
import { promises as dns } from "node:dns";
import {
  RECORD_TYPE,
  decodeDnsMessage,
  encodeDnsAnswer,
} from "../../../shared/probe/dns-message.ts";
import { DNS_JSON, DNS_MESSAGE } from "../../../shared/probe/dns-request.ts";
import { errorCode } from "../complaint.ts";

/** The system tells no time to live; this is what is answered, in seconds. */
const TTL_SECONDS = 30;
/** The system's resolver may take minutes to give up; the bridge does not wait longer than this. */
const LOOKUP_TIMEOUT_MS = 4_000;

const TYPES = { A: RECORD_TYPE.A, AAAA: RECORD_TYPE.AAAA } as const;
type QueryType = keyof typeof TYPES;
const RCODE = { ok: 0, serverFailure: 2, notFound: 3 } as const;

/** A question, and how its answer is to be written. */
interface Question {
  name: string;
  type: QueryType;
  form: typeof DNS_MESSAGE | typeof DNS_JSON;
}

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

/** Reads the question; null when it is not one for addresses. */
function parseQuestion(parameters: URLSearchParams): Question | null {
  const encoded = parameters.get("dns");
  if (encoded !== null) {
    const [asked] = decodeDnsMessage(Buffer.from(encoded, "base64url"))?.questions ?? [];
    const type = asked === undefined ? null : typeNamed(String(asked.type));
    return type === null ? null : { name: asked?.name ?? "", type, form: DNS_MESSAGE };
  }
  const type = typeNamed(parameters.get("type") ?? "A");
  return type === null ? null : { name: parameters.get("name") ?? "", type, form: DNS_JSON };
}

function typeNamed(text: string): QueryType | null {
  const names: readonly QueryType[] = ["A", "AAAA"];
  return names.find((name) => name === text.toUpperCase() || String(TYPES[name]) === text) ?? null;
}

function answer(question: Question, rcode: number, addresses: LookupAddress[]): Response {
  const { name, type, form } = question;
  const answers = addresses
    .filter(({ family }) => family === (type === "A" ? 4 : 6))
    // A zone (`fe80::1%eth0`) has no place in DNS.
    .map(({ address }) => ({ data: address.replace(/%.*$/, ""), ttlS: TTL_SECONDS }))
    .map((record) => ({ name, type: TYPES[type], ...record }));
  const headers = { "content-type": form };
  if (form === DNS_MESSAGE) {
    const asked = { name, type: TYPES[type] };
    const bytes = encodeDnsAnswer({ rcode, question: asked, answers });
    return new Response(bytes === null ? null : Buffer.from(bytes), { headers });
  }
  const body = {
    Status: rcode,
    TC: false,
    RD: true,
    RA: true,
    AD: false,
    CD: false,
    Question: [{ name, type: TYPES[type] }],
    ...(answers.length === 0
      ? {}
      : { Answer: answers.map(({ ttlS, ...rest }) => ({ ...rest, TTL: ttlS })) }),
  };
  return Response.json(body, { headers });
}

/** Answers one query. */
export async function answerDns(
  request: Request,
  lookup: Lookup = lookupLocally,
): Promise<Response> {
  const question = parseQuestion(new URL(request.url).searchParams);
  if (question === null || question.name === "") {
    return new Response("expected a question for A or AAAA", { status: 400 });
  }
  try {
    return answer(question, RCODE.ok, await lookupInTime(lookup, question.name));
  } catch (error) {
    const rcode = errorCode(error) === "ENOTFOUND" ? RCODE.notFound : RCODE.serverFailure;
    return answer(question, rcode, []);
  }
}
