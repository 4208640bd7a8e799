/** A DNS-over-HTTPS resolver on loopback that answers what a test tells it to, in both forms. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import type { DnsRecord } from "../../shared/probe/dns-message.ts";
import { RECORD_TYPE, decodeDnsMessage, encodeDnsAnswer } from "../../shared/probe/dns-message.ts";
import { DNS_JSON, DNS_MESSAGE } from "../../shared/probe/dns-request.ts";

/** What the resolver does with a question. */
export type DnsReply =
  | {
      addresses: string[];
      ttlS?: number;
      /** Names that the asked one is an alias of, in order. */
      aliasOf?: string[];
      /** Does not answer questions for this family. */
      silentFor?: "A" | "AAAA";
    }
  /** Response code, e.g. 3 for a name that does not exist, and how long that holds. */
  | { rcode: number; ttlS?: number; aliasOf?: string[] }
  /** Says nothing. */
  | "silence"
  /** Fails as a web server does. */
  | "broken";

/** A running resolver. */
export interface DnsServer {
  url: string;
  /** Questions so far, e.g. `chat.test A`. */
  questions: string[];
  /** `User-Agent` of the questions. */
  agents: Set<string>;
  /** Media types that the questions accepted. */
  accepted: Set<string>;
  close(): Promise<void>;
}

interface Question {
  name: string;
  type: "A" | "AAAA";
  form: string;
}

function parseQuestion(url: string): Question {
  const { searchParams } = new URL(url, "http://localhost");
  const encoded = searchParams.get("dns");
  if (encoded === null) {
    const type = searchParams.get("type") === "AAAA" ? "AAAA" : "A";
    return { name: searchParams.get("name") ?? "", type, form: DNS_JSON };
  }
  const [asked] = decodeDnsMessage(Buffer.from(encoded, "base64url"))?.questions ?? [];
  const type = asked?.type === RECORD_TYPE.AAAA ? "AAAA" : "A";
  return { name: asked?.name ?? "", type, form: DNS_MESSAGE };
}

function recordsOf({ name, type }: Question, reply: Exclude<DnsReply, string>): DnsRecord[] {
  const { ttlS = 60, aliasOf = [] } = reply;
  const names = [name, ...aliasOf];
  const aliases = aliasOf.map((data, index) => {
    return { name: names[index] ?? "", type: RECORD_TYPE.CNAME, ttlS, data };
  });
  const wanted = "addresses" in reply ? reply.addresses : [];
  const addresses = wanted
    .filter((data) => data.includes(":") === (type === "AAAA"))
    .map((data) => ({ name: names.at(-1) ?? "", type: RECORD_TYPE[type], ttlS, data }));
  return [...aliases, ...addresses];
}

function jsonAnswer(question: Question, reply: Exclude<DnsReply, string>): string {
  const Answer = recordsOf(question, reply).map(({ ttlS, ...rest }) => ({ ...rest, TTL: ttlS }));
  const soa = { name: "", type: RECORD_TYPE.SOA, data: "ns. admin. 1 2 3 4 86400" };
  const isNegative = "rcode" in reply && reply.ttlS !== undefined;
  const Authority = isNegative ? [{ ...soa, TTL: reply.ttlS }] : [];
  return JSON.stringify({ Status: "rcode" in reply ? reply.rcode : 0, Answer, Authority });
}

/** Appends the SOA that says how long a denial holds (RFC 2308 §3), of the root for brevity. */
function withDenial(message: Buffer, ttlS: number | undefined): Buffer {
  if (ttlS === undefined) return message;
  const soa = Buffer.alloc(33);
  soa.writeUInt16BE(RECORD_TYPE.SOA, 1);
  soa.writeUInt16BE(1, 3);
  soa.writeUInt32BE(ttlS, 5);
  soa.writeUInt16BE(22, 9);
  soa.writeUInt32BE(86_400, 29);
  message.writeUInt16BE(1, 8);
  return Buffer.concat([message, soa]);
}

/** Starts a resolver; names that it is not told of do not exist. */
export async function startDnsServer(
  names: Readonly<Record<string, DnsReply>>,
  form: "message" | "json" = "message",
): Promise<DnsServer> {
  const questions: string[] = [];
  const agents = new Set<string>();
  const accepted = new Set<string>();
  const server = createServer((request, response) => {
    const question = parseQuestion(request.url ?? "/");
    questions.push(`${question.name} ${question.type}`);
    agents.add(request.headers["user-agent"] ?? "");
    accepted.add(request.headers.accept ?? "");
    const reply = names[question.name] ?? { rcode: 3 };
    if (reply === "silence") return;
    if (reply === "broken") {
      response.writeHead(500).end("out of order");
      return;
    }
    if ("silentFor" in reply && reply.silentFor === question.type) return;
    response.setHeader("Content-Type", question.form);
    const rcode = "rcode" in reply ? reply.rcode : 0;
    const answers = recordsOf(question, reply);
    const asked = { name: question.name, type: RECORD_TYPE[question.type] };
    if (question.form === DNS_JSON) {
      response.end(jsonAnswer(question, reply));
    } else {
      const message = encodeDnsAnswer({ rcode, question: asked, answers }) ?? [];
      response.end(withDenial(Buffer.from(message), rcode === 0 ? undefined : reply.ttlS));
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const path = form === "json" ? "resolve" : "dns-query";
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
    questions,
    agents,
    accepted,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
