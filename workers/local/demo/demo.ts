/**
 * The demo: targets that can be broken, the fault panel, the alert receiver, and the monitors and
 * the channel that connect them with the network.
 */
import { join } from "node:path";
import type { ApiClient } from "../start/api-client.ts";
import { loadSecret } from "../start/data-folder.ts";
import type { RegionTroubles } from "../services/region-trouble.ts";
import type { LocalServer } from "../services/http-server.ts";
import { serve } from "../services/http-server.ts";
import { AlertLog } from "./alert-log.ts";
import { WEBHOOK_PATH, alertReceiverApp } from "./alert-receiver.ts";
import type { Credentials } from "./certificate-authority.ts";
import { issueCertificate } from "./certificate-authority.ts";
import type { Fault } from "./fault.ts";
import { FaultBook, faultFor } from "./fault.ts";
import { panelApp } from "./panel.ts";
import type { DemoAddresses } from "./page-shell.ts";
import { choosePorts, loadPorts, savePorts } from "./ports.ts";
import type { DemoConfiguration } from "./provisioning.ts";
import { createDemo, updateDemoAddresses } from "./provisioning.ts";
import { startTargetServer } from "./target-server.ts";
import { DEMO_TARGETS, targetUrl } from "./targets.ts";

/** What the demo is built from. */
export interface DemoOptions {
  folder: string;
  /** Port of the status page: the demo's ports follow it where they are free. */
  basePort: number;
  regions: readonly string[];
  /** What is made to go wrong with the regions, by the panel. */
  troubles: RegionTroubles;
  authority: Credentials;
  statusPage: string;
}

/** The running demo. */
export interface Demo {
  panelUrl: string;
  alertsUrl: string;
  /** Makes or mends the demo's monitors and channel. */
  provision(api: ApiClient): Promise<void>;
  close(): Promise<void>;
}

const PANEL = "panel";
const ALERTS = "alerts";

/** Standard Webhooks secret from random bytes. */
const webhookSecret = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;

/** Everything that the demo's servers share. */
interface DemoPlan {
  options: DemoOptions;
  ports: Readonly<Record<string, number>>;
  addresses: DemoAddresses;
  secret: string;
}

function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port was chosen for ${name}`);
  return port;
}

function startServers(plan: DemoPlan, credentials: Credentials): Promise<LocalServer[]> {
  const { options, ports, secret } = plan;
  const faults = new FaultBook(
    join(options.folder, "demo-faults.json"),
    new Map(DEMO_TARGETS.map(({ id, fault }): [string, Fault] => [id, { fault, regions: null }])),
  );
  const seen = new Map(DEMO_TARGETS.map(({ id }) => [id, new Map<string, number>()]));
  const addresses = () => plan.addresses;
  const panel = panelApp({
    addresses,
    targets: DEMO_TARGETS.map((target) => ({
      id: target.id,
      name: target.name,
      url: targetUrl(target, portOf(ports, target.id)),
    })),
    regions: options.regions,
    troubles: options.troubles,
    faults,
    seen: (target) => seen.get(target) ?? new Map<string, number>(),
  });
  const log = new AlertLog(join(options.folder, "demo-alerts.jsonl"));
  return Promise.all([
    serve(panel, portOf(ports, PANEL)),
    serve(alertReceiverApp({ addresses, log, secret }), portOf(ports, ALERTS)),
    ...DEMO_TARGETS.map((target) =>
      startTargetServer({
        port: portOf(ports, target.id),
        credentials: target.tls ? credentials : null,
        faultFor(region) {
          if (region !== null) seen.get(target.id)?.set(region, Date.now());
          return faultFor(faults.get(target.id), region);
        },
      }),
    ),
  ]);
}

/** Starts targets, panel and receiver. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { folder, statusPage } = options;
  const remembered = loadPorts(folder);
  const names = [PANEL, ALERTS, ...DEMO_TARGETS.map(({ id }) => id)];
  const ports = await choosePorts(names, remembered.ports, options.basePort);
  const addresses = {
    statusPage,
    panel: `http://127.0.0.1:${portOf(ports, PANEL)}/`,
    alerts: `http://127.0.0.1:${portOf(ports, ALERTS)}/`,
  };
  const secret = loadSecret(join(folder, "demo-webhook-secret"), webhookSecret);
  const credentials = await issueCertificate(options.authority, Date.now());
  const servers = await startServers({ options, ports, addresses, secret }, credentials);
  return {
    panelUrl: addresses.panel,
    alertsUrl: addresses.alerts,
    async provision(api) {
      const configuration: DemoConfiguration = {
        targets: DEMO_TARGETS.map((target) => ({ target, port: portOf(ports, target.id) })),
        webhookUrl: new URL(WEBHOOK_PATH, addresses.alerts).href,
        secret,
      };
      const moved = names.some((name) => remembered.ports[name] !== ports[name]);
      if (!remembered.provisioned) await createDemo(api, configuration);
      else if (moved) await updateDemoAddresses(api, configuration);
      savePorts(folder, { provisioned: true, ports });
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
