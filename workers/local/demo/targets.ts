/**
 * The demo targets: who they are, what is wrong with each at first, and the monitor that watches it.
 */
import type { MonitorInput } from "./provisioning.ts";
import type { FaultKind } from "./fault.ts";

/** One demo target. Its id is its monitor's id as well. */
export interface DemoTarget {
  id: string;
  name: string;
  tls: boolean;
  /** Fault of a fresh data folder. */
  fault: FaultKind;
  /** What its monitor has besides id, name and URL. */
  monitor: Omit<MonitorInput, "id" | "name" | "url">;
}

/** Every demo target, in the order of the panel. */
export const DEMO_TARGETS: readonly DemoTarget[] = [
  {
    id: "echo",
    name: "Healthy echo",
    tls: false,
    fault: "none",
    monitor: { echo: true, ping: true, http: true, timeout: "3s", group: "Demo" },
  },
  {
    id: "echo-tls",
    name: "Echo over TLS",
    tls: true,
    fault: "none",
    monitor: { echo: true, ping: true, timeout: "3s", group: "Demo" },
  },
  {
    id: "echo-slow",
    name: "Slow echo",
    tls: false,
    fault: "slow",
    monitor: {
      echo: true,
      ping: true,
      timeout: "3s",
      group: "Demo",
      expect: { latency: { echoMs: 300 } },
    },
  },
  {
    id: "wrong-accept",
    name: "Wrong accept key",
    tls: false,
    fault: "wrong_accept",
    monitor: { echo: true, http: true, timeout: "3s", group: "Demo" },
  },
  {
    id: "silent",
    name: "Silent after the upgrade",
    tls: false,
    fault: "silent",
    monitor: { echo: true, timeout: "2s", group: "Demo" },
  },
];

/** URL of a target for its monitor. The certificate is for `localhost`. */
export function targetUrl(target: DemoTarget, port: number): string {
  return target.tls ? `wss://localhost:${port}/` : `ws://127.0.0.1:${port}/`;
}
