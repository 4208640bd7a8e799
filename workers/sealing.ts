/**
 * Secrets at rest: a text is sealed with AES-GCM (NIST SP 800-38D) under a key that only the Worker
 * has, so that whoever reads the database, its exports or its backups reads no secret.
 *
 * A seal is bound to what it belongs to (additional data), so that it opens nowhere else. Keys are
 * tried by their id: the first of the list seals, all of them open, so a key is replaced by putting
 * the new one first and taking the old one out once everything has been written again.
 */

/** A sealed text, as it is stored. */
export interface Sealed {
  v: 1;
  /** Which key: the beginning of its SHA-256. */
  kid: string;
  /** Nonce and ciphertext with its tag, base64. */
  iv: string;
  ct: string;
}

/** Bytes of a key: AES-256. */
export const SEALING_KEY_BYTES = 32;
/** Bytes of a nonce: random, far fewer than 2³² seals per key (SP 800-38D §8.3). */
const NONCE_BYTES = 12;
const KEY_ID_BYTES = 4;

interface SealingKey {
  id: string;
  key: CryptoKey;
  /** For digests; derived, so that no key does two things. */
  mac: CryptoKey;
}

/** Something that was sealed cannot be opened: the key is missing, or it was tampered with. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Whether a stored value is a sealed text. */
export function isSealed(value: unknown): value is Sealed {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<string, unknown>)["v"] === 1 &&
    ["kid", "iv", "ct"].every(
      (name) => typeof (value as Record<string, unknown>)[name] === "string",
    )
  );
}

/** Keys that open, and the one that seals. */
export class SealingKeys {
  readonly #texts: string[];
  #keys: Promise<SealingKey[]> | null = null;

  /**
   * @param text keys of {@link SEALING_KEY_BYTES} bytes in base64, separated by commas, the newest
   *   first; empty or undefined: there is none
   */
  constructor(text: string | undefined) {
    this.#texts = (text ?? "").split(",").flatMap((part) => part.trim() || []);
  }

  /** Whether there is a key to seal with. */
  get canSeal(): boolean {
    return this.#texts.length > 0;
  }

  /**
   * Seals a text.
   *
   * @param owner what it belongs to, e.g. `channel/ops`
   * @throws SealError without a key, or with one that is none
   */
  async seal(text: string, owner: string): Promise<Sealed> {
    const [newest] = await this.#load();
    if (newest === undefined) throw new SealError("there is no key to seal with");
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const algorithm = { name: "AES-GCM", iv, additionalData: encode(owner) };
    const ct = await crypto.subtle.encrypt(algorithm, newest.key, encode(text));
    return { v: 1, kid: newest.id, iv: encodeBase64(iv), ct: encodeBase64(new Uint8Array(ct)) };
  }

  /**
   * Opens what was sealed.
   *
   * @throws SealError when no key opens it
   */
  async open({ kid, iv, ct }: Sealed, owner: string): Promise<string> {
    const found = (await this.#load()).find(({ id }) => id === kid);
    if (found === undefined) throw new SealError(`the key ${kid} that sealed it is not there`);
    try {
      const algorithm = {
        name: "AES-GCM",
        iv: decodeBase64(iv),
        additionalData: encode(owner),
      };
      const bytes = await crypto.subtle.decrypt(algorithm, found.key, decodeBase64(ct));
      return new TextDecoder().decode(bytes);
    } catch {
      throw new SealError("it was changed since it was sealed");
    }
  }

  /** Which key seals, as a seal's `kid` says; null: none does. */
  async newestId(): Promise<string | null> {
    return (await this.#load())[0]?.id ?? null;
  }

  /**
   * Digests (HMAC, SHA-256) of a text, by which it is recognised, and which say nothing of it to
   * whoever lacks the key. One per key, that of the newest first, in base64url.
   *
   * @throws SealError with a key that is none
   */
  async digests(text: string): Promise<string[]> {
    const keys = await this.#load();
    return Promise.all(
      keys.map(async ({ mac }) => {
        const digest = await crypto.subtle.sign("HMAC", mac, encode(text));
        return encodeBase64Url(new Uint8Array(digest));
      }),
    );
  }

  #load(): Promise<SealingKey[]> {
    this.#keys ??= Promise.all(this.#texts.map(importKey));
    return this.#keys;
  }
}

async function importKey(text: string): Promise<SealingKey> {
  const bytes = /^[A-Za-z0-9+/]{43}=$/.test(text) ? decodeBase64(text) : new Uint8Array();
  if (bytes.length !== SEALING_KEY_BYTES) {
    throw new SealError(`a sealing key has ${SEALING_KEY_BYTES} bytes in base64`);
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const id = [...digest.subarray(0, KEY_ID_BYTES)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { id, key, mac: await deriveMac(bytes) };
}

/** Key of the digests that belongs to a sealing key (RFC 5869). */
async function deriveMac(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: encode(""), info: encode("digest") };
  const kind = { name: "HMAC", hash: "SHA-256", length: 256 };
  return crypto.subtle.deriveKey(how, root, kind, false, ["sign"]);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Bytes in base64url without padding (RFC 4648 §5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
