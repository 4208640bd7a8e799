/**
 * The way from one hop of a check to the next, where its upgrade was redirected and the monitor
 * allows to follow. All hops together have the check's one deadline.
 */
import { checkDeadlineMs } from "../../shared/probe/budget.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { beginHop } from "../../shared/probe/evidence.ts";
import { decideRedirect } from "../../shared/probe/redirect.ts";
import { createRedactor, redactQuery } from "../../shared/probe/redaction.ts";
import { monotonicNowMs } from "./deadline.ts";
import type { CheckProgress } from "./progress.ts";
import { note } from "./progress.ts";

/**
 * Enters the next hop, if the one before was redirected and may be followed; otherwise its failure
 * says why not.
 *
 * @param original the check as it was at first
 * @param visited addresses of all hops so far; the next one is appended
 */
export function enterNextHop(
  progress: CheckProgress,
  original: CheckSpec,
  visited: string[],
): boolean {
  const { evidence, spec, window } = progress;
  const { redirect, failure } = evidence;
  if (redirect === null || failure?.reason !== "upgrade_redirected") return false;
  const decision = decideRedirect(spec, redirect, visited);
  if (decision.type === "stay") {
    failure.detail = [failure.detail, decision.why].filter((text) => text !== "").join(" ");
    return false;
  }
  const nowMs = monotonicNowMs();
  if (nowMs >= checkDeadlineMs(window)) {
    evidence.failure = { reason: "upgrade_timeout", detail: "Redirects had used up the time." };
    return false;
  }
  if (progress.lease.held === 0 && !progress.lease.tryExtend()) {
    const detail = "No connection was left to follow a redirect with.";
    evidence.failure = { reason: "probe_error", detail };
    return false;
  }
  visited.push(decision.spec.url);
  progress.spec = decision.spec;
  progress.url = new URL(decision.spec.url);
  progress.redactor = createRedactor({ ...original, otherUrls: visited });
  progress.dnsSilent = false;
  const shown = progress.redactor.text(redactQuery(decision.spec.url));
  note(progress, `Following the redirect to ${shown}.`);
  beginHop(evidence, {
    url: shown,
    transport: original.transport ?? "socket",
    elapsedMs: nowMs - window.startedAtMs,
    headersLeft: original.headers.length > decision.spec.headers.length,
  });
  return true;
}
