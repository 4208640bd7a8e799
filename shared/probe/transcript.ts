/**
 * Keeps the record of an exchange within bounds: its beginning (the heads) and its end, which is
 * where a failure shows. Contents are rendered only when the transcript is asked for, because most
 * checks succeed and need none. Pure.
 */
import type { Transcript, TranscriptEntry } from "./observation.ts";

/** Entries kept from the beginning. */
const FIRST_ENTRIES = 6;
/** Entries kept from the end. */
const LAST_ENTRIES = 34;
/** Characters of one frame, and of one HTTP head. */
const FRAME_TEXT_MAX = 256;
const HEAD_TEXT_MAX = 2_048;
/** Characters of all entries together; a run of 200 failing checks still fits in one row. */
const TOTAL_TEXT_MAX = 6_144;

/** An entry whose text is still to be rendered and redacted. */
export type TranscriptDraft = Omit<TranscriptEntry, "text"> & { text: () => string };

/** Collects the entries of one exchange. */
export class TranscriptRecorder {
  readonly #redact: (text: string) => string;
  readonly #first: TranscriptDraft[] = [];
  #last: TranscriptDraft[] = [];
  #omitted = 0;

  /** @param redact removes secrets from a rendered text */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** Appends an entry. */
  add(draft: TranscriptDraft): void {
    if (this.#first.length < FIRST_ENTRIES) {
      this.#first.push(draft);
      return;
    }
    this.#last.push(draft);
    // Halving instead of shifting keeps a long exchange linear.
    if (this.#last.length > LAST_ENTRIES * 2) {
      this.#omitted += this.#last.length - LAST_ENTRIES;
      this.#last = this.#last.slice(-LAST_ENTRIES);
    }
  }

  /** The bounded, redacted record so far. */
  render(): Transcript {
    const last = this.#last.slice(-LAST_ENTRIES).map((draft) => this.#render(draft));
    const first = this.#first.map((draft) => this.#render(draft));
    let omitted = this.#omitted + this.#last.length - last.length;
    let room = TOTAL_TEXT_MAX - first.reduce((total, entry) => total + entry.text.length, 0);
    let kept = last.length;
    while (kept > 0) {
      room -= last[kept - 1]?.text.length ?? 0;
      if (room < 0 && kept < last.length) break;
      kept -= 1;
    }
    omitted += kept;
    return { entries: [...first, ...last.slice(kept)], omitted };
  }

  #render(draft: TranscriptDraft): TranscriptEntry {
    const max = draft.kind === "head" ? HEAD_TEXT_MAX : FRAME_TEXT_MAX;
    const text = printable(this.#redact(draft.text()));
    return { ...draft, text: text.length > max ? `${text.slice(0, max)}…` : text };
  }
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

/** Bytes as text when they are printable UTF-8, else in hexadecimal. */
export function textOrHex(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- tells text from binary
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return text;
  } catch {
    // Not UTF-8: shown in hexadecimal.
  }
  return hex(bytes);
}
