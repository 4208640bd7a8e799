/** Runs the certificate inspector in local workerd, against any server on this machine. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { CertificateInspection } from "../../shared/probe/certificate.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = `
  import { inspectCertificate } from "./workers/probe/certificate/inspect.ts";
  export default {
    async fetch(incoming) {
      const { hostname, port, timeoutMs } = await incoming.json();
      const deadlineMs = performance.now() + timeoutMs;
      const request = { endpoint: { hostname, port }, deadlineMs, abandon() {} };
      return Response.json(await inspectCertificate(request));
    },
  };
`;

/** The inspector in its runtime. */
export interface Inspector extends AsyncDisposable {
  inspect(
    port: number,
    options?: { hostname?: string; timeoutMs?: number },
  ): Promise<CertificateInspection>;
}

/** Starts workerd with the inspector. */
export async function startInspector(): Promise<Inspector> {
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    external: ["cloudflare:*", "node:*"],
    conditions: ["workerd"],
  });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "inspector",
          compatibilityDate: "2026-11-01",
          compatibilityFlags: ["nodejs_compat"],
          modules: [
            {
              type: "ESModule",
              path: "inspector.mjs",
              contents: bundle.outputFiles[0]?.text ?? "",
            },
          ],
        },
      ],
    }),
  );
  await miniflare.ready;
  return {
    async inspect(port, { hostname = "localhost", timeoutMs = 5_000 } = {}) {
      const response = await miniflare.dispatchFetch("http://inspector/", {
        method: "POST",
        body: JSON.stringify({ hostname, port, timeoutMs }),
      });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as CertificateInspection;
    },
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}
