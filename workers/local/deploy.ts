/**
 * `npm run deploy`: every Worker of `wrangler.toml` and the database to the user's own account.
 * `--dry-run` bundles all of them as a deployment would and uploads nothing.
 *
 * Runs wrangler, one command after another; the first that fails ends it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Complaint, firstSentence, runCommand } from "./complaint.ts";
import type { DeployStep } from "./deploy-plan.ts";
import { deployOrder, planDeploy } from "./deploy-plan.ts";
import { COORDINATOR, ROOT, loadWranglerToml } from "./network/environments.ts";

const USAGE = `Usage: npm run deploy [-- --dry-run]

Deploys the probes, then the coordinator, and applies the migrations where they are needed.
Log in first: npx wrangler login. --dry-run bundles everything and uploads nothing.`;

/** Name of the database in wrangler.toml. */
const DATABASE = "echoquorum";
/** Secrets of the coordinator, and what it refuses without them. */
const SECRETS = {
  ECHOQUORUM_ADMIN_TOKEN: "The API refuses changes until it has a token.",
  ECHOQUORUM_SEALING_KEY: "Channels cannot be created until there is a key to seal their secrets.",
} as const;
/** Bundles that are checked at the same time. */
const DRY_RUNS_AT_ONCE = 2;

interface Result {
  code: number;
  output: string;
}

/** Runs wrangler; its output is shown as it comes, or collected. */
function wrangler(args: readonly string[], show: boolean): Promise<Result> {
  const command = join(ROOT, "node_modules/.bin/wrangler");
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

interface BundleSize {
  bytes: number;
  gzipBytes: number;
}

function measure(folder: string): BundleSize {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !/\.map$|README\.md$/.test(path));
  const contents = Buffer.concat(files.map((path) => readFileSync(path)));
  return { bytes: contents.length, gzipBytes: gzipSync(contents).length };
}

const kib = (bytes: number) => `${(bytes / 1_024).toFixed(1).padStart(8)} KiB`;

async function dryRun(environment: string, width: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-bundle-"));
  try {
    const args = ["deploy", "--dry-run", "--env", environment, "--outdir", folder];
    const { code, output } = await wrangler(args, false);
    if (code !== 0) {
      console.error(`✗ ${environment} cannot be deployed:\n${output.trimEnd()}`);
      return false;
    }
    const { bytes, gzipBytes } = measure(folder);
    console.log(`✓ ${environment.padEnd(width)} ${kib(bytes)}, ${kib(gzipBytes)} compressed`);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function dryRunAll(): Promise<number> {
  const names = deployOrder(loadWranglerToml().environments);
  const width = Math.max(...names.map(({ length }) => length));
  const queue = [...names];
  const results: boolean[] = [];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      results.push(await dryRun(name, width));
    }
  };
  await Promise.all(Array.from({ length: DRY_RUNS_AT_ONCE }, work));
  return results.every(Boolean) ? 0 : 1;
}

/** Whether the account has the database already. */
async function databaseExists(): Promise<boolean> {
  const { code, output } = await wrangler(["d1", "list", "--json"], false);
  if (code !== 0) {
    throw new Complaint(
      `wrangler cannot list the account's databases; log in with \`npx wrangler login\`.\n${output}`,
      1,
    );
  }
  const start = output.indexOf("[");
  const databases = JSON.parse(output.slice(Math.max(start, 0))) as Array<{ name: string }>;
  return databases.some(({ name }) => name === DATABASE);
}

async function execute(step: DeployStep): Promise<void> {
  const args =
    step.kind === "worker"
      ? ["deploy", "--env", step.environment]
      : ["d1", "migrations", "apply", DATABASE, "--remote", "--env", COORDINATOR];
  console.log(`\n→ wrangler ${args.join(" ")}`);
  const { code } = await wrangler(args, true);
  if (code !== 0) {
    throw new Complaint("The deployment stopped here. Mend the cause above, then run it again.", 1);
  }
}

/** Says how to set the secrets that are missing. */
async function remindOfSecrets(): Promise<void> {
  const { code, output } = await wrangler(["secret", "list", "--env", COORDINATOR], false);
  for (const [name, why] of Object.entries(SECRETS)) {
    if (code === 0 && output.includes(name)) continue;
    console.log(
      `\n${why} Set one:\n` +
        `  openssl rand -base64 32 | npx wrangler secret put ${name} --env ${COORDINATOR}`,
    );
  }
}

async function deploy(): Promise<number> {
  const { environments } = loadWranglerToml();
  for (const step of planDeploy(environments, await databaseExists())) await execute(step);
  await remindOfSecrets();
  console.log("\nDeployed.");
  return 0;
}

function parseOptions(): { dryRun: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: { "dry-run": { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    return { dryRun: values["dry-run"] === true, help: values.help === true };
  } catch (error) {
    throw new Complaint(`${firstSentence(error)}.\n${USAGE}`);
  }
}

await runCommand(async () => {
  const options = parseOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  return options.dryRun ? dryRunAll() : deploy();
});
