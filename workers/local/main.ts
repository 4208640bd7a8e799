/**
 * `npm start`: the whole network on this machine, with something to watch.
 *
 * Composition root: reads options, opens the data folder, starts services, demo and Workers in the
 * order in which they need each other, and writes what happens to the terminal.
 */
import { formatDuration } from "../../shared/duration.ts";
import { Complaint, runCommand } from "./complaint.ts";
import type { Demo } from "./demo/demo.ts";
import { loadWranglerToml, regionsOf } from "./network/environments.ts";
import type { Network } from "./network/network.ts";
import type { WorkerLog } from "./network/runtime.ts";
import { freePort, isFree } from "./services/http-server.ts";
import { RegionTroubles } from "./services/region-trouble.ts";
import { ApiClient } from "./start/api-client.ts";
import { applyConfig, loadConfigFile } from "./start/config-file.ts";
import { loadSecret, openDataFolder } from "./start/data-folder.ts";
import { renderLogLine } from "./start/log-line.ts";
import type { StartOptions } from "./start/options.ts";
import { START_USAGE, parseStartOptions, shownPath } from "./start/options.ts";
import { waitForPage } from "./start/readiness.ts";
import { Shutdown, stopOnSignals } from "./start/shutdown.ts";
import { paletteFor } from "./start/terminal.ts";

const palette = paletteFor(process.stdout, process.env);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function progress(step: string): void {
  say(palette.soft(`… ${step}`));
}

function onLog(log: WorkerLog): void {
  const line = renderLogLine(log, palette, Date.now());
  if (line !== null) say(line);
}

interface Running {
  options: StartOptions;
  network: Network;
  demo: Demo | null;
  /** The token as it may be written to the terminal. */
  shownToken: string;
}

function announce({ options, network, demo, shownToken }: Running): void {
  const rows: Array<[string, string]> = [
    ["Status page", network.url],
    ["REST API", `${network.url}api/v1/`],
    ["Admin token", shownToken],
    ...(demo === null
      ? []
      : ([
          ["Fault panel", demo.panelUrl],
          ["Alert receiver", demo.alertsUrl],
          ["Subscribers", `${demo.alertsUrl}mail`],
        ] satisfies Array<[string, string]>)),
    ["Regions", `${network.regions.join(", ")}, every ${formatDuration(options.paceMs)}`],
    ["Data", shownPath(options.dataFolder, process.cwd())],
  ];
  say("");
  for (const [label, value] of rows) say(`  ${palette.bold(label.padEnd(15))} ${value}`);
  say("");
  say(palette.good(`ready ${network.url}`));
}

/** Makes the demo's servers, and has workerd trust the authority of its TLS target. */
async function prepareDemo(
  options: StartOptions,
  port: number,
  troubles: RegionTroubles,
): Promise<Demo> {
  const [{ loadAuthority }, { startDemo }, { trustAuthorities }] = await Promise.all([
    import("./demo/certificate-authority.ts"),
    import("./demo/demo.ts"),
    import("./network/trust.ts"),
  ]);
  const folder = options.dataFolder;
  const authority = await loadAuthority(folder, Date.now());
  trustAuthorities([authority.certificate]);
  return startDemo({
    folder,
    basePort: options.port,
    regions: regionsOf(loadWranglerToml().environments),
    troubles,
    authority,
    statusPage: `http://127.0.0.1:${port}/`,
  });
}

async function start(options: StartOptions, shutdown: Shutdown): Promise<void> {
  const { startLoopbackServices } = await import("./services/loopback-services.ts");
  const declared = options.configFile === null ? null : loadConfigFile(options.configFile);
  const folder = openDataFolder(options.dataFolder);
  shutdown.add(() => folder.unlock());
  const port = options.port === 0 ? await freePort() : options.port;
  if (!(await isFree(port))) {
    const { portTaken } = await import("./network/runtime.ts");
    throw new Complaint(portTaken(port));
  }
  const givenToken = process.env["ECHOQUORUM_ADMIN_TOKEN"] || null;
  const token =
    givenToken ?? loadSecret(`${folder.path}/admin-token`, (bytes) => bytes.toString("base64url"));

  const troubles = new RegionTroubles();
  const services = await startLoopbackServices(troubles);
  shutdown.add(() => services.close());
  if (options.demo) progress("starting demo targets, fault panel and alert receiver");
  const demo = options.demo ? await prepareDemo(options, port, troubles) : null;
  if (demo !== null) shutdown.add(() => demo.close());

  progress("bundling Workers and starting workerd");
  const { startNetwork } = await import("./network/network.ts");
  const network = await startNetwork({
    port,
    paceMs: options.paceMs,
    adminToken: token,
    sealingKey: loadSecret(`${folder.path}/sealing-key`, (bytes) => bytes.toString("base64")),
    storage: folder.storage,
    colosUrl: services.traceUrl,
    resolverUrl: services.resolverUrl,
    controlTargets: services.controlTargets,
    mailboxUrl: demo?.mailboxUrl ?? null,
    troubles,
    onLog,
  });
  shutdown.add(() => network.stop());
  if (shutdown.begun) return;

  const api = new ApiClient(network.url, token);
  if (demo !== null) progress("applying the demo's monitors");
  await demo?.provision(api);
  if (declared !== null) {
    progress(`applying ${shownPath(declared.path, process.cwd())}`);
    await applyConfig(api, declared);
  }
  await waitForPage(network.url);
  network.startCrons();
  // Whoever set the token knows it; logs of the terminal need not.
  const shownToken = givenToken === null ? token : "as set by ECHOQUORUM_ADMIN_TOKEN";
  announce({ options, network, demo, shownToken });
}

await runCommand(async () => {
  const options = parseStartOptions(
    process.argv.slice(2),
    process.env["INIT_CWD"] ?? process.cwd(),
  );
  if (options === null) {
    say(START_USAGE);
    return 0;
  }
  say(
    `${palette.bold("Echoquorum")} ${palette.soft("on this machine; times in UTC; Ctrl+C stops it")}`,
  );
  // A reader of our output that goes away is no reason to stop watching.
  process.stdout.on("error", () => undefined);
  const shutdown = new Shutdown();
  stopOnSignals(shutdown, () => say(palette.soft("… stopping")));
  try {
    await start(options, shutdown);
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
  return 0;
});
