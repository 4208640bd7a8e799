/** Runs the repository's own commands as a person at a terminal would, and keeps what they say. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const LOCAL = fileURLToPath(new URL("../../workers/local/", import.meta.url));
/** Longest that a command may take to do something, in milliseconds. */
const DEADLINE_MS = 60_000;

/** A command that has ended. */
export interface CommandResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** From start to end. */
  tookMs: number;
}

/** A command that runs. */
export interface RunningCommand {
  process: ChildProcess;
  /** Standard output and error, as they came. */
  output: () => string;
  /** Waits for a line of output that matches, from the beginning. */
  line: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Waits for the end. */
  ended: Promise<CommandResult>;
}

/** Starts a command of `workers/local`, such as `main.ts`, with Node. */
export function startCommand(script: string, args: readonly string[]): RunningCommand {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [LOCAL + script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, INIT_CWD: undefined },
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const take = (append: (text: string) => void) => (chunk: Buffer) => {
    append(chunk.toString());
    for (const watch of watchers) watch();
  };
  child.stdout.on(
    "data",
    take((text) => (stdout += text)),
  );
  child.stderr.on(
    "data",
    take((text) => (stderr += text)),
  );
  const ended = new Promise<CommandResult>((resolve) => {
    child.once("close", (code, signal) => {
      const tookMs = performance.now() - startedAtMs;
      resolve({ code, signal, stdout, stderr, tookMs });
      for (const watch of watchers) watch();
    });
  });
  const output = () => stdout + stderr;
  return {
    process: child,
    output,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => {
          watchers.delete(watch);
          clearTimeout(timer);
          reject(new Error(`${why} before a line matched ${pattern}:\n${output()}`));
        };
        const timer = setTimeout(() => fail("Time was up"), DEADLINE_MS);
        const watch = () => {
          const match = pattern.exec(output());
          if (match === null) {
            if (child.exitCode !== null || child.signalCode !== null) fail("The command ended");
            return;
          }
          watchers.delete(watch);
          clearTimeout(timer);
          resolve(match);
        };
        watchers.add(watch);
        watch();
      }),
  };
}

/** Runs a command to its end; kills it when that takes too long. */
export async function runCommand(script: string, args: readonly string[]): Promise<CommandResult> {
  const command = startCommand(script, args);
  const timer = setTimeout(() => command.process.kill("SIGKILL"), DEADLINE_MS);
  try {
    return await command.ended;
  } finally {
    clearTimeout(timer);
  }
}
