/**
 * The processes of the check benchmark: the server, the clients in Node, and workerd. Each side does
 * a number of exchanges on demand; its CPU time is read from outside, so that all are measured alike.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../../workers/local/network/bundle.ts";
import type { Runtime } from "../../workers/local/network/runtime.ts";
import { startRuntime } from "../../workers/local/network/runtime.ts";
import type { ClientKind, WorkRequest } from "./check-exchange.ts";
import { AT_ONCE, checkOf } from "./check-exchange.ts";
import { childPids } from "./check-usage.ts";

/** Exchanges of one invocation: what an invocation takes is then less than a hundredth of each. */
const INVOCATION_EXCHANGES = 100;
/** Longest wait for a portion of the work, however busy the machine is, in milliseconds. */
const PORTION_MAX_MS = 300_000;

/** One side of the comparison. */
export interface Side {
  pid: number;
  /** Does so many exchanges; rejects unless all of them went as they should. */
  perform(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A process of this folder. */
class Helper {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #failed: Promise<never>;

  constructor(file: string, ...args: string[]) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
    if (this.#child.pid === undefined) throw new Error(`${file} could not be started`);
    this.pid = this.#child.pid;
    this.#failed = once(this.#child, "exit").then(() => {
      throw new Error(`${[file, ...args].join(" ")} ended early`);
    });
    this.#failed.catch(() => undefined);
  }

  /** The next thing that it says. */
  async hear(): Promise<unknown> {
    const signal = AbortSignal.timeout(PORTION_MAX_MS);
    const [message] = await Promise.race([once(this.#child, "message", { signal }), this.#failed]);
    return message;
  }

  tell(message: object): void {
    this.#child.send(message);
  }

  /** Processes of this folder end when their parent lets go of them. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#failed.catch(() => undefined);
  }
}

/** Starts the echo server that all sides connect to. */
export async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const helper = new Helper("check-server.ts");
  const { port } = (await helper.hear()) as { port: number };
  return { url: `ws://127.0.0.1:${port}/`, stop: async () => await helper.stop() };
}

/** Starts a client in Node. */
export async function startClient(kind: ClientKind, url: string): Promise<Side> {
  const helper = new Helper("check-client.ts", kind);
  await helper.hear();
  return {
    pid: helper.pid,
    stop: async () => await helper.stop(),
    async perform(count) {
      helper.tell({ url, count, atOnce: AT_ONCE } satisfies WorkRequest);
      await helper.hear();
    },
  };
}

/** Starts a Worker in a workerd of its own. */
async function startWorker(entry: string): Promise<{ pid: number; runtime: Runtime }> {
  const contents = await bundleWorker(fileURLToPath(new URL(entry, import.meta.url)));
  const before = new Set(childPids());
  const runtime = await startRuntime({
    port: 0,
    storage: null,
    onLog: ({ message }) => console.error(message),
    workers: [
      {
        name: "bench",
        compatibilityDate: "2026-11-01",
        compatibilityFlags: ["nodejs_compat"],
        modules: [{ type: "ESModule", path: "index.js", contents }],
        bindings: {
          REGION: "bench",
          CRON_PACE_MS: "60000",
          DNS_RESOLVERS: "",
          COLO_TRACE_URL: "",
          ALLOW_PRIVATE_ADDRESSES: "1",
        },
      },
    ],
  });
  const pid = childPids().find((child) => !before.has(child) && isWorkerd(child));
  if (pid === undefined) throw new Error("workerd is not among the processes that were started");
  return { pid, runtime };
}

function isWorkerd(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("workerd");
}

/** Posts to the Worker and returns its answer, whatever its status. */
async function post(runtime: Runtime, path: string, body: unknown) {
  const response = await runtime.miniflare.dispatchFetch(`http://bench${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PORTION_MAX_MS),
  });
  return { status: response.status, answer: await response.json() };
}

/** Starts a Worker that makes many checks, or many times the bare bytes, in one invocation. */
export async function startWorkerd(what: "check" | "bytes", url: string): Promise<Side> {
  const { pid, runtime } = await startWorker("check-worker.ts");
  return {
    pid,
    stop: async () => await runtime.stop(),
    async perform(count) {
      for (let left = count; left > 0; left -= INVOCATION_EXCHANGES) {
        const portion = Math.min(left, INVOCATION_EXCHANGES);
        const request: WorkRequest = { url, count: portion, atOnce: AT_ONCE, what };
        const { status, answer } = await post(runtime, "/", request);
        if (status !== 200) throw new Error(`workerd answered ${status}: ${String(answer)}`);
      }
    },
  };
}

/**
 * Starts the probe Worker as it is deployed: each check is an invocation over HTTP. Its second side
 * is such an invocation that finds nothing to do.
 */
export async function startProbe(url: string): Promise<{ check: Side; invocation: Side }> {
  const { pid, runtime } = await startWorker("../../workers/probe/index.ts");
  const body = { spec: checkOf(url) };
  const side = (path: string, isExpected: (status: number, answer: unknown) => boolean): Side => ({
    pid,
    stop: async () => await runtime.stop(),
    async perform(count) {
      let left = count;
      const work = async () => {
        while (left > 0) {
          left -= 1;
          const { status, answer } = await post(runtime, path, body);
          if (isExpected(status, answer)) continue;
          throw new Error(`${path} answered ${status}: ${JSON.stringify(answer)}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    },
  });
  return {
    check: side("/check", (status, answer) => {
      return status === 200 && (answer as { status: string }).status === "up";
    }),
    invocation: side("/nothing", (status) => status === 404),
  };
}
