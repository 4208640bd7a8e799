/**
 * Why a server's side of a TLS handshake could not be followed. Imports nothing.
 */

/**
 * `not_tls`: the bytes are no TLS records. `malformed`: they are, but break their own grammar.
 * `unsupported`: valid, but of a kind that this client does not speak. `closed`: the server ended
 * the connection in the middle.
 */
export type TlsViolationKind = "not_tls" | "malformed" | "unsupported" | "closed";

/** Thrown by parsers; it ends the handshake. */
export class TlsViolation extends Error {
  override readonly name = "TlsViolation";
  readonly kind: TlsViolationKind;

  /** @param message one clause for people, e.g. `the certificate message is cut short` */
  constructor(kind: TlsViolationKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
