/** Runs the certificate inspector, and checks that lead to it, in local workerd. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { CertificateInspection } from "../../shared/probe/certificate.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Observation } from "../../shared/probe/observation.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = `
  import { inspectCertificate } from "./workers/probe/certificate/inspect.ts";
  import { performSingleCheck } from "./workers/probe/single-check.ts";
  const context = {
    region: "eu-central",
    colo: null,
    resolvers: [],
    privateReachable: true,
    keepTranscript: false,
  };
  export default {
    async fetch(request) {
      const { hostname, port, timeoutMs, spec } = await request.json();
      if (spec !== undefined) return Response.json(await performSingleCheck(spec, context));
      const deadlineMs = performance.now() + timeoutMs;
      const endpoint = { hostname, port };
      return Response.json(await inspectCertificate({ endpoint, deadlineMs, abandon() {} }));
    },
  };
`;

/** The inspector in its runtime. */
export interface Inspector extends AsyncDisposable {
  inspect(
    port: number,
    options?: { hostname?: string; timeoutMs?: number },
  ): Promise<CertificateInspection>;
  /** A whole check of `wss://localhost:<port>/`, as the probe makes it. */
  check(port: number, extra?: Partial<CheckSpec>): Promise<Observation>;
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
      // The runtime logs each failed handshake; here they fail on purpose.
      handleStructuredLogs: () => undefined,
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
  const post = async <T>(body: unknown): Promise<T> => {
    const response = await miniflare.dispatchFetch("http://inspector/", {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  };
  return {
    inspect: (port, { hostname = "localhost", timeoutMs = 5_000 } = {}) =>
      post({ hostname, port, timeoutMs }),
    check: (port, extra = {}) => post({ spec: { ...wssSpec(port), ...extra } }),
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}

function wssSpec(port: number): CheckSpec {
  return {
    monitor: "m",
    url: `wss://localhost:${port}/`,
    timeoutMs: 5_000,
    headers: [],
    subprotocols: [],
    origin: null,
    dialogue: [],
    budgets: {},
    transport: null,
    compression: false,
  };
}
