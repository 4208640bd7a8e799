/**
 * Everything that one check needs to know about its target: what a monitor comes down to once its
 * defaults and shorthands are resolved. The probe takes nothing else from a monitor.
 *
 * Pure types; imports those of the dialogue steps and of what is expected of the handshake.
 */
import type { CompanionSpec } from "./companion.ts";
import type { DialogueStep } from "./dialogue-step.ts";
import type { HandshakeExpectation } from "./handshake-expectation.ts";
import type { Transport } from "./observation.ts";

/** Latency above which a phase counts as slow, in milliseconds; absent: no budget. */
export interface LatencyBudgets {
  tcpMs?: number | undefined;
  tlsMs?: number | undefined;
  upgradeMs?: number | undefined;
  firstMessageMs?: number | undefined;
  /** Applies to the 95th percentile of the echo round trips. */
  echoMs?: number | undefined;
  totalMs?: number | undefined;
}

/** One check. */
export interface CheckSpec {
  /** Monitor id, copied into the observation. */
  monitor: string;
  /** Target, `ws:` or `wss:`. */
  url: string;
  /** Deadline for the whole check in milliseconds, 100 … 60,000. */
  timeoutMs: number;
  /** Additional request headers, in order. */
  headers: ReadonlyArray<readonly [name: string, value: string]>;
  /** Offered in `Sec-WebSocket-Protocol`, in order of preference. */
  subprotocols: readonly string[];
  /** Value of the `Origin` header; null: none. */
  origin: string | null;
  dialogue: readonly DialogueStep[];
  budgets: LatencyBudgets;
  /** What the 101 answer must be like beyond RFC 6455; absent: nothing. */
  handshake?: HandshakeExpectation | undefined;
  /** Transport that the monitor insists on; null: the probe chooses. */
  transport: Transport | null;
  /** Whether `permessage-deflate` is offered. */
  compression: boolean;
  /** Redirects of the upgrade that are followed, 0 … 5; absent: none, they are only reported. */
  redirects?: number | undefined;
  /** HTTP request that is made beside it; absent: none. */
  http?: CompanionSpec | undefined;
  /** Whether the certificate is inspected although TLS succeeded; absent: only when it fails. */
  inspectCertificate?: boolean | undefined;
}
