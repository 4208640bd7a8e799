/**
 * The probe Worker in the real runtime, for tests: bundled once, started with Miniflare, asked over
 * its own HTTP interface.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Miniflare } from "miniflare";
import type { BatchRequest, CheckRequest } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Observation } from "../../shared/probe/observation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How a probe is started. */
export interface ProbeRuntimeOptions {
  /** Variables that differ from the defaults: no DNS, no colo, private addresses reachable. */
  vars?: Record<string, string>;
  /** PEM file of an authority that the runtime is to trust. */
  authorityPath?: string;
}

/** A running probe. */
export interface ProbeRuntime {
  miniflare: Miniflare;
  /** Performs one check; unset parts of the spec are those of a bare monitor. */
  check(
    spec: Partial<CheckSpec> & { url: string },
    options?: { transcript?: boolean },
  ): Promise<Observation>;
  /** Posts to a path of the internal interface. */
  post<Answer>(path: string, body: unknown): Promise<{ status: number; answer: Answer }>;
  /** The database, with the migrations applied. */
  database(): ReturnType<Miniflare["getD1Database"]>;
  stop(): Promise<void>;
}

/** A spec of a bare monitor: upgrade and close. */
export function bareSpec(spec: Partial<CheckSpec> & { url: string }): CheckSpec {
  return {
    monitor: "test",
    timeoutMs: 2_000,
    headers: [],
    subprotocols: [],
    origin: null,
    dialogue: [],
    budgets: {},
    transport: null,
    compression: false,
    ...spec,
  };
}

/** Bundles the probe as one module. */
export async function bundleProbe(): Promise<string> {
  const result = await build({
    entryPoints: [`${root}workers/probe/index.ts`],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild gave no output");
  return file.text;
}

/** Starts a probe. Stop it when done. */
export async function startProbe(options: ProbeRuntimeOptions = {}): Promise<ProbeRuntime> {
  const contents = await bundleProbe();
  // Miniflare reads this variable once, when its module is loaded.
  if (options.authorityPath !== undefined) {
    process.env["NODE_EXTRA_CA_CERTS"] = options.authorityPath;
  }
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "probe",
          compatibilityDate: "2026-11-01",
          compatibilityFlags: ["nodejs_compat"],
          modules: [{ type: "ESModule", path: "index.mjs", contents }],
          bindings: {
            REGION: "eu-central",
            CRON_PACE_MS: "60000",
            DNS_RESOLVERS: "",
            COLO_TRACE_URL: "",
            ALLOW_PRIVATE_ADDRESSES: "1",
            ...options.vars,
          },
          d1Databases: { DB: "echoquorum" },
          serviceBindings: { SELF: "probe" },
        },
      ],
    }),
  );
  await miniflare.ready;
  const post = async <Answer>(path: string, body: unknown) => {
    const response = await miniflare.dispatchFetch(`http://probe${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  };
  return {
    miniflare,
    post,
    check: async (spec, { transcript = false } = {}) => {
      const request: CheckRequest = { spec: checkInput(bareSpec(spec)), transcript };
      const { status, answer } = await post<Observation>("/check", request);
      if (status !== 200) throw new Error(`check answered ${status}: ${JSON.stringify(answer)}`);
      return answer;
    },
    database: async () => {
      const database = await miniflare.getD1Database("DB");
      const sql = readFileSync(`${root}migrations/0000_network.sql`, "utf8");
      for (const statement of sql.split("--> statement-breakpoint")) {
        await database.prepare(statement).run();
      }
      return database;
    },
    stop: async () => await miniflare.dispose(),
  };
}

/** A spec with the mutable arrays of a request. */
export function checkInput(spec: CheckSpec): BatchRequest["checks"][number]["spec"] & {
  headers: Array<[string, string]>;
  subprotocols: string[];
  dialogue: Array<CheckSpec["dialogue"][number]>;
} {
  return {
    ...spec,
    headers: spec.headers.map(([name, value]) => [name, value]),
    subprotocols: [...spec.subprotocols],
    dialogue: [...spec.dialogue],
  };
}
