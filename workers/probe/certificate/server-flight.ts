/**
 * Speaks TLS as far as the server's certificate, over any stream of bytes.
 *
 * For inspection only: it verifies no signature of the handshake, finishes none, and must never
 * carry data. Before TLS 1.3 the certificate is not protected, so no key is agreed on. It follows
 * RFC 8446 and RFC 5246, and gives up at the first thing that they do not allow here.
 */
import { parseAlert } from "../../../shared/tls/alert.ts";
import { parseCertificateMessage } from "../../../shared/tls/certificate-message.ts";
import { encodeClientHello } from "../../../shared/tls/client-hello.ts";
import type { HandshakeMessage } from "../../../shared/tls/handshake-message.ts";
import { HANDSHAKE, HandshakeReader } from "../../../shared/tls/handshake-message.ts";
import { messageHash, serverHandshakeKey } from "../../../shared/tls/key-schedule.ts";
import { GROUP, isGroup, SUITES_13, VERSION } from "../../../shared/tls/parameters.ts";
import { CONTENT, encodeRecord, RecordReader } from "../../../shared/tls/record.ts";
import type { ServerHello } from "../../../shared/tls/server-hello.ts";
import { parseServerHello } from "../../../shared/tls/server-hello.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";
import type { EphemeralKey } from "./key-agreement.ts";
import { generateEphemeralKey, RecordOpener } from "./key-agreement.ts";

/** Most that is read of a server, in bytes. */
const RECEIVED_BYTES_MAX = 256 * 1_024;

/** A connection as the inspector needs it. */
export interface ByteStream {
  /** Null: the server ended its side. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
}

/** What the server showed of itself. */
export interface ServerFlight {
  version: number;
  /** DER, the server's own first. */
  certificates: Uint8Array[];
  /** Whether an OCSP answer came with it. */
  stapled: boolean;
  /** Whether it asks the client for a certificate. */
  clientCertificateRequested: boolean;
}

/**
 * Opens a handshake and reads the server's first flight.
 *
 * @param serverName host name for SNI; null for an address
 * @throws TlsViolation or TlsAlert; whatever the stream throws
 */
export async function readServerFlight(
  stream: ByteStream,
  serverName: string | null,
): Promise<ServerFlight> {
  const reader = new FlightReader(stream);
  const random = crypto.getRandomValues(new Uint8Array(32));
  const sessionId = crypto.getRandomValues(new Uint8Array(32));
  let keys = await Promise.all([GROUP.x25519, GROUP.p256].map(generateEphemeralKey));
  let transcript: Uint8Array[] = [];
  const greet = async (cookie: Uint8Array | null): Promise<ServerHello> => {
    const hello = encodeClientHello({ random, sessionId, serverName, keyShares: keys, cookie });
    await stream.write(encodeRecord(hello));
    const answer = await reader.expect(HANDSHAKE.serverHello, "a server hello");
    transcript.push(hello, answer.whole);
    return parseServerHello(answer.body);
  };
  let hello = await greet(null);
  if (hello.retry) {
    const { suite, group } = requested(hello);
    keys = [await generateEphemeralKey(group)];
    const [firstHello = new Uint8Array(0), retry = new Uint8Array(0)] = transcript;
    transcript = [messageHash(suite, firstHello), retry];
    hello = await greet(hello.cookie);
    if (hello.retry) throw new TlsViolation("malformed", "the server asks for a second retry");
  }
  if (hello.version !== VERSION.tls13) return await readUnprotected(reader, hello.version);
  reader.protect(await openerFor(hello, keys, transcript));
  return await readProtected(reader);
}

/** Group and suite that a HelloRetryRequest asks for. */
function requested(hello: ServerHello) {
  const suite = SUITES_13.get(hello.cipherSuite);
  // A retry may ask for a cookie alone: then the same groups are as good as before.
  const group = hello.group ?? GROUP.x25519;
  if (suite === undefined || !isGroup(group)) {
    throw new TlsViolation("malformed", "the server asks to retry with what was not offered");
  }
  return { suite, group };
}

async function openerFor(
  hello: ServerHello,
  keys: readonly EphemeralKey[],
  transcript: readonly Uint8Array[],
): Promise<RecordOpener> {
  const suite = SUITES_13.get(hello.cipherSuite);
  const key = keys.find(({ group }) => group === hello.group);
  if (suite === undefined || key === undefined || hello.publicKey === null) {
    throw new TlsViolation("malformed", "the server chose what was not offered");
  }
  const sharedSecret = await key.agree(hello.publicKey);
  return new RecordOpener(serverHandshakeKey(suite, sharedSecret, transcript));
}

/** TLS 1.3: encrypted extensions, perhaps a certificate request, the certificate. */
async function readProtected(reader: FlightReader): Promise<ServerFlight> {
  await reader.expect(HANDSHAKE.encryptedExtensions, "encrypted extensions");
  let message = await reader.next();
  const clientCertificateRequested = message.type === HANDSHAKE.certificateRequest;
  if (clientCertificateRequested) message = await reader.next();
  if (message.type !== HANDSHAKE.certificate) throw unexpected(message, "a certificate");
  return {
    version: VERSION.tls13,
    ...parseCertificateMessage(message.body, VERSION.tls13),
    clientCertificateRequested,
  };
}

/** Earlier versions: the certificate, then what belongs to it, until the server is done. */
async function readUnprotected(reader: FlightReader, version: number): Promise<ServerFlight> {
  const certificate = await reader.expect(HANDSHAKE.certificate, "a certificate");
  const { certificates } = parseCertificateMessage(certificate.body, version);
  const seen = new Set<number>();
  while (!seen.has(HANDSHAKE.serverHelloDone)) seen.add((await reader.next()).type);
  return {
    version,
    certificates,
    stapled: seen.has(HANDSHAKE.certificateStatus),
    clientCertificateRequested: seen.has(HANDSHAKE.certificateRequest),
  };
}

/** Reads handshake messages, protected or not. */
class FlightReader {
  readonly #stream: ByteStream;
  readonly #records = new RecordReader();
  readonly #messages = new HandshakeReader();
  #opener: RecordOpener | null = null;
  #receivedBytes = 0;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Expects protected records from here on. */
  protect(opener: RecordOpener): void {
    this.#opener = opener;
  }

