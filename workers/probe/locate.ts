/**
 * The DNS phase of a check: finds the target's addresses, where its host is a name that public DNS
 * may know, and chooses the transport that can reach them.
 */
import { isLocalhost, isPrivateAddress, literalAddress } from "../../shared/probe/address.ts";
import { phaseDeadlineMs } from "../../shared/probe/budget.ts";
import { isCloudflareAddress } from "../../shared/probe/cloudflare-ranges.ts";
import type { Address } from "../../shared/probe/observation.ts";
import { userAgent } from "../../shared/version.ts";
import { monotonicNowMs } from "./deadline.ts";
import type { Finding } from "./dns.ts";
import { resolveHost } from "./dns.ts";
import type { CheckProgress } from "./progress.ts";
import { fail, note } from "./progress.ts";

/** Goes through the phase; what it finds, or its failure, is in the evidence afterwards. */
export async function locate(progress: CheckProgress): Promise<void> {
  const { url, evidence, context, window, lease } = progress;
  const literal = literalAddress(url.hostname);
  evidence.address = literal;
  if (literal !== null) chooseTransport(progress, [literal]);
  if (literal !== null || isLocalhost(url.hostname) || context.resolvers.length === 0) return;
  const resolution = await resolveHost({
    hostname: url.hostname,
    resolvers: context.resolvers,
    userAgent: userAgent(context.region),
    deadlineMs: phaseDeadlineMs("dns", window, monotonicNowMs()),
    lease,
  });
  if (resolution.type === "unavailable") {
    // The connection attempt will tell: a name that connects is a name that resolves.
    progress.dnsSilent = resolution.timedOut;
    evidence.notes.push("No DNS resolver answered the probe.");
    return;
  }
  evidence.timings.dnsMs = resolution.elapsedMs;
  note(progress, findingLine(url.hostname, resolution));
  if (resolution.type === "failed") {
    fail(progress, resolution.reason, resolution.detail);
    return;
  }
  evidence.address = resolution.addresses[0] ?? null;
  chooseTransport(progress, resolution.addresses);
}

/** What DNS says, in one line: `DNS: chat.example.com → edge.example.net → 192.0.2.1.` */
function findingLine(hostname: string, resolution: Finding & { elapsedMs: number | null }): string {
  const kept = resolution.elapsedMs === null ? " (known from a check before)" : "";
  return `DNS: ${[hostname, ...resolution.chain, endOf(resolution)].join(" → ")}${kept}.`;
}

function endOf(finding: Finding): string {
  if (finding.type === "found") return finding.addresses.map(({ ip }) => ip).join(", ");
  return finding.reason === "dns_error" ? "an error" : "no address";
}

/** Goes over fetch where raw sockets may not go, unless the monitor says which way to take. */
function chooseTransport(progress: CheckProgress, addresses: readonly Address[]): void {
  const { spec, evidence } = progress;
  if (spec.transport !== null || !addresses.some(isCloudflareAddress)) return;
  evidence.transport = "fetch";
  note(progress, "The address is Cloudflare's: going over fetch.");
}

/**
 * Whether the address that is dialled is one that the platform refuses: a connection to it that fails,
 * however long that takes, says nothing of the target.
 */
export function isRefused({ url, evidence, context }: CheckProgress): boolean {
  if (context.privateReachable) return false;
  if (isLocalhost(url.hostname) || url.port === "25") return true;
  const { address } = evidence;
  return address !== null && (isPrivateAddress(address) || isCloudflareAddress(address));
}
