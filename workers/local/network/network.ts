/**
 * Every Worker of `wrangler.toml` in local workerd: bindings as deployed, D1 and the Durable Object
 * on disk, migrations applied, crons fired. This is the network that `npm start` shows.
 */
import type { Miniflare, V4WorkerOptions } from "miniflare";
import { probeBindingName } from "../../../shared/regions.ts";
import { errorText } from "../complaint.ts";
import type { RegionTroubles } from "../services/region-trouble.ts";
import { bundleWorker } from "./bundle.ts";
import { startCron } from "./cron.ts";
import type { WorkerEnvironment } from "./environments.ts";
import {
  COORDINATOR,
  WRANGLER_TOML,
  loadWranglerToml,
  regionsOf,
  shardIndex,
} from "./environments.ts";
import { MAIL_BINDING, MAIL_FROM, mailSimulator } from "./mail-simulator.ts";
import { applyMigrations } from "./migrations.ts";
import type { WorkerLog } from "./runtime.ts";
import { startRuntime } from "./runtime.ts";

/** What the network needs to know of its machine. */
export interface NetworkOptions {
  port: number;
  paceMs: number;
  adminToken: string;
  /** Seals secrets at rest. */
  sealingKey: string;
  /** Folder for D1 and Durable Objects. */
  storage: string;
  colosUrl: string;
  resolverUrl: string;
  controlTargets: string;
  /** Where e-mails to subscribers go; null: nobody can subscribe by e-mail. */
  mailboxUrl: string | null;
  /** What is made to go wrong with the regions. */
  troubles: RegionTroubles;
  onLog: (log: WorkerLog) => void;
}

/** A running network. */
export interface Network {
  /** Address of the status page and API, with a slash at its end. */
  url: string;
  /** Regions that have a probe, as `wrangler.toml` names them. */
  regions: string[];
  /** Starts the crons, for good or until the network is stopped. */
  startCrons(): void;
  stop(): Promise<void>;
}

/** What is bound besides what `wrangler.toml` says. */
function localVariables(options: NetworkOptions, environment: string): Record<string, string> {
  const shared = { CRON_PACE_MS: String(options.paceMs), ALLOW_PRIVATE_ADDRESSES: "1" };
  if (environment === COORDINATOR) {
    return {
      ...shared,
      ECHOQUORUM_ADMIN_TOKEN: options.adminToken,
      ECHOQUORUM_SEALING_KEY: options.sealingKey,
      SEAL_MONITORS: "1",
      PUBLIC_URL: `http://127.0.0.1:${options.port}`,
      ...(options.mailboxUrl === null ? {} : { MAIL_FROM }),
    };
  }
  return {
    ...shared,
    ECHOQUORUM_SEALING_KEY: options.sealingKey,
    DNS_RESOLVERS: options.resolverUrl,
    COLO_TRACE_URL: options.colosUrl,
    CONTROL_TARGETS: options.controlTargets,
  };
}

/** Bundles every Worker and reads its bindings; Workers with the same source share a bundle. */
async function loadWorkers(options: NetworkOptions): Promise<V4WorkerOptions[]> {
  const { unstable_getMiniflareWorkerOptions: readBindings } = await import("wrangler");
  const bundles = new Map<string, Promise<string>>();
  const { environments } = loadWranglerToml();
  const workers = environments.map(async ({ environment, name }) => {
    const { main, workerOptions } = readBindings(WRANGLER_TOML, environment);
    const { modulesRules: _rules, ...bindings } = workerOptions;
    if (main === undefined) throw new Error(`[env.${environment}] of wrangler.toml has no main`);
    const bundle = bundles.get(main) ?? bundleWorker(main);
    bundles.set(main, bundle);
    return {
      ...bindings,
      name,
      modules: [{ type: "ESModule", path: "index.js", contents: await bundle }],
      bindings: { ...(bindings["bindings"] as object), ...localVariables(options, environment) },
    } satisfies V4WorkerOptions;
  });
  const loaded = await Promise.all(workers);
  const first = environments.findIndex(({ environment }) => environment === COORDINATOR);
  return [...loaded.slice(first), ...loaded.slice(0, first)];
}

type ProbeBinding = Extract<
  NonNullable<V4WorkerOptions["serviceBindings"]>[string],
  (...parameters: never[]) => unknown
>;

/**
 * The coordinator's bindings to the probes, by way of this process, which refuses for a probe that
 * is to be stopped: workerd cannot stop a single Worker.
 */
function probeBindings(
  environments: readonly WorkerEnvironment[],
  troubles: RegionTroubles,
): Record<string, ProbeBinding> {
  const bindings: Record<string, ProbeBinding> = {};
  for (const { environment, name, region } of environments) {
    if (region === null) continue;
    bindings[probeBindingName(region, shardIndex(environment))] = async (
      request,
      miniflare: Miniflare,
    ) => {
      if (troubles.get(region).probeStopped) {
        const { Response } = await import("miniflare");
        return new Response("stopped", { status: 503 });
      }
      const probe = await miniflare.getWorker(name);
      const { url, method } = request;
      const headers = { "content-type": request.headers.get("content-type") ?? "" };
      return probe.fetch(url, { method, headers, body: await request.text() });
    };
  }
  return bindings;
}

/**
 * Starts the network. Crons are started apart, once the configuration is in place.
 *
 * @throws Complaint when the port is taken, or a Worker cannot be bundled or started
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { environments, compatibilityDate } = loadWranglerToml();
  const workers = await loadWorkers(options);
  const [coordinatorWorker] = workers;
  if (coordinatorWorker !== undefined) {
    coordinatorWorker.serviceBindings = {
      ...coordinatorWorker.serviceBindings,
      ...probeBindings(environments, options.troubles),
      ...(options.mailboxUrl === null ? {} : MAIL_BINDING),
    };
  }
  if (options.mailboxUrl !== null) {
    workers.push(mailSimulator(options.mailboxUrl, compatibilityDate));
  }
  const runtime = await startRuntime({ ...options, workers });
  const coordinator = coordinatorWorker?.name;
  await applyMigrations(await runtime.miniflare.getD1Database("DB", coordinator));

  let stopped = false;
  const fire = async (worker: string, scheduledAtMs: number) => {
    try {
      const fetcher = await runtime.miniflare.getWorker(worker);
      await fetcher.scheduled({ scheduledTime: new Date(scheduledAtMs), cron: "* * * * *" });
    } catch (error) {
      if (stopped) return;
      options.onLog({ level: "error", message: `cron of ${worker}: ${errorText(error)}` });
    }
  };
  const crons: Array<{ stop(): void }> = [];
  return {
    url: runtime.url,
    regions: regionsOf(environments),
    startCrons() {
      crons.push(
        startCron(options.paceMs, (scheduledAtMs) => {
          for (const { name, region } of environments) {
            const trouble = region === null ? null : options.troubles.get(region);
            const silent = trouble?.cronStopped === true || trouble?.probeStopped === true;
            if (!silent) void fire(name, scheduledAtMs);
          }
        }),
      );
    },
    async stop() {
      stopped = true;
      for (const cron of crons) cron.stop();
      await runtime.stop();
    },
  };
}
