/**
 * Programs of the system that tests run beside the probe: found, configured in a folder of their
 * own, started on free ports of the loopback interface without privileges, and stopped.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chown, constants, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../workers/local/services/http-server.ts";
import { eventually } from "../support/eventually.ts";

/** Where Debian installs programs; the path of the caller may lead to others of the same name. */
const FOLDERS = ["/usr/sbin", "/usr/bin"];
/** Debian's `nobody` and `nogroup`, as which programs run where the tests run as root. */
const NOBODY = 65_534;
const START_MAX_MS = 20_000;
const STOP_MAX_MS = 3_000;
/** A port that was free may be taken before the program gets it. */
const STARTS_MAX = 3;

/** What a program is started with. */
export interface ProgramConfiguration {
  args: readonly string[];
  /** By name, written into the program's folder. */
  files?: Record<string, string>;
}

/** How a program is started. */
export interface ProgramPlan<Listener extends string> {
  /** Name of the executable. */
  program: string;
  /** What listens: each gets a port. */
  listeners: readonly Listener[];
  configure(ports: Record<Listener, number>, folder: string): ProgramConfiguration;
}

/** A program that runs and listens. */
export interface RunningProgram<Listener extends string> extends AsyncDisposable {
  ports: Record<Listener, number>;
}

/** Starts a program and waits until it listens on all its ports. */
export async function startProgram<Listener extends string>(
  plan: ProgramPlan<Listener>,
): Promise<RunningProgram<Listener>> {
  const path = await findProgram(plan.program);
  for (let starts = 1; ; starts += 1) {
    try {
      return await startOnce(path, plan);
    } catch (error) {
      const taken = error instanceof Error && /address.*in use/i.test(error.message);
      if (!taken || starts === STARTS_MAX) throw error;
    }
  }
}

async function findProgram(program: string): Promise<string> {
  for (const folder of FOLDERS) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`${program} is not installed: run test/interop/install.sh, then try again.`);
}

async function startOnce<Listener extends string>(
  path: string,
  plan: ProgramPlan<Listener>,
): Promise<RunningProgram<Listener>> {
  const folder = await mkdtemp(join(tmpdir(), `echoquorum-${plan.program}-`));
  const ports = await freePorts(plan.listeners);
  const { args, files = {} } = plan.configure(ports, folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    for (const name of ["", ...Object.keys(files)]) await chown(join(folder, name), NOBODY, NOBODY);
  }
  const child = spawn(path, [...args], {
    cwd: folder,
    env: { PATH: FOLDERS.join(":"), HOME: folder, LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what the program starts ends with it.
    detached: true,
    ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const kill = () => signalGroup(child, "SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    await stopProgram(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilListening(child, plan.program, Object.values(ports));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, [Symbol.asyncDispose]: stop };
}

async function freePorts<Listener extends string>(
  listeners: readonly Listener[],
): Promise<Record<Listener, number>> {
  const ports = new Map<Listener, number>();
  const taken = new Set<number>();
  for (const listener of listeners) {
    let port = await freePort();
    while (taken.has(port)) port = await freePort();
    taken.add(port);
    ports.set(listener, port);
  }
  return Object.fromEntries(ports) as Record<Listener, number>;
}

/** Waits for all ports, as the kernel lists them: a connection could already count to a limit. */
async function untilListening(child: ChildProcess, program: string, ports: number[]) {
  let output = "";
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  let failure: string | null = null;
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => (failure = `it ended with ${code ?? signal}`));
  await eventually(
    `${program} listens`,
    START_MAX_MS,
    async () => {
      if (failure !== null) throw new Error(`${program} did not start: ${failure}\n${output}`);
      const listening = await listeningPorts();
      return ports.every((port) => listening.has(port));
    },
    () => output,
  );
}

/** Ports on which something listens (state 0A of the kernel's tables). */
async function listeningPorts(): Promise<Set<number>> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map(async (path) => await readFile(path, "utf8")),
  );
  const rows = tables.join("").matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm);
  return new Set([...rows].map(([, port]) => Number.parseInt(port ?? "", 16)));
}

async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const exited = once(child, "exit");
    signalGroup(child, "SIGTERM");
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MAX_MS);
    await exited;
    clearTimeout(timer);
  }
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Nothing of the group is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
