/**
 * `eq check <url>`: one check by the real probe in local workerd.
 */
import type { Observation } from "../../../shared/probe/observation.ts";
import { renderObservation } from "../../../shared/probe/observation.ts";
import type { Status } from "../../../shared/probe/reason.ts";
import { Complaint, errorText } from "../complaint.ts";
import { bundleWorker } from "../network/bundle.ts";
import { ROOT, loadWranglerToml } from "../network/environments.ts";
import type { Runtime } from "../network/runtime.ts";
import { startRuntime } from "../network/runtime.ts";
import { readCertificates, trustAuthorities } from "../network/trust.ts";
import { startLoopbackServices } from "../services/loopback-services.ts";
import { userPath } from "../start/options.ts";
import { paletteFor } from "../start/terminal.ts";
import type { CheckOptions } from "./check-options.ts";
import { CHECK_USAGE, parseCheckOptions } from "./check-options.ts";
import { renderReport } from "./check-report.ts";

/** Exit code for each status. */
const EXIT_CODES: Readonly<Record<Status, number>> = { up: 0, degraded: 1, down: 2, unknown: 3 };
/** How much longer than its own deadline the probe may take to answer, in milliseconds. */
const GRACE_MS = 2_000;
/** Region of observations made from here. */
const REGION = "local";

async function startProbe(resolverUrl: string): Promise<Runtime> {
  const { compatibilityDate, compatibilityFlags } = loadWranglerToml();
  const contents = await bundleWorker(`${ROOT}workers/probe/index.ts`);
  return startRuntime({
    port: 0,
    storage: null,
    onLog: ({ message }) => process.stderr.write(`${message.trimEnd()}\n`),
    workers: [
      {
        name: REGION,
        compatibilityDate,
        compatibilityFlags,
        modules: [{ type: "ESModule", path: "index.js", contents }],
        bindings: {
          REGION,
          CRON_PACE_MS: "60000",
          DNS_RESOLVERS: resolverUrl,
          COLO_TRACE_URL: "",
          ALLOW_PRIVATE_ADDRESSES: "1",
        },
        serviceBindings: { SELF: { name: REGION } },
        d1Databases: { DB: { id: "DB" } },
      },
    ],
  });
}

async function askProbe(probe: Runtime, options: CheckOptions): Promise<Observation> {
  const { spec } = options;
  const response = await fetch(new URL("check", probe.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ spec, transcript: options.verbose }),
    signal: AbortSignal.timeout(spec.timeoutMs + GRACE_MS),
  }).catch((error: unknown) => {
    throw new Complaint(`The probe did not answer: ${errorText(error)}.`);
  });
  const answer = (await response.json()) as Observation | { error: string };
  if ("error" in answer) throw new Complaint(`The probe refused: ${answer.error}`);
  return answer;
}

async function performCheck(options: CheckOptions): Promise<Observation> {
  const services = await startLoopbackServices();
  try {
    const probe = await startProbe(services.resolverUrl);
    try {
      return await askProbe(probe, options);
    } finally {
      await probe.stop();
    }
  } finally {
    await services.close();
  }
}

/**
 * Runs the command.
 *
 * @param cwd where the person typed it
 * @returns its exit code
 */
export async function runCheck(args: readonly string[], cwd: string): Promise<number> {
  const options = parseCheckOptions(args);
  if (options === null) {
    console.log(CHECK_USAGE);
    return 0;
  }
  if (options.caFile !== null) trustAuthorities(readCertificates(userPath(options.caFile, cwd)));
  const observation = await performCheck(options);
  if (options.json) {
    console.log(JSON.stringify(renderObservation(observation), null, 2));
  } else {
    const palette = paletteFor(process.stdout, process.env);
    const { url } = options.spec;
    console.log(renderReport(observation, { url, palette, verbose: options.verbose }));
  }
  return EXIT_CODES[observation.status];
}
