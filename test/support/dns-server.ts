/** A DNS-over-HTTPS resolver (JSON form) on loopback that answers what a test tells it to. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";

/** What the resolver does with a question. */
export type DnsReply =
  | { addresses: string[]; ttlS?: number }
  /** Response code, e.g. 3 for a name that does not exist. */
  | { rcode: number }
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
  close(): Promise<void>;
}

/** Starts a resolver; names that it is not told of do not exist. */
export async function startDnsServer(
  names: Readonly<Record<string, DnsReply>>,
): Promise<DnsServer> {
  const questions: string[] = [];
  const agents = new Set<string>();
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [name, type] = [searchParams.get("name") ?? "", searchParams.get("type") ?? ""];
    questions.push(`${name} ${type}`);
    agents.add(request.headers["user-agent"] ?? "");
    const reply = names[name] ?? { rcode: 3 };
    if (reply === "silence") return;
    if (reply === "broken") {
      response.writeHead(500).end("out of order");
      return;
    }
    response.setHeader("Content-Type", "application/dns-json");
    response.end(JSON.stringify("rcode" in reply ? { Status: reply.rcode } : found(reply)));

    function found({ addresses, ttlS = 60 }: { addresses: string[]; ttlS?: number }) {
      const wanted = addresses.filter((data) => data.includes(":") === (type === "AAAA"));
      const record = { name, type: type === "AAAA" ? 28 : 1, TTL: ttlS };
      return { Status: 0, Answer: wanted.map((data) => ({ ...record, data })) };
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`,
    questions,
    agents,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
