/**
 * The HTTP request beside a check, over the platform's `fetch`: it goes where the check goes, at the
 * same time and by the same deadline, over a connection of its own. Nothing of the monitor's own
 * headers is sent. Redirects are not followed: what the server answers is what is judged.
 */
import { isLocalhost, isPrivateAddress, literalAddress } from "../../shared/probe/address.ts";
import type { CheckWindow } from "../../shared/probe/budget.ts";
import { checkDeadlineMs } from "../../shared/probe/budget.ts";
import type { CompanionAnswer, CompanionSpec } from "../../shared/probe/companion.ts";
import { COMPANION_BODY_BYTES_MAX, judgeCompanion } from "../../shared/probe/companion.ts";
import type { HttpResult } from "../../shared/probe/observation.ts";
import { userAgent } from "../../shared/version.ts";
import { bodyStart } from "./body.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { CheckContext } from "./progress.ts";

/** A request under way. */
export interface RunningCompanion {
  /** Never rejects; null: it was not made, because the platform refuses such an address. */
  result: Promise<HttpResult | null>;
  /** Gives it up: its result is not wanted. */
  cancel(): void;
}

/** Begins the request; the slot in `lease` is given back when it is over. */
export function startCompanion(
  spec: CompanionSpec,
  window: CheckWindow,
  context: CheckContext,
  lease: SlotLease,
): RunningCompanion {
  const abort = new AbortController();
  const perform = async () => {
    if (isRefused(new URL(spec.url), context)) return null;
    return judgeCompanion(spec, await ask(spec, window, context, abort));
  };
  return { result: perform().finally(() => lease.end()), cancel: () => abort.abort() };
}

function isRefused(url: URL, { privateReachable }: CheckContext): boolean {
  if (privateReachable) return false;
  const literal = literalAddress(url.hostname);
  return isLocalhost(url.hostname) || (literal !== null && isPrivateAddress(literal));
}

async function ask(
  spec: CompanionSpec,
  window: CheckWindow,
  context: CheckContext,
  abort: AbortController,
): Promise<CompanionAnswer> {
  const startedAtMs = monotonicNowMs();
  const deadlineMs = checkDeadlineMs(window);
  const headers = { "User-Agent": userAgent(context.region), "Cache-Control": "no-cache" };
  const settled = await settleBy(
    fetch(spec.url, { headers, redirect: "manual", signal: abort.signal }),
    deadlineMs,
  );
  const totalMs = monotonicNowMs() - startedAtMs;
  if (settled.type !== "value") {
    abort.abort();
    return { type: settled.type === "timeout" ? "timeout" : "failed", totalMs };
  }
  const response = settled.value;
  const { status } = response;
  const bytes = await bodyStart(
    response,
    spec.body === null ? 0 : COMPANION_BODY_BYTES_MAX,
    deadlineMs,
  );
  return {
    type: "answered",
    status,
    totalMs,
    body: new TextDecoder().decode(bytes),
    bodyTimedOut: monotonicNowMs() >= deadlineMs,
  };
}
