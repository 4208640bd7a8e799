/**
 * Alerts (RFC 8446 §6): the server's own word for why it ends a handshake. Pure.
 */

/** Descriptions by number (IANA TLS alerts). */
const DESCRIPTIONS: ReadonlyMap<number, string> = new Map([
  [0, "close_notify"],
  [10, "unexpected_message"],
  [20, "bad_record_mac"],
  [22, "record_overflow"],
  [40, "handshake_failure"],
  [42, "bad_certificate"],
  [43, "unsupported_certificate"],
  [44, "certificate_revoked"],
  [45, "certificate_expired"],
  [46, "certificate_unknown"],
  [47, "illegal_parameter"],
  [48, "unknown_ca"],
  [49, "access_denied"],
  [50, "decode_error"],
  [51, "decrypt_error"],
  [70, "protocol_version"],
  [71, "insufficient_security"],
  [80, "internal_error"],
  [86, "inappropriate_fallback"],
  [90, "user_canceled"],
  [100, "no_renegotiation"],
  [109, "missing_extension"],
  [110, "unsupported_extension"],
  [112, "unrecognized_name"],
  [113, "bad_certificate_status_response"],
  [115, "unknown_psk_identity"],
  [116, "certificate_required"],
  [120, "no_application_protocol"],
]);

/** Thrown when the server sends an alert that ends the handshake. */
export class TlsAlert extends Error {
  override readonly name = "TlsAlert";
  /** E.g. `handshake_failure`. */
  readonly description: string;

  constructor(description: string) {
    super(`the server ended the TLS handshake with the alert ${description}`);
    this.description = description;
  }
}

/** Parses an alert; null: a warning after which the handshake goes on. */
export function parseAlert(payload: Uint8Array): TlsAlert | null {
  const [level, code = -1] = payload;
  const isWarning = level === 1 && code !== 0;
  return isWarning ? null : new TlsAlert(DESCRIPTIONS.get(code) ?? `alert ${code}`);
}
