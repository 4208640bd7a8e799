/**
 * Runs before `npm start`, `npm test` and the other commands: installs the dependencies when
 * `node_modules` is missing or older than the lockfile. It needs nothing but Node and npm, and
 * writes to standard error only, so that a command's own output stays clean.
 */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lockfile = `${root}package-lock.json`;
/** npm writes this file at the end of each install; it is missing after one that was cut short. */
const installed = `${root}node_modules/.package-lock.json`;

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  process.stderr.write("Installing dependencies (npm ci) …\n");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  const result = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    process.stderr.write(
      "The dependencies could not be installed: see npm's message above, then try again.\n",
    );
    process.exit(result.status ?? 1);
  }
}
