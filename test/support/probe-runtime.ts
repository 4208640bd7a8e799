/**
 * The probe Worker in the real runtime, for tests: bundled once, started with Miniflare, asked over
 * its own HTTP interface.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Miniflare } from "miniflare";
import type { CheckRequest } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import { bundleWorker } from "../../workers/local/network/bundle.ts";
import { trustAuthorities } from "../../workers/local/network/trust.ts";
import { bareSpec } from "./check-spec.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How a probe is started. */
export interface ProbeRuntimeOptions {
  /** Variables that differ from the defaults: no DNS, no colo, private addresses reachable. */
  vars?: Record<string, string>;
  /** An authority (PEM) that the runtime is to trust. */
  authority?: string;
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
  /** Stops it; rejects when a rejection in the Worker was left unhandled. */
  stop(): Promise<void>;
}

/** Statements of all migrations, in order. */
function migrationStatements(): string[] {
  return readdirSync(`${root}migrations`)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .flatMap((file) =>
      readFileSync(`${root}migrations/${file}`, "utf8").split("--> statement-breakpoint"),
    );
}

/** Makes the Worker log what the runtime keeps to itself. */
const UNHANDLED = "unhandled rejection:";
const CONFESSION = `
  addEventListener("unhandledrejection", ({ reason }) => {
    console.error("${UNHANDLED} " + (reason?.stack ?? reason));
  });
`;

/** The probe's code, bundled once for all tests of a file. */
let bundle: Promise<string> | null = null;

/** Starts a probe. Stop it when done. */
export async function startProbe(options: ProbeRuntimeOptions = {}): Promise<ProbeRuntime> {
  bundle ??= bundleWorker(`${root}workers/probe/index.ts`);
  const contents = CONFESSION + (await bundle);
  if (options.authority !== undefined) trustAuthorities([options.authority]);
  // Loaded only now: Miniflare reads which authorities to trust when it is loaded.
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const unhandled: string[] = [];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      // The runtime logs each failed handshake; here they fail on purpose, so nothing is shown.
      handleStructuredLogs: ({ message }) => {
        if (message.startsWith(UNHANDLED)) unhandled.push(message);
      },
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
      await database.batch(migrationStatements().map((statement) => database.prepare(statement)));
      return database;
    },
    stop: async () => {
      await miniflare.dispose();
      if (unhandled.length > 0) throw new Error(unhandled.join("\n"));
    },
  };
}

/** A spec with the mutable arrays of a request. */
function checkInput(spec: CheckSpec): CheckRequest["spec"] {
  return {
    ...spec,
    headers: spec.headers.map(([name, value]) => [name, value]),
    subprotocols: [...spec.subprotocols],
    dialogue: [...spec.dialogue],
  };
}
