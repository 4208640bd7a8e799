/**
 * The closed list of reasons why a check is not up, with the phase in which each arises, who is to
 * blame, how bad it is, what it means and what usually causes it.
 *
 * Adding a reason means adding it here; everything else (types, documentation table, page text) is
 * derived. Pure data; imports nothing.
 */

/** Part of a check in which something went wrong, in the order in which a check goes through them. */
export const PHASES = [
  "dns",
  "connect",
  "tls",
  "upgrade",
  "protocol",
  "dialogue",
  "close",
  "limits",
  "security",
  "http",
  "probe",
] as const;

/** See {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** Who is at fault. Only `target` and `network` observations vote. */
export type Blame = "target" | "network" | "probe";

/** What one region saw. `unknown` is only ever the probe's own trouble. */
export type Status = "up" | "degraded" | "down" | "unknown";

/** What the list says about one reason. */
export interface ReasonFacts {
  readonly phase: Phase;
  readonly blame: Blame;
  /** Status of an observation with this reason, unless the monitor says otherwise. */
  readonly status: Exclude<Status, "up">;
  /** One sentence for people: what was seen. */
  readonly meaning: string;
  /** What usually lies behind it. */
  readonly cause: string;
}

function fact(
  phase: Phase,
  blame: Blame,
  status: ReasonFacts["status"],
  meaning: string,
  cause: string,
): ReasonFacts {
  return { phase, blame, status, meaning, cause };
}

const down = (phase: Phase, meaning: string, cause: string, blame: Blame = "target") =>
  fact(phase, blame, "down", meaning, cause);
const degraded = (phase: Phase, meaning: string, cause: string) =>
  fact(phase, "target", "degraded", meaning, cause);
const ours = (phase: Phase, meaning: string, cause: string) =>
  fact(phase, "probe", "unknown", meaning, cause);

