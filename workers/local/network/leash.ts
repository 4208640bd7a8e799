/**
 * Sees to it that workerd does not outlive this process, however this process ends.
 *
 * workerd goes on running, and keeps its port, when its parent is killed with SIGKILL. So a shell
 * is started in a session of its own that waits for the end of a pipe held by this process and then
 * kills workerd, whose process id `workerd.sh` has noted. Needs a POSIX shell; nothing polls.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WATCH = 'cat >/dev/null; pid=$(cat "$0/pid" 2>/dev/null) && kill -9 "$pid"; rm -rf "$0"';

/** Holds the workerd of one Miniflare. */
export interface Leash {
  /** Environment with which that workerd must be started. */
  runtimeEnv: Record<string, string>;
  /** Lets go, after workerd has been stopped. */
  release(): void;
}

/** Path of the workerd that Miniflare itself would run. */
function workerdPath(): string {
  const ofMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  return (ofMiniflare("workerd") as { default: string }).default;
}

/** Prepares a leash; the next Miniflare that is given its environment is held by it. */
export function leashWorkerd(): Leash {
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-workerd-"));
  const watcher = spawn("/bin/sh", ["-c", WATCH, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  process.env["MINIFLARE_WORKERD_PATH"] = fileURLToPath(new URL("workerd.sh", import.meta.url));
  return {
    runtimeEnv: {
      ECHOQUORUM_WORKERD: workerdPath(),
      ECHOQUORUM_WORKERD_PID_FILE: join(folder, "pid"),
    },
    release() {
      rmSync(folder, { recursive: true, force: true });
      watcher.stdin.end();
    },
  };
}
