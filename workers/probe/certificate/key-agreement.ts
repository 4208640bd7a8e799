/**
 * Ephemeral keys and the opening of protected records, by the runtime's WebCrypto: native code, so
 * that an inspection costs little CPU.
 */
import type { Group } from "../../../shared/tls/parameters.ts";
import { GROUP } from "../../../shared/tls/parameters.ts";
import type { TrafficKey } from "../../../shared/tls/key-schedule.ts";
import { recordNonce } from "../../../shared/tls/key-schedule.ts";
import type { TlsRecord } from "../../../shared/tls/record.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";

const ALGORITHMS: Readonly<Record<Group, { name: string; namedCurve?: string; bits: number }>> = {
  [GROUP.x25519]: { name: "X25519", bits: 256 },
  [GROUP.p256]: { name: "ECDH", namedCurve: "P-256", bits: 256 },
  [GROUP.p384]: { name: "ECDH", namedCurve: "P-384", bits: 384 },
  // The field has 521 bits: the shared secret is written in 66 bytes (RFC 8446 §7.4.2).
  [GROUP.p521]: { name: "ECDH", namedCurve: "P-521", bits: 528 },
};

/** A copy in a buffer of its own: WebCrypto's types refuse bytes that might be shared. */
const ownBuffer = (bytes: Uint8Array) => new Uint8Array(bytes);

/** A key of ours for one handshake. */
export interface EphemeralKey {
  group: Group;
  publicKey: Uint8Array;
  /**
   * Agrees on a secret with the server's public key.
   *
   * @throws TlsViolation when that is no key of the group
   */
  agree(serverKey: Uint8Array): Promise<Uint8Array>;
}

/** Makes a key in a group. */
export async function generateEphemeralKey(group: Group): Promise<EphemeralKey> {
  const { bits, ...algorithm } = ALGORITHMS[group];
  const pair = (await crypto.subtle.generateKey(algorithm, false, ["deriveBits"])) as CryptoKeyPair;
  const exported = (await crypto.subtle.exportKey("raw", pair.publicKey)) as ArrayBuffer;
  return {
    group,
    publicKey: new Uint8Array(exported),
    async agree(serverKey) {
      try {
        const theirs = await crypto.subtle.importKey(
          "raw",
          ownBuffer(serverKey),
          algorithm,
          true,
          [],
        );
        // The types of the runtime spell the standard member "public" otherwise.
        const peer = {
          name: algorithm.name,
          public: theirs,
        } as unknown as SubtleCryptoDeriveKeyAlgorithm;
        return new Uint8Array(await crypto.subtle.deriveBits(peer, pair.privateKey, bits));
      } catch {
        throw new TlsViolation("malformed", "the server's key share is not a key of its group");
      }
    },
  };
}

/** Opens the records of one direction, in order (RFC 8446 §5.2). */
export class RecordOpener {
  readonly #traffic: TrafficKey;
  #sequence = 0;

  constructor(traffic: TrafficKey) {
    this.#traffic = traffic;
  }

  /**
   * Opens the next protected record.
   *
   * @returns its true content type, and the content without padding
   * @throws TlsViolation when it was not protected by this key
   */
  async open(record: TlsRecord): Promise<{ type: number; payload: Uint8Array }> {
    const { key, iv } = this.#traffic;
    const nonce = recordNonce(iv, this.#sequence);
    this.#sequence += 1;
    try {
      const secret = await crypto.subtle.importKey("raw", ownBuffer(key), "AES-GCM", false, [
        "decrypt",
      ]);
      const inner = new Uint8Array(
        await crypto.subtle.decrypt(
          {
            name: "AES-GCM",
            iv: ownBuffer(nonce),
            additionalData: ownBuffer(record.header),
          },
          secret,
          ownBuffer(record.payload),
        ),
      );
      const at = inner.findLastIndex((byte) => byte !== 0);
      return { type: inner[at] ?? 0, payload: inner.subarray(0, Math.max(at, 0)) };
    } catch {
      throw new TlsViolation("malformed", "a protected record of the server cannot be opened");
    }
  }
}
