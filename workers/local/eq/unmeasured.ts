/**
 * Why a phase that a check went through has no time of its own, in a few words. Phases that it never
 * came to are not explained: the failure does. Pure.
 */
import { isLocalhost, literalAddress } from "../../../shared/probe/address.ts";
import type { Observation, Timings } from "../../../shared/probe/observation.ts";
import type { Phase } from "../../../shared/probe/reason.ts";
import { PHASES } from "../../../shared/probe/reason.ts";

type TimedPhase = Exclude<keyof Timings, "redirectMs" | "totalMs">;

/** Phase in which each time is measured. */
const PHASE_OF: Readonly<Record<TimedPhase, Phase>> = {
  dnsMs: "dns",
  tcpMs: "connect",
  tlsMs: "tls",
  upgradeMs: "upgrade",
  firstMessageMs: "dialogue",
  closeMs: "close",
};

/**
 * The explanation; empty when the phase was measured, or was not come to.
 *
 * @param url address that was checked; after redirects, the last of theirs counts
 */
export function explainUnmeasured(
  phase: TimedPhase,
  observation: Observation,
  url: string,
): string {
  if (observation.timings[phase] !== null || !cameTo(PHASE_OF[phase], observation)) return "";
  const target = new URL(observation.redirects?.at(-1) ?? url);
  const overFetch = observation.transport === "fetch";
  switch (phase) {
    case "dnsMs":
      if (literalAddress(target.hostname) !== null) return "not needed: the URL holds an address";
      if (isLocalhost(target.hostname)) return "not needed: the name means this machine";
      return "not measured: no resolver answered";
    case "tcpMs":
      return overFetch ? "over fetch: part of the upgrade" : "opened together with TLS";
    case "tlsMs":
      if (target.protocol === "ws:") return "none: a ws:// URL";
      return overFetch ? "over fetch: part of the upgrade" : "not to be told apart from TCP";
    case "firstMessageMs":
      return "the server sent no message";
    case "closeMs":
      return "the server closed first";
    case "upgradeMs":
      return "";
  }
}

/** Whether a check got beyond a phase. */
function cameTo(phase: Phase, { phase: failed }: Observation): boolean {
  // Slow and soon expiring targets went through everything; the probe's own trouble is anywhere.
  if (failed === null || failed === "limits") return true;
  return failed !== "probe" && PHASES.indexOf(phase) < PHASES.indexOf(failed);
}
