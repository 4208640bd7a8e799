/**
 * `npm run bench -- page`: requests per second of the status page from local workerd under many
 * connections, as it is deployed and with nothing kept, and how often the coordinator is asked.
 */
import type { IncomingMessage } from "node:http";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import { bundleWorker } from "../../workers/local/network/bundle.ts";
import type { PageLoad } from "./page-figures.ts";
import { renderPageLoads, summariseLoad } from "./page-figures.ts";

const USAGE = `npm run bench -- page [options]: load of the status page, cached and not

  --connections <n>  connections at a time (200)
  --seconds <n>      seconds for each of the two (20)
  --help             this text

Sixty monitors in four regions. The load is made by this process on the same machine. Behind the pages
stands a coordinator that only counts how often it is asked; a page is fresh for ten seconds.`;

interface Options {
  connections: number;
  seconds: number;
}

/** Runs the benchmark and prints its figures. */
export async function benchPage(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const worker = fileURLToPath(new URL("page-worker.ts", import.meta.url));
  const contents = await bundleWorker(worker);
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      workers: [
        {
          name: "pages",
          compatibilityDate: "2026-11-01",
          compatibilityFlags: ["nodejs_compat"],
          modules: [{ type: "ESModule", path: "index.mjs", contents }],
          durableObjects: { COORDINATOR: { className: "Coordinator", useSQLite: true } },
          d1Databases: { DB: "echoquorum" },
        },
      ],
    }),
  );
  try {
    const { href } = await miniflare.ready;
    const loads: PageLoad[] = [];
    for (const name of ["cached", "uncached"]) {
      process.stderr.write(`${name} …\n`);
      loads.push(await load(name, href, options));
    }
    console.log(renderPageLoads(loads, options.connections));
  } finally {
    await miniflare.dispose();
  }
}

async function load(name: string, base: string, options: Options): Promise<PageLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const url = new URL(`/${name}`, base);
  await request(url, agent);
  const askedBefore = await askedSoFar(base);
  const latenciesMs: number[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + options.seconds * 1_000;
  const visit = async () => {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      await request(url, agent);
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, visit));
  const elapsedMs = performance.now() - beganMs;
  const asked = (await askedSoFar(base)) - askedBefore;
  agent.destroy();
  return summariseLoad(name, latenciesMs, elapsedMs, asked);
}

async function askedSoFar(base: string): Promise<number> {
  const response = await fetch(new URL("/asked", base));
  return Number(await response.text());
}

function request(url: URL, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { "accept-encoding": "gzip" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode } = response;
        const body = Buffer.concat(chunks);
        if (statusCode === 200) resolve(isPacked(response) ? "" : body.toString());
        else reject(new Error(`HTTP ${statusCode} from ${url.pathname}`));
      });
    }).on("error", reject);
  });
}

/** Unpacking is the visitor's work, not part of what is measured. */
function isPacked({ headers }: IncomingMessage): boolean {
  return headers["content-encoding"] !== undefined;
}

function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        connections: { type: "string", default: "200" },
        seconds: { type: "string", default: "20" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
    for (const [name, value] of Object.entries(options)) {
      if (!Number.isInteger(value) || value < 1 || value > 10_000) {
        throw new Error(`--${name} must be a whole number of at least 1`);
      }
    }
    return options;
  } catch (error) {
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}
