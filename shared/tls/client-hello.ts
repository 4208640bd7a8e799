/**
 * Our ClientHello (RFC 8446 §4.1.2), good for TLS 1.0 to 1.3.
 *
 * It asks for an OCSP staple (RFC 6066 §8) and names the host (§3) unless that is an address. Pure:
 * random bytes and public keys are arguments.
 */
import { encodeHandshake, HANDSHAKE } from "./handshake-message.ts";
import type { Group } from "./parameters.ts";
import { GROUP, SIGNATURE_SCHEMES, SUITES_12, SUITES_13, VERSION } from "./parameters.ts";
import { encodeUint, encodeVector, joinBytes } from "./presentation.ts";

/** Numbers of the extensions that this client knows. */
export const EXTENSION = {
  serverName: 0,
  statusRequest: 5,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  supportedVersions: 43,
  cookie: 44,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;

/** What a ClientHello is made of. */
export interface ClientHelloFacts {
  /** 32 bytes. */
  random: Uint8Array;
  /** 32 bytes: a session id that makes middleboxes let TLS 1.3 pass (RFC 8446 §D.4). */
  sessionId: Uint8Array;
  /** Host name; null for an address, which may not be sent as a name. */
  serverName: string | null;
  keyShares: ReadonlyArray<{ group: Group; publicKey: Uint8Array }>;
  /** From a HelloRetryRequest; null: none. */
  cookie: Uint8Array | null;
}

/** Encodes a ClientHello as a handshake message. */
export function encodeClientHello(facts: ClientHelloFacts): Uint8Array {
  const suites = [...SUITES_13.keys(), ...SUITES_12];
  return encodeHandshake(
    HANDSHAKE.clientHello,
    joinBytes(
      encodeUint(2, VERSION.tls12),
      facts.random,
      encodeVector(1, facts.sessionId),
      encodeVector(2, ...suites.map((suite) => encodeUint(2, suite))),
      encodeVector(1, [0]),
      encodeVector(2, ...encodeExtensions(facts)),
    ),
  );
}

function encodeExtensions({ serverName, keyShares, cookie }: ClientHelloFacts): Uint8Array[] {
  const versions = [VERSION.tls13, VERSION.tls12, VERSION.tls11, VERSION.tls10];
  const shares = keyShares.map(({ group, publicKey }) =>
    joinBytes(encodeUint(2, group), encodeVector(2, publicKey)),
  );
  const extensions = [
    // One OCSP request without responders or extensions.
    extension(EXTENSION.statusRequest, [1, 0, 0, 0, 0]),
    extension(EXTENSION.supportedGroups, encodeVector(2, ...encodeEach(Object.values(GROUP)))),
    extension(EXTENSION.ecPointFormats, encodeVector(1, [0])),
    extension(EXTENSION.signatureAlgorithms, encodeVector(2, ...encodeEach(SIGNATURE_SCHEMES))),
    extension(EXTENSION.renegotiationInfo, encodeVector(1)),
    extension(EXTENSION.supportedVersions, encodeVector(1, ...encodeEach(versions))),
    extension(EXTENSION.keyShare, encodeVector(2, ...shares)),
  ];
  if (cookie !== null) extensions.push(extension(EXTENSION.cookie, encodeVector(2, cookie)));
  if (serverName !== null) {
    const name = encodeVector(2, new TextEncoder().encode(serverName));
    extensions.unshift(extension(EXTENSION.serverName, encodeVector(2, [0], name)));
  }
  return extensions;
}

function extension(type: number, content: ArrayLike<number>): Uint8Array {
  return joinBytes(encodeUint(2, type), encodeVector(2, content));
}

function encodeEach(values: readonly number[]): number[][] {
  return values.map((value) => encodeUint(2, value));
}
