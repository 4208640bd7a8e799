/**
 * The whole network as `npm start` runs it, on free ports and a data folder of its own, with the
 * fault panel and the alert receiver as a person at the keyboard has them.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../workers/local/main.ts", import.meta.url));
/** Longest time until the `ready` line. */
const READY_TIMEOUT_MS = 90_000;
/** Longest time until the process is gone after it was asked to stop. */
const STOP_TIMEOUT_MS = 15_000;

/** One alert as the local receiver tells it. */
export interface ReceivedAlert {
  id: string;
  verified: boolean;
  arrivals: number;
  payload: {
    type: string;
    data: { alert: string; title: string; text: string; monitor: { id: string } | null };
  };
}

/** The running network. */
export interface RunningNetwork {
  /** Status page, with a slash at the end. */
  url: string;
  /** Token of the API. */
  token: string;
  /** Fault panel, with a slash at the end. */
  panelUrl: string;
  /** All that the terminal shows so far. */
  output: () => string;
  /** Breaks (or with `none` mends) a demo target; regions null: for everyone. */
  setFault: (target: string, fault: string, regions: readonly string[] | null) => Promise<void>;
  /** Alerts about a monitor, oldest first. */
  alerts: (monitor: string) => Promise<ReceivedAlert[]>;
  /** Asks the process to stop; its exit code. */
  stop: () => Promise<number | null>;
  /** Kills the process and all that it started, without warning; resolves once it is gone. */
  kill: () => Promise<void>;
}

/**
 * Starts the network and waits for its `ready` line.
 *
 * @param kept data folder that is there already and stays; absent: one of its own, gone at the end
 * @param more further options; with `--no-demo` there is neither fault panel nor receiver
 */
export async function startNetwork(
  every: string,
  kept?: string,
  more: readonly string[] = [],
): Promise<RunningNetwork> {
  const data = kept ?? mkdtempSync(join(tmpdir(), "echoquorum-network-"));
  const options = ["--port", "0", "--data", data, "--every", every, ...more];
  const child = spawn(process.execPath, [MAIN, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that all of it can be killed at once.
    detached: true,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, NODE_OPTIONS: undefined },
  });
  let text = "";
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Not ready within ${READY_TIMEOUT_MS} ms:\n${text}`)),
      READY_TIMEOUT_MS,
    );
    const take = (chunk: Buffer) => {
      text += chunk.toString();
      if (!/^ready http/m.test(text)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`Exited with ${code} before it was ready:\n${text}`));
    });
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(timer);
    if (kept === undefined) rmSync(data, { recursive: true, force: true });
    return code;
  };
  const kill = async () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await exited;
  };
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  const address = (label: string) => {
    const match = new RegExp(`^\\s*${label}\\s+(http\\S+)`, "m").exec(text);
    if (match?.[1] === undefined) throw new Error(`No address of the ${label}:\n${text}`);
    return match[1];
  };
  return {
    url: address("Status page"),
    token: /^\s*Admin token\s+(\S+)/m.exec(text)?.[1] ?? "",
    get panelUrl() {
      return address("Fault panel");
    },
    output: () => text,
    setFault: (target, fault, regions) =>
      setFault(address("Fault panel"), target, { fault, regions }),
    alerts: (monitor) => alertsOf(address("Alert receiver"), monitor),
    stop,
    kill,
  };
}

async function setFault(panel: string, target: string, fault: object): Promise<void> {
  const response = await fetch(new URL(`/targets/${target}/fault`, panel), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`The fault panel answered ${await response.text()}`);
}

async function alertsOf(receiver: string, monitor: string): Promise<ReceivedAlert[]> {
  const response = await fetch(new URL("/alerts", receiver), {
    signal: AbortSignal.timeout(5_000),
  });
  const { alerts } = (await response.json()) as { alerts: ReceivedAlert[] };
  return alerts.filter((alert) => alert.payload.data.monitor?.id === monitor).reverse();
}