/** Every reason, keyed by its snake_case name. */
export const REASONS = {
  dns_not_found: down(
    "dns",
    "The host name does not exist.",
    "A deleted or mistyped DNS record, or an expired domain.",
  ),
  dns_timeout: down(
    "dns",
    "The name servers did not answer in time.",
    "Authoritative name servers down or unreachable.",
    "network",
  ),
  dns_error: down(
    "dns",
    "The name servers answered with an error.",
    "A broken zone, a DNSSEC failure, or a resolver that could not reach the name servers.",
    "network",
  ),
  connect_failed: down(
    "connect",
    "No TCP connection could be opened.",
    "Nothing listens on the port, the host is down, or a firewall rejects the connection.",
    "network",
  ),
  connect_timeout: down(
    "connect",
    "The TCP connection was not accepted in time.",
    "A firewall that drops packets, a full accept queue, or a routing problem.",
    "network",
  ),
  address_blocked: ours(
    "connect",
    "The probe may not connect to this address.",
    "A private, loopback or Cloudflare address, or port 25: the platform refuses raw sockets to it.",
  ),
  tls_failed: down(
    "tls",
    "The TLS handshake failed.",
    "No TLS on this port, no common version or cipher, or a certificate that is not accepted.",
  ),
  tls_timeout: down(
    "tls",
    "The TLS handshake did not finish in time.",
    "A server that accepts connections but does not speak TLS, or is overloaded.",
  ),
  tls_certificate_expired: down(
    "tls",
    "The certificate has expired.",
    "Renewal failed, or the server was not reloaded after it.",
  ),
  tls_certificate_not_yet_valid: down(
    "tls",
    "The certificate is not valid yet.",
    "A certificate put in place too early, or a wrong clock where it was issued.",
  ),
  tls_hostname_mismatch: down(
    "tls",
    "The certificate is for another host name.",
    "A default virtual host answers, or the name is missing from the certificate.",
  ),
  tls_untrusted_issuer: down(
    "tls",
    "The certificate does not lead to a trusted authority.",
    "A self-signed certificate, a private authority, or a missing intermediate certificate.",
  ),
  upgrade_timeout: down(
    "upgrade",
    "The server did not answer the upgrade request in time.",
    "An overloaded or deadlocked application behind an open port.",
  ),
  upgrade_rejected: down(
    "upgrade",
    "The server refused the upgrade.",
    "A wrong path, a failing back end, or a proxy that does not route WebSocket.",
  ),
  upgrade_unauthorized: down(
    "upgrade",
    "The server refused the upgrade for lack of authorization.",
    "Missing, wrong or expired credentials, or an origin that is not allowed.",
  ),
  upgrade_overloaded: down(
    "upgrade",
    "The server refused the upgrade as overloaded or unavailable.",
    "A connection or rate limit reached, or no healthy back end.",
  ),
  upgrade_ignored: down(
    "upgrade",
    "The server answered as to a plain HTTP request.",
    "A proxy that strips the Upgrade header, or a path that is not a WebSocket endpoint.",
  ),
  upgrade_redirected: down(
    "upgrade",
    "The server answered the upgrade with a redirect.",
    "A moved endpoint, an HTTP to HTTPS redirect, or a login page in front.",
  ),
  upgrade_invalid: down(
    "upgrade",
    "The answer to the upgrade request is not valid HTTP.",
    "Another protocol on this port, TLS expected, or a connection closed before the answer.",
  ),
  upgrade_header_missing: down(
    "upgrade",
    "The 101 answer lacks a correct Upgrade or Connection header.",
    "A proxy that drops hop-by-hop headers from the answer.",
  ),
  accept_mismatch: down(
    "upgrade",
    "The Sec-WebSocket-Accept value is wrong or missing.",
    "A server that does not implement RFC 6455, or a cache that replays an old answer.",
  ),
  subprotocol_mismatch: down(
    "upgrade",
    "The server did not choose one of the requested subprotocols.",
    "A server version that lost a subprotocol, or a wrong endpoint.",
  ),
  extension_unrequested: down(
    "upgrade",
    "The server chose an extension, or a parameter, that was not offered.",
    "A faulty server or proxy implementation of extensions.",
  ),
  handshake_assertion_failed: down(
    "upgrade",
    "The answer to the upgrade is not what the monitor expects.",
    "A changed header or subprotocol.",
  ),
  frame_masked: down(
    "protocol",
    "The server sent a masked frame.",
    "A server that uses client-side framing.",
  ),
  frame_reserved_bits: down(
    "protocol",
    "The server set a reserved bit that no extension explains.",
    "Compressed frames without negotiation, or data that is not WebSocket frames.",
  ),
  frame_opcode_unknown: down(
    "protocol",
    "The server sent a frame with an unknown opcode.",
    "Data that is not WebSocket frames, or a corrupted stream.",
  ),
  frame_control_fragmented: down(
    "protocol",
    "The server fragmented a control frame.",
    "A faulty server or proxy implementation.",
  ),
  frame_control_too_long: down(
    "protocol",
    "The server sent a control frame with more than 125 bytes.",
    "A close reason or ping payload that is too long.",
  ),
  frame_length_invalid: down(
    "protocol",
    "The server encoded a frame's length wrongly.",
    "A faulty server implementation, or a corrupted stream.",
  ),
  continuation_unexpected: down(
    "protocol",
    "The server broke the order of fragments.",
    "Messages interleaved by a server that writes from several threads.",
  ),
  utf8_invalid: down(
    "protocol",
    "The server sent text that is not valid UTF-8.",
    "Binary data sent as text, or text cut in the middle of a character.",
  ),
  close_code_invalid: down(
    "protocol",
    "The server closed with a code or reason that may not be sent.",
    "A reserved close code, or a malformed close frame.",
  ),
  message_too_big: down(
    "protocol",
    "The server sent a message larger than the limit of the check.",
    "An unexpected flood, or a limit that is too small for this service.",
  ),
  inflate_failed: down(
    "protocol",
    "A compressed message could not be decompressed.",
    "A server or proxy that loses its compression context.",
  ),
  message_timeout: down(
    "dialogue",
    "The expected message did not arrive in time.",
    "A connection that is open but silent: a stuck application or a dead back end.",
  ),
  message_mismatch: down(
    "dialogue",
    "The message that arrived is not the expected one.",
    "A changed protocol, an error message, or corruption on the way.",
  ),
  pong_timeout: down(
    "dialogue",
    "The server did not answer a ping in time.",
    "A blocked event loop, or a proxy that swallows control frames.",
  ),
  closed_by_peer: down(
    "dialogue",
    "The server closed the connection before the dialogue was over.",
    "A restart, a policy, a failed authentication, or an error in the application.",
  ),
  connection_lost: down(
    "dialogue",
    "The connection ended without a closing handshake.",
    "A crash, a proxy timeout, or a network failure.",
    "network",
  ),
  close_timeout: degraded(
    "close",
    "The server did not complete the closing handshake in time.",
    "A server that ignores close frames, or never closes the TCP connection.",
  ),
  latency_over_budget: degraded(
    "limits",
    "A phase took longer than its budget.",
    "Load, a slow back end, or a long way to the region.",
  ),
  certificate_expiring: degraded(
    "limits",
    "The certificate expires soon.",
    "Renewal is not automated, or it fails.",
  ),
  origin_not_enforced: degraded(
    "security",
    "A foreign Origin was accepted.",
    "The server does not check the Origin header: cross-site WebSocket hijacking is possible.",
  ),
  auth_not_enforced: degraded(
    "security",
    "A connection without a valid token was accepted.",
    "Authentication is missing on the upgrade.",
  ),
  plaintext_accepted: degraded(
    "security",
    "Plain ws:// is served.",
    "Port 80 is not redirected or closed.",
  ),
  http_status: down(
    "http",
    "The HTTP status is not the expected one.",
    "A failing application or proxy.",
  ),
  http_body: down(
    "http",
    "The HTTP body is not what the monitor expects.",
    "An error page, or changed content.",
  ),
  http_timeout: down("http", "The HTTP answer did not arrive in time.", "An overloaded server."),
  http_failed: down(
    "http",
    "The HTTP request failed.",
    "Nothing answers on the port, or TLS fails.",
    "network",
  ),
  probe_deadline: ours(
    "probe",
    "The probe ran out of its own time.",
    "More checks than fit into one run.",
  ),
  probe_error: ours(
    "probe",
    "The probe failed.",
    "A bug or a platform failure on Echoquorum's side.",
  ),
  transport_unsupported: ours(
    "probe",
    "The check cannot be made over the transport that this target needs.",
    "Pings and raw frames need a raw socket, which the platform refuses for this address.",
  ),
  config_invalid: ours(
    "probe",
    "The monitor's configuration cannot be used by this probe.",
    "A probe older than the coordinator.",
  ),
} as const satisfies Record<string, ReasonFacts>;

/** See {@link REASONS}. */
export type Reason = keyof typeof REASONS;

/** Facts about a reason. */
export function reasonFacts(reason: Reason): ReasonFacts {
  return REASONS[reason];
}

/** Whether a string is one of the closed list of reasons. */
export function isReason(value: string): value is Reason {
  return Object.hasOwn(REASONS, value);
}
