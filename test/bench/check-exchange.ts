/** What every side of the check benchmark does: one and the same exchange. */
import type { CheckRequest } from "../../shared/probe/ask.ts";

/** Payload of the message that is sent and comes back. */
const ECHO_BYTES = 32;
/** What a side that makes no payloads of its own sends: as long as the probe's. */
export const ECHO_TEXT = "e".repeat(ECHO_BYTES);
export const PING_TEXT = "0123456789abcdef.0";

/** Exchanges under way at a time, on every side: as many as one invocation may have open. */
export const AT_ONCE = 6;

/** Clients that run in Node: `ws`, the core's RFC 6455 client alone, the core's whole check. */
export type ClientKind = "ws" | "client" | "core";

/** What a side is asked to do. */
export interface WorkRequest {
  url: string;
  count: number;
  /** Exchanges under way at a time. */
  atOnce: number;
  /** For a Worker: the probe's check, or the bare bytes. */
  what?: "check" | "bytes";
}

/** The exchange as a check: connect, upgrade, one echo, one ping, closing handshake. */
export function checkOf(url: string): CheckRequest["spec"] {
  return {
    monitor: "bench",
    url,
    timeoutMs: 10_000,
    headers: [],
    subprotocols: [],
    origin: null,
    dialogue: [{ echo: { count: 1, bytes: ECHO_BYTES } }, { ping: { count: 1 } }],
    budgets: {},
    transport: null,
    compression: false,
  };
}
