/**
 * As much of `node:crypto` as the certificate inspector uses. The runtime has it (`nodejs_compat`);
 * its types leave it out, and those of Node would bring globals that Workers do not have.
 */
declare module "node:crypto" {
  /** A public key. */
  export interface KeyObject {
    /** E.g. `rsa`, `ec`, `ed25519`. */
    readonly asymmetricKeyType?: string | undefined;
    readonly asymmetricKeyDetails?:
      { modulusLength?: number | undefined; namedCurve?: string | undefined } | undefined;
  }
  /** A parsed certificate; the constructor throws when the bytes are none. */
  export class X509Certificate {
    constructor(der: Uint8Array);
    /** One attribute per line, e.g. `C=US\nCN=Example`. */
    readonly subject: string;
    readonly issuer: string;
    /** E.g. `DNS:example.com, IP Address:192.0.2.1`. */
    readonly subjectAltName: string | undefined;
    /** E.g. `Nov 19 21:07:00 2026 GMT`. */
    readonly validFrom: string;
    readonly validTo: string;
    /** Throws for an algorithm that the runtime does not know. */
    readonly publicKey: KeyObject;
    /** Whether the key signed the certificate. */
    verify(publicKey: KeyObject): boolean;
  }
}
