/**
 * Keeps the record of an exchange within bounds: its beginning (the heads) and its end, which is
 * where a failure shows. Contents are rendered only when the transcript is asked for, because most
 * checks succeed and need none. Pure.
 */
import type { Transcript, TranscriptEntry } from "./observation.ts";
import type { Redactor } from "./redaction.ts";
import { CUT_MARK, payloadField } from "./transcript-payload.ts";

/** How much of an exchange is kept. */
export interface TranscriptBounds {
  /** Entries kept from the beginning, and from the end. */
  firstEntries: number;
  lastEntries: number;
  /** Characters of text of one frame, and of one HTTP head. */
  frameTextMax: number;
  headTextMax: number;
  /** Bytes that are looked at of a frame's payload, and those of them that are kept as bytes. */
  previewBytesMax: number;
  payloadBytesMax: number;
  /** Characters of all entries together, texts and payloads. */
  totalMax: number;
}

/** For the log: a run of 100 failing checks still fits in one row. */
export const LOG_BOUNDS: TranscriptBounds = {
  firstEntries: 6,
  lastEntries: 34,
  frameTextMax: 256,
  headTextMax: 2_048,
  previewBytesMax: 256,
  // About as much as the text shows of binary data, in hexadecimal.
  payloadBytesMax: 96,
  totalMax: 6_144,
};

/** For a capture of one check: practically everything, in a fraction of a Worker's 128 MB. */
export const CAPTURE_BOUNDS: TranscriptBounds = {
  firstEntries: 1_000,
  lastEntries: 9_000,
  frameTextMax: 256,
  headTextMax: 65_536,
  previewBytesMax: 4 * 1_048_576,
  payloadBytesMax: 4 * 1_048_576,
  totalMax: 8 * 1_048_576,
};

/** Replaces the bytes of secrets. */
export type HideSecrets = (bytes: Uint8Array) => Uint8Array;

/** An entry whose text and payload are still to be rendered and redacted. */
export type TranscriptDraft = Omit<TranscriptEntry, "text" | "payload"> & {
  /** @param hide fills secrets in bytes, for those that are shown in hexadecimal */
  text: (hide: HideSecrets) => string;
  /** Beginning of the payload or of other bytes, with its secrets. */
  payload?: Uint8Array | undefined;
};

/** Collects the entries of one exchange. */
export class TranscriptRecorder {
  readonly #redactor: Pick<Redactor, "text" | "bytes">;
  readonly #bounds: TranscriptBounds;
  readonly #first: TranscriptDraft[] = [];
  /** Bytes of payload in `#first`. */
  #firstBytes = 0;
  #last: TranscriptDraft[] = [];
  /** Bytes of payload in `#last`. */
  #lastBytes = 0;
  #omitted = 0;

  /**
   * @param redactor removes secrets
   * @param bounds the widest that will be asked for
   */
  constructor(redactor: Pick<Redactor, "text" | "bytes">, bounds: TranscriptBounds = LOG_BOUNDS) {
    this.#redactor = redactor;
    this.#bounds = bounds;
  }

  /** How much of a frame's payload is of use here, in bytes. */
  get previewBytesMax(): number {
    return this.#bounds.previewBytesMax;
  }

  /** Appends an entry. */
  add(draft: TranscriptDraft): void {
    const { firstEntries, lastEntries, totalMax } = this.#bounds;
    const payloadBytes = draft.payload?.length ?? 0;
    const isFirst = this.#last.length === 0 && this.#first.length < firstEntries;
    if (isFirst && this.#firstBytes + payloadBytes <= totalMax / 2) {
      this.#first.push(draft);
      this.#firstBytes += payloadBytes;
      return;
    }
    this.#last.push(draft);
    this.#lastBytes += payloadBytes;
    // Halving instead of shifting keeps a long exchange linear.
    if (this.#last.length > lastEntries * 2) this.#forget(lastEntries);
    while (this.#lastBytes > totalMax && this.#last.length > 1) {
      this.#forget(Math.ceil(this.#last.length / 2));
    }
  }

  /** The bounded, redacted record so far; `bounds` may not be wider than the recorder's. */
  render(bounds: TranscriptBounds = LOG_BOUNDS): Transcript {
    const { firstEntries, lastEntries, totalMax } = bounds;
    const rest = [...this.#first.slice(firstEntries), ...this.#last];
    const last = rest.slice(-lastEntries).map((draft) => this.#render(draft, bounds));
    const first = this.#first.slice(0, firstEntries).map((draft) => this.#render(draft, bounds));
    let room = totalMax - first.reduce((total, entry) => total + size(entry), 0);
    let kept = last.length;
    for (const entry of last.toReversed()) {
      room -= size(entry);
      if (room < 0 && kept < last.length) break;
      kept -= 1;
    }
    const omitted = this.#omitted + rest.length - last.length + kept;
    return { entries: [...first, ...last.slice(kept)], omitted };
  }

  /** Keeps only the last entries of those that may be forgotten. */
  #forget(count: number): void {
    this.#omitted += this.#last.length - count;
    this.#last = this.#last.slice(-count);
    this.#lastBytes = this.#last.reduce((total, { payload }) => total + (payload?.length ?? 0), 0);
  }

  #render(draft: TranscriptDraft, bounds: TranscriptBounds): TranscriptEntry {
    const { payload: known, text: makeText, ...facts } = draft;
    const max = draft.kind === "head" ? bounds.headTextMax : bounds.frameTextMax;
    const whole = printable(this.#redactor.text(makeText(this.#redactor.bytes)));
    const text = whole.length > max ? `${whole.slice(0, max)}${CUT_MARK}` : whole;
    if (known === undefined) return { ...facts, text };
    const totalBytes = draft.frame?.payloadBytes ?? draft.bytes ?? 0;
    const redacted = this.#redactor.bytes(known);
    const payload = payloadField(redacted, bounds.payloadBytesMax, text, totalBytes);
    return { ...facts, text, ...(payload === undefined ? {} : { payload }) };
  }
}

function size({ text, payload }: TranscriptEntry): number {
  return text.length + (payload?.length ?? 0);
}

/** Replaces control characters (but line breaks and tabs) by their visible form. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (character) => {
    const code = character.charCodeAt(0);
    return code === 0x7f ? "\u2421" : String.fromCharCode(0x2400 + code);
  });
}

/** Bytes in hexadecimal, in groups of one byte. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/**
 * Bytes as text when they are printable UTF-8, else in hexadecimal.
 *
 * @param isCut whether more follows: the last character may then lack bytes, and is left out
 * @param hide fills secrets in what is shown in hexadecimal
 */
export function textOrHex(bytes: Uint8Array, isCut = false, hide: HideSecrets = same): string {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes, { stream: isCut });
    // oxlint-disable-next-line no-control-regex -- tells text from binary
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return text;
  } catch {
    // Not UTF-8: shown in hexadecimal.
  }
  return hex(hide(bytes));
}

const same: HideSecrets = (bytes) => bytes;
