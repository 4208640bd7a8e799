/**
 * Payloads in transcripts: how bytes are stored beside their text, and got back. Most payloads are
 * text that the entry shows anyway; storing them once keeps the log small. Pure.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { TranscriptEntry } from "./observation.ts";

/** Stands at the end of a text that was cut. */
export const CUT_MARK = "…";

const ENCODER = new TextEncoder();

/** Recorded bytes of an entry. */
export interface EntryPayload {
  /** Its beginning, as far as it was kept. */
  bytes: Uint8Array;
  /** Size of the whole. */
  totalBytes: number;
}

/**
 * The payload of a frame, or raw `data` and `body`; null for heads, notes and ends.
 *
 * Without a `payload` of its own an entry's text is the payload; where the payload was longer, the
 * text ends with a mark that does not belong to it.
 */
export function entryPayload(entry: TranscriptEntry): EntryPayload | null {
  const { frame, payload, text, bytes, kind } = entry;
  if (frame === undefined && kind !== "data" && kind !== "body") return null;
  const totalBytes = frame?.payloadBytes ?? bytes ?? 0;
  if (payload !== undefined) return { bytes: decodeBase64(payload), totalBytes };
  return { bytes: shownBytes(text, totalBytes), totalBytes };
}

/**
 * What to store as an entry's `payload`; undefined: its text says as much.
 *
 * @param known the payload's beginning, as far as it is known
 * @param bytesMax how much of it is worth storing
 */
export function payloadField(
  known: Uint8Array,
  bytesMax: number,
  text: string,
  totalBytes: number,
): string | undefined {
  const stored = known.subarray(0, bytesMax);
  const shown = shownBytes(text, totalBytes);
  const isBeginning =
    shown.length <= known.length && shown.every((byte, index) => byte === known[index]);
  return isBeginning && shown.length >= stored.length ? undefined : encodeBase64(stored);
}

/** The bytes that a text stands for when it is the beginning of a payload. */
function shownBytes(text: string, totalBytes: number): Uint8Array {
  const whole = ENCODER.encode(text);
  if (whole.length === totalBytes || !text.endsWith(CUT_MARK)) return whole;
  return ENCODER.encode(text.slice(0, -CUT_MARK.length));
}
