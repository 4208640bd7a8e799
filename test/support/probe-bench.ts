/** Probes in the real runtime that run and are asked, for one test each, beside what they look at. */
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { RunRow } from "../../shared/probe/run.ts";
import { decodeRun } from "../../shared/probe/run.ts";
import { echoing } from "./bad-servers.ts";
import { makeConfig, makeMonitor } from "./observation.ts";
import type { ProbeRuntime } from "./probe-runtime.ts";
import { startProbe } from "./probe-runtime.ts";
import type { RunningServer } from "./raw-server.ts";
import { startRawServer } from "./raw-server.ts";

/** Where the probes are. */
export const REGION = "eu-central";

/** Probes and servers of the tests of a file. */
export class ProbeBench {
  readonly #cleanups: Array<() => Promise<void>> = [];
  #bare: Promise<ProbeRuntime> | null = null;

  /** A probe of this test's own. */
  async start(vars: Record<string, string> = {}): Promise<ProbeRuntime> {
    const probe = await startProbe({ vars });
    this.later(probe.stop);
    return probe;
  }

  /** A probe without a database, for all tests that need none. */
  bare(): Promise<ProbeRuntime> {
    this.#bare ??= startProbe();
    return this.#bare;
  }

  /** A server that echoes. */
  async echoServer(): Promise<RunningServer> {
    const server = await startRawServer(echoing());
    this.later(server.close);
    return server;
  }

  /** Does something when the test is over, the last first. */
  later(cleanup: () => Promise<void>): void {
    this.#cleanups.push(cleanup);
  }

  /** To be called after each test. */
  async clear(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  /** To be called after all tests. */
  async close(): Promise<void> {
    await (await this.#bare)?.stop();
  }
}

/** A monitor that wants an echo within two seconds. */
export function monitorOf(id: string, url: string, fields: Record<string, unknown> = {}) {
  return makeMonitor({ id, name: id, url, echo: true, timeout: "2s", ...fields });
}

/** Publishes a configuration; the database. */
export async function publish(probe: ProbeRuntime, config: PublishedConfig) {
  const db = await probe.database();
  await db
    .prepare(
      "INSERT INTO published_config (id, version, published_at_ms, body) VALUES (1, ?, 0, ?)",
    )
    .bind(config.version, JSON.stringify(config))
    .run();
  return db;
}

/** Runs in the log, oldest first. */
export async function storedRuns(probe: ProbeRuntime) {
  const db = await probe.miniflare.getD1Database("DB");
  const { results } = await db.prepare("SELECT * FROM runs ORDER BY 1").all<RunRow & object>();
  return results.map(decodeRun);
}

/** A config of a fast network whose region's next round comes within the second. */
export function fastConfig(monitors: PublishedConfig["monitors"]): PublishedConfig {
  return makeConfig({ version: 7, defaultIntervalMs: 1_000, monitors });
}
