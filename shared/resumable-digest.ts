/**
 * SHA-256 of what comes in pieces, whose state can be put away between two of them: a digest over
 * gigabytes outlives the process that began it. The algorithm is `@noble/hashes`' own. Pure.
 */
import { _SHA256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";

const savedSchema = z.strictObject({
  /** Words of the state after the last whole block. */
  words: z.array(z.int()).length(8),
  /** Bytes so far. */
  bytes: z.int().min(0),
  /** Those behind the last whole block, in hex. */
  rest: z.string().max(126),
});
/** A digest that was put away. */
export type SavedDigest = z.output<typeof savedSchema>;

/** A digest of texts, one behind the other. */
export class ResumableDigest extends _SHA256 {
  /** Goes on where one was saved. */
  static resume(saved: SavedDigest): ResumableDigest {
    const { words, bytes, rest } = savedSchema.parse(saved);
    const digest = new ResumableDigest();
    digest.set(...(words as Parameters<ResumableDigest["set"]>));
    const pending = hexToBytes(rest);
    digest.buffer.set(pending);
    digest.pos = pending.length;
    digest.length = bytes;
    return digest;
  }

  /** What `resume` needs. */
  save(): SavedDigest {
    const rest = bytesToHex(this.buffer.slice(0, this.pos));
    return { words: this.get(), bytes: this.length, rest };
  }

  /** Adds a text, as UTF-8. */
  add(text: string): this {
    return this.update(utf8ToBytes(text));
  }

  /** The digest in hex; nothing can be added any more. */
  hex(): string {
    return bytesToHex(this.digest());
  }
}
