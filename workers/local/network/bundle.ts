/**
 * Bundles a Worker's source in memory, as wrangler would for a deployment, only faster.
 */
import type { Plugin } from "esbuild";
import { build } from "esbuild";
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { Complaint } from "../complaint.ts";
import { ROOT } from "./environments.ts";

/**
 * Packages that name a module of Node without `node:`, often by `require`, get the runtime's own, as
 * they do from wrangler under `nodejs_compat`.
 */
const PLAIN_BUILTINS: Plugin = {
  name: "plain-builtins",
  setup({ onResolve, onLoad }) {
    const plain = builtinModules.filter((name) => !name.startsWith("_") && !name.includes(":"));
    onResolve({ filter: new RegExp(`^(?:${plain.join("|")})$`) }, ({ path }) => {
      return { path, namespace: "plain-builtin" };
    });
    onLoad({ filter: /.*/, namespace: "plain-builtin" }, ({ path }) => {
      const contents = `export * from "node:${path}"; export { default } from "node:${path}";`;
      return { contents, loader: "js" };
    });
  },
};

/**
 * Bundles one entry point into a single ES module.
 *
 * @param entry absolute path of the Worker's `main`
 * @throws Complaint with the place of the first error in the source
 */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*", "node:*"],
    plugins: [PLAIN_BUILTINS],
    loader: { ".css": "text", ".svg": "text", ".html": "text", ".sql": "text" },
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    logLevel: "silent",
  }).catch((error: unknown) => {
    throw new Complaint(`${relative(ROOT, entry)} cannot be bundled: ${firstError(error)}`, 1);
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  return output.text;
}

function firstError(error: unknown): string {
  const failure = error as {
    errors?: Array<{ text: string; location: { file: string; line: number } | null }>;
  };
  const [first] = failure.errors ?? [];
  if (first === undefined) return String(error);
  const { location, text } = first;
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}
