/**
 * Every cap of the WebSocket client: unit, reason, derivation, and the relations between them.
 *
 * The protocol sets few limits; these keep one check from using up a Worker's 128 MB, which six
 * connections share. Pure; imports nothing.
 */

/** Largest payload of a control frame in bytes (RFC 6455 §5.5). */
export const CONTROL_PAYLOAD_BYTES_MAX = 125;
/** Largest close reason in bytes of UTF-8: a control payload less the two bytes of the code. */
export const CLOSE_REASON_BYTES_MAX = CONTROL_PAYLOAD_BYTES_MAX - 2;
/** Payload kept of a frame for evidence by default, in bytes: fills a screen, is cheap to copy. */
export const FRAME_PREVIEW_BYTES_MAX = 256;
/** Bytes that a server's words may take in the message of a violation, before escaping. */
export const QUOTE_BYTES_MAX = 64;

/** Caps that a caller may set. */
export interface Limits {
  /** Response head with all interim responses before it, in bytes; servers cap at 8–16 KiB. */
  headBytesMax: number;
  /** Header fields of one response. Browsers stop far later; real answers have under fifty. */
  headerCountMax: number;
  /** Interim (1xx) responses before the final one; each also counts into `headBytesMax`. */
  interimResponsesMax: number;
  /** Kept of the body of a rejection, in bytes: enough for the sentence that an error page says. */
  rejectionBodyBytesMax: number;
  /**
   * One message after decompression, in bytes. A message lives at most three times: its bytes, the
   * buffer that they outgrew, and its text at two bytes per character. Six connections of 4 MiB
   * each stay below 100 MB.
   */
  messageBytesMax: number;
  /** Payload kept of a frame for evidence, in bytes; above `messageBytesMax` it is kept whole. */
  framePreviewBytesMax: number;
}

/** Caps where the caller sets none. */
export const DEFAULT_LIMITS: Limits = {
  headBytesMax: 16_384,
  headerCountMax: 128,
  interimResponsesMax: 8,
  rejectionBodyBytesMax: 1_024,
  messageBytesMax: 4 * 1_048_576,
  framePreviewBytesMax: FRAME_PREVIEW_BYTES_MAX,
};

/**
 * Largest compressed form of a message that fits `messageBytesMax`, in bytes. Incompressible data
 * grows by five bytes per stored block, and a poor encoder may use blocks of 1 KiB; an honest
 * server stays well below.
 */
export function compressedBytesMax(messageBytesMax: number): number {
  return messageBytesMax + 5 * Math.ceil(messageBytesMax / 1_024) + 64;
}

/** The largest length that can be handled exactly (RFC 6455 §5.2 allows 2^63 − 1). */
const LENGTH_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Completes a caller's caps with the defaults and asserts their relations.
 *
 * @throws RangeError when a cap is not a positive integer or contradicts another
 */
export function resolveLimits(given: Partial<Limits>): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a positive integer, not ${value}`);
    }
  }
  assertRelation(limits.headBytesMax >= 256, "headBytesMax must hold the shortest 101 answer");
  assertRelation(
    limits.messageBytesMax >= CONTROL_PAYLOAD_BYTES_MAX,
    "messageBytesMax must not be below the largest control frame",
  );
  assertRelation(
    compressedBytesMax(limits.messageBytesMax) < LENGTH_MAX,
    "messageBytesMax must be a length that can be handled exactly",
  );
  assertRelation(
    limits.interimResponsesMax * 16 <= limits.headBytesMax,
    "headBytesMax must hold interimResponsesMax status lines",
  );
  return limits;
}

function assertRelation(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}
