/**
 * What a connection reports to the code that drives it, in the order in which it happened on the
 * wire.
 *
 * Pure types.
 */
import type { Header } from "./header-syntax.ts";
import type { ViolationReason } from "./violation.ts";

/** A frame that was sent, or received whole. */
export interface FrameEvent {
  type: "frame";
  direction: "sent" | "received";
  opcode: number;
  fin: boolean;
  /** First frame of a compressed message (RFC 7692 §6). */
  rsv1: boolean;
  /** Size of the payload as it travelled, i.e. compressed. */
  payloadBytes: number;
  /** Header and payload. */
  wireBytes: number;
  /**
   * Beginning of the payload, at most `framePreviewBytesMax`, unmasked, not decompressed. Where a
   * violation lies in the payload, it ends with the offending byte.
   */
  preview: Uint8Array;
}

/** A complete data message. */
export type MessageEvent =
  /** `bytes`: size of the text in UTF-8. */
  { type: "text"; text: string; bytes: number } | { type: "binary"; data: Uint8Array };

/** One thing that happened. */
export type ConnectionEvent =
  | { type: "request_sent"; head: string }
  /** A complete response head; `head` also holds the interim responses before it. */
  | { type: "response"; status: number; headers: Header[]; head: string }
  | { type: "open"; subprotocol: string | null; extensions: string | null }
  /**
   * A valid HTTP answer other than 101. `body` is its beginning, as far as it arrived. It comes
   * after `response`, once the body is complete, long enough, or the input has ended.
   */
  | { type: "rejected"; status: number; headers: Header[]; body: string }
  | MessageEvent
  | { type: "ping"; payload: Uint8Array }
  | { type: "pong"; payload: Uint8Array }
  /** A close frame was received; code 1005 where it had none (RFC 6455 §7.1.5). */
  | { type: "close"; code: number; reason: string }
  | FrameEvent
  /**
   * The server broke a rule; nothing after it is looked at. `section` names the rule, `closeCode`
   * is what a close frame told the server (null: none was sent).
   */
  | {
      type: "violation";
      reason: ViolationReason;
      section: string;
      closeCode: number | null;
      message: string;
    }
  /** The input ended. `clean`: after close frames in both directions. */
  | { type: "ended"; clean: boolean };
