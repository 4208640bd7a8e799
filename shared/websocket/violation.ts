/**
 * What a server can do wrong on a WebSocket connection: the typed violation, the only thing that
 * the parsers of this directory throw at bytes from outside.
 *
 * Each reason is spelled as in the probe's list of reasons. Pure; imports the close codes.
 */
import { CLOSE_CODE } from "./close-code.ts";

/** Close code that the client sends for each reason; null: no frame can be sent yet. */
const CLOSE_CODES = {
  upgrade_invalid: null,
  upgrade_header_missing: null,
  accept_mismatch: null,
  subprotocol_mismatch: null,
  extension_unrequested: null,
  frame_masked: CLOSE_CODE.protocolError,
  frame_reserved_bits: CLOSE_CODE.protocolError,
  frame_opcode_unknown: CLOSE_CODE.protocolError,
  frame_control_fragmented: CLOSE_CODE.protocolError,
  frame_control_too_long: CLOSE_CODE.protocolError,
  frame_length_invalid: CLOSE_CODE.protocolError,
  continuation_unexpected: CLOSE_CODE.protocolError,
  close_code_invalid: CLOSE_CODE.protocolError,
  utf8_invalid: CLOSE_CODE.invalidPayload,
  inflate_failed: CLOSE_CODE.invalidPayload,
  message_too_big: CLOSE_CODE.messageTooBig,
} as const satisfies Record<string, number | null>;

/** Why a connection had to be failed. */
export type ViolationReason = keyof typeof CLOSE_CODES;

/** Every reason, in the order in which an exchange meets them. */
export const VIOLATION_REASONS = Object.keys(CLOSE_CODES) as readonly ViolationReason[];

/** A rule broken by the server. Thrown by the parsers, turned into an event by the connection. */
export class Violation extends Error {
  readonly reason: ViolationReason;
  /** The rule, e.g. `RFC 6455 §5.1`. */
  readonly section: string;
  /** Code to close with (RFC 6455 §7.4.1); null while the handshake is not complete. */
  readonly closeCode: number | null;

  /** @param message one sentence for people, without secrets of the client */
  constructor(reason: ViolationReason, section: string, message: string) {
    super(message);
    this.name = "Violation";
    this.reason = reason;
    this.section = section;
    this.closeCode = CLOSE_CODES[reason];
  }
}
