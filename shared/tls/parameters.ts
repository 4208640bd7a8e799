/**
 * Versions, groups, cipher suites and signature schemes: what is offered, and names for people.
 *
 * The offer is wide on purpose. Before TLS 1.3 the certificate comes unprotected, so this client
 * can offer suites that it could not use, and sees the certificate of servers that offer nothing
 * better. Numbers: IANA TLS parameters. Pure data.
 */

/** Protocol versions as numbers on the wire. */
export const VERSION = { tls10: 0x0301, tls11: 0x0302, tls12: 0x0303, tls13: 0x0304 } as const;

/** Name of a version, e.g. `TLS 1.3`. */
export function versionName(version: number): string {
  return version >= VERSION.tls10 && version <= VERSION.tls13
    ? `TLS 1.${version - VERSION.tls10}`
    : `version 0x${version.toString(16)}`;
}

/** Groups for key agreement, in order of preference. */
export const GROUP = { x25519: 0x001d, p256: 0x0017, p384: 0x0018, p521: 0x0019 } as const;

/** A group that this client can agree on a key in. */
export type Group = (typeof GROUP)[keyof typeof GROUP];

/** Narrows a number from the wire to a group that was offered. */
export function isGroup(value: number): value is Group {
  return (Object.values(GROUP) as number[]).includes(value);
}

/** What a TLS 1.3 cipher suite consists of. */
export interface Suite13 {
  hash: "SHA-256" | "SHA-384";
  /** Bytes of the AES-GCM key. */
  keyBytes: 16 | 32;
}

/**
 * Cipher suites of TLS 1.3 that can be decrypted (RFC 8446 §B.4). ChaCha20-Poly1305 is left out:
 * WebCrypto lacks it, and a server must support the first of these (§9.1).
 */
export const SUITES_13: ReadonlyMap<number, Suite13> = new Map([
  [0x1301, { hash: "SHA-256", keyBytes: 16 }],
  [0x1302, { hash: "SHA-384", keyBytes: 32 }],
]);

/** Cipher suites of earlier versions: offered, never used. */
export const SUITES_12: readonly number[] = [
  // ECDHE with AEAD
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
  // ECDHE with CBC
  0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024, 0xc028,
  // DHE
  0x009e, 0x009f, 0xccaa, 0x0033, 0x0039, 0x0067, 0x006b,
  // RSA key exchange, at last 3DES
  0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x000a,
];

/** Signature schemes, so that any certificate a server may have is one we seem to accept. */
export const SIGNATURE_SCHEMES: readonly number[] = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
  0x0501, 0x0601, 0x0203, 0x0201,
];