  /** Reads the next message, which must be of this type. */
  async expect(type: number, what: string): Promise<HandshakeMessage> {
    const message = await this.next();
    if (message.type !== type) throw unexpected(message, what);
    return message;
  }

  /** Reads the next message. */
  async next(): Promise<HandshakeMessage> {
    for (;;) {
      const message = this.#messages.next();
      if (message !== null) return message;
      const { type, payload } = await this.#nextContent();
      if (type === CONTENT.handshake) this.#messages.receive(payload);
      else if (type === CONTENT.alert) {
        const alert = parseAlert(payload);
        if (alert !== null) throw alert;
      } else if (type !== CONTENT.changeCipherSpec) {
        throw new TlsViolation("malformed", "the server sent data in the middle of the handshake");
      }
    }
  }

  async #nextContent(): Promise<{ type: number; payload: Uint8Array }> {
    for (;;) {
      const record = this.#records.next();
      if (record !== null) {
        const isProtected = this.#opener !== null && record.type === CONTENT.applicationData;
        return isProtected && this.#opener !== null ? await this.#opener.open(record) : record;
      }
      const bytes = await this.#stream.read();
      if (bytes === null) {
        throw new TlsViolation("closed", "the server closed the connection during the handshake");
      }
      this.#receivedBytes += bytes.length;
      if (this.#receivedBytes > RECEIVED_BYTES_MAX) {
        throw new TlsViolation("malformed", "the server's handshake is too long");
      }
      this.#records.receive(bytes);
    }
  }
}

function unexpected(message: HandshakeMessage, what: string): TlsViolation {
  const text = `the server sent handshake message ${message.type} instead of ${what}`;
  return new TlsViolation("malformed", text);
}
