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
import { AlertBoard } from "../vendors/alertmanager.ts";
import { Mailbox } from "./mailbox.ts";
import { SlackWorkspace } from "../vendors/slack.ts";
import type { VendorTrouble } from "../vendors/vendor-trouble.ts";
import { answerInTrouble } from "../vendors/vendor-trouble.ts";
import { WEBHOOK_PATH, alertReceiverApp, isDelivery } from "./alert-receiver.ts";
import type { Credentials } from "./certificate-authority.ts";
import { issueCertificate } from "./certificate-authority.ts";
import type { Fault } from "./fault.ts";
import { FaultBook, faultFor } from "./fault.ts";
import { panelApp } from "./panel.ts";
import type { DemoAddresses } from "./page-shell.ts";
import { MAIL_PAGE_PATH, SLACK_PAGE_PATH } from "./page-shell.ts";
import { choosePorts, loadPorts, savePorts } from "./ports.ts";
import type { DemoConfiguration } from "./provisioning.ts";
import { DEMO_SLACK_CHANNEL, createDemo, updateDemoAddresses } from "./provisioning.ts";
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
  /** Takes e-mails to subscribers. */
  mailboxUrl: string;
  /** Makes or mends the demo's monitors and channel. */
  provision(api: ApiClient): Promise<void>;
  close(): Promise<void>;
}

const PANEL = "panel";
const ALERTS = "alerts";

/** Standard Webhooks secret from random bytes. */
const webhookSecret = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;

/** Token of a bot, from random bytes. */
const slackToken = (bytes: Buffer) => `xoxb-${bytes.toString("hex")}`;

/** Everything that the demo's servers share. */
interface DemoPlan {
  options: DemoOptions;
  ports: Readonly<Record<string, number>>;
  addresses: DemoAddresses;
  secret: string;
  /** Token of the stand-in for Slack. */
  botToken: string;
}

function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port was chosen for ${name}`);
  return port;
}

function startServers(plan: DemoPlan, credentials: Credentials): Promise<LocalServer[]> {
  const { options, ports } = plan;
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
  return Promise.all([
    serve(panel, portOf(ports, PANEL)),
    startReceivers(plan),
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

/** Starts the receivers of alerts. */
function startReceivers({ options, ports, addresses, secret, botToken }: DemoPlan) {
  const trouble: { kind: VendorTrouble } = { kind: "none" };
  const app = alertReceiverApp({
    addresses: () => addresses,
    log: new AlertLog(join(options.folder, "demo-alerts.jsonl")),
    secret,
    slack: new SlackWorkspace({
      token: botToken,
      channels: { [DEMO_SLACK_CHANNEL]: "C0DEMO" },
      nowMs: Date.now,
    }),
    alertmanager: new AlertBoard(Date.now),
    mailbox: new Mailbox(),
    trouble,
  });
  return serve(app, portOf(ports, ALERTS), (message, target) => {
    if (!isDelivery(message.method ?? "", message.url ?? "")) return false;
    if (trouble.kind === "none") return false;
    message.resume();
    return answerInTrouble(trouble.kind, target);
  });
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
  const botToken = loadSecret(join(folder, "demo-slack-token"), slackToken);
  const plan = { options, ports, addresses, secret, botToken };
  const servers = await startServers(plan, credentials);
  return {
    panelUrl: addresses.panel,
    alertsUrl: addresses.alerts,
    mailboxUrl: new URL(`${MAIL_PAGE_PATH}/letters`, addresses.alerts).href,
    async provision(api) {
      const configuration: DemoConfiguration = {
        targets: DEMO_TARGETS.map((target) => ({ target, port: portOf(ports, target.id) })),
        webhookUrl: new URL(WEBHOOK_PATH, addresses.alerts).href,
        secret,
        slackApiUrl: new URL(`${SLACK_PAGE_PATH}/api/`, addresses.alerts).href,
        botToken,
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
