/** Where certificates are looked at: an authority of two steps, servers that show its work, an inspector. */
import type { TlsOptions } from "node:tls";
import type { CertificateInspection } from "../../shared/probe/certificate.ts";
import { explainTlsFailure } from "../../shared/probe/certificate.ts";
import type { CertificateRequest, IssuedCertificate } from "./certificates.ts";
import { issueCertificate } from "./certificates.ts";
import type { Inspector } from "./inspector.ts";
import { startInspector } from "./inspector.ts";
import { startTlsServer } from "./tls-server.ts";

/** How a server shows a certificate, beside what TLS can be told. */
export type ShowOptions = TlsOptions & { ocsp?: Buffer; alone?: boolean };

/** The bench. */
export interface CertificateBench extends AsyncDisposable {
  inspector: Inspector;
  root: IssuedCertificate;
  intermediate: IssuedCertificate;
  /** What a server with this certificate shows; it sends the intermediate unless told otherwise. */
  inspect(
    request: Partial<CertificateRequest>,
    options?: ShowOptions,
  ): Promise<CertificateInspection>;
}

/** Opens the bench. */
export async function openCertificateBench(): Promise<CertificateBench> {
  const inspector = await startInspector();
  const root = await issueCertificate({ commonName: "Test Root", authority: true });
  const intermediate = await issueCertificate({
    commonName: "Test Intermediate",
    issuer: root,
    authority: true,
  });
  return {
    inspector,
    root,
    intermediate,
    async inspect(request, options = {}) {
      const own = await issueCertificate({
        commonName: "localhost",
        names: ["localhost"],
        issuer: intermediate,
        ...request,
      });
      const { alone = request.issuer === null, ...tls } = options;
      const cert = alone ? own.cert : `${own.cert}\n${intermediate.cert}`;
      await using server = await startTlsServer({ ...tls, cert, key: own.key });
      return await inspector.inspect(server.port);
    },
    [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose](),
  };
}

/** Why a check of `localhost` fails by what was seen. */
export function explained(inspection: CertificateInspection) {
  return explainTlsFailure(inspection, "localhost", Date.now());
}
