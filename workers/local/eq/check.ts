/**
 * `eq check <url>`: one check by the real probe in local workerd.
 */
import { writeFile } from "node:fs/promises";
import type { CheckAnswer } from "../../../shared/probe/ask.ts";
import { encodeCapture, isCapturable } from "../../../shared/probe/capture.ts";
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

async function askProbe(probe: Runtime, options: CheckOptions): Promise<CheckAnswer> {
  const { spec, verbose, pcapFile } = options;
  const request = { spec, transcript: verbose, record: pcapFile !== null };
  const response = await fetch(new URL("check", probe.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(spec.timeoutMs + GRACE_MS),
  }).catch((error: unknown) => {
    throw new Complaint(`The probe did not answer: ${errorText(error)}.`);
  });
  const answer = (await response.json()) as CheckAnswer | { error: string };
  if ("error" in answer) throw new Complaint(`The probe refused: ${answer.error}`);
  return answer;
}

async function performCheck(options: CheckOptions): Promise<CheckAnswer> {
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

/** Writes the capture, and says so on standard error: standard output is the check's. */
async function saveCapture(answer: CheckAnswer, url: string, path: string): Promise<void> {
  const { record: transcript, ...observation } = answer;
  if (transcript === undefined || !isCapturable(observation)) {
    console.error("There is no capture: over fetch the platform shows no bytes.");
    return;
  }
  await writeFile(path, encodeCapture({ observation, transcript, url })).catch((error: unknown) => {
    throw new Complaint(`${path} cannot be written: ${errorText(error)}.`);
  });
  console.error(`Capture written to ${path}.`);
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
  const answer = await performCheck(options);
  const { url } = options.spec;
  if (options.json) {
    console.log(JSON.stringify(renderObservation(answer), null, 2));
  } else {
    const palette = paletteFor(process.stdout, process.env);
    console.log(renderReport(answer, { url, palette, verbose: options.verbose }));
  }
  if (options.pcapFile !== null) await saveCapture(answer, url, userPath(options.pcapFile, cwd));
  return EXIT_CODES[answer.status];
}
