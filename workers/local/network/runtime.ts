/**
 * Local workerd with a set of bundled Workers: the platform that `npm start` and `eq check` run on.
 *
 * Knows Miniflare and nothing of what the Workers do. Miniflare is loaded on first use, because it
 * reads the trusted authorities then (see `trust.ts`). Its signal handlers are removed: whoever
 * starts a runtime decides what a signal does.
 */
import type { Miniflare, V4WorkerOptions } from "miniflare";
import { Complaint, errorCode, errorText } from "../complaint.ts";
import { leashWorkerd } from "./leash.ts";

/** One line that a Worker or workerd itself wrote. */
export interface WorkerLog {
  level: string;
  message: string;
}

/** What to run. */
export interface RuntimeOptions {
  /** The first one answers on the port. */
  workers: V4WorkerOptions[];
  /** Port on 127.0.0.1; 0: any free one. */
  port: number;
  /** Folder for D1 and Durable Objects; null: in memory, gone at the end. */
  storage: string | null;
  onLog: (log: WorkerLog) => void;
}

/** A running workerd. */
export interface Runtime {
  miniflare: Miniflare;
  /** Address of the first Worker, with a slash at its end. */
  url: string;
  stop(): Promise<void>;
}

/** What workerd itself says about a peer that it could not talk to: observations say it better. */
const RUNTIME_NOISE =
  /sentryErrorContext|^e = |^Socket proxy disconnected abruptly|^stack:( \S*workerd@\w+)+$/m;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a function and removes the signal listeners that it has added. */
function withoutItsSignals<T>(work: () => T): T {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const result = work();
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.includes(listener)) process.removeListener(signal, listener);
    }
  }
  return result;
}

/**
 * Starts workerd.
 *
 * @throws Complaint when the port is taken or workerd cannot start
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const leash = leashWorkerd();
  const { Miniflare: Implementation, convertV4MiniflareOptions } = await import("miniflare");
  const miniflare = withoutItsSignals(
    () =>
      new Implementation(
        convertV4MiniflareOptions({
          host: "127.0.0.1",
          port: options.port,
          cf: false,
          telemetry: { enabled: false },
          logRequests: false,
          unsafeRuntimeEnv: leash.runtimeEnv,
          handleStructuredLogs: (log) => {
            if (!RUNTIME_NOISE.test(log.message)) options.onLog(log);
          },
          ...(options.storage === null ? {} : { resourcePersistencePath: options.storage }),
          workers: options.workers,
        }),
      ),
  );
  try {
    const url = await miniflare.ready;
    return {
      miniflare,
      url: url.href,
      async stop() {
        await miniflare.dispose();
        leash.release();
      },
    };
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    leash.release();
    throw new Complaint(startFailure(error, options.port), 2);
  }
}

function startFailure(error: unknown, port: number): string {
  return errorCode(error) === "ERR_ADDRESS_IN_USE"
    ? portTaken(port)
    : `The Workers runtime could not start: ${errorText(error)}`;
}

/** What to say when a port is taken. */
export function portTaken(port: number): string {
  return (
    `Port ${port} is in use: stop what listens on it, or choose another with ` +
    `\`npm start -- --port ${port === 65_535 ? 8_787 : port + 1}\`.`
  );
}
