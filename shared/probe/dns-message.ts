/**
 * Messages of DNS in their wire form (RFC 1035 §4), as they travel over HTTPS (RFC 8484): questions
 * for addresses, and the records of answers that a look-up is interested in.
 *
 * Received bytes are not trusted: what is malformed reads as null, never as an exception, and no
 * message makes the reader do more than its size allows. Pure.
 */
import { addressBytes, addressText } from "./address.ts";
import { encodeName, readName } from "./dns-name.ts";

/** Types of records (RFC 1035 §3.2.2, RFC 3596 §2.1). */
export const RECORD_TYPE = { A: 1, CNAME: 5, SOA: 6, AAAA: 28 } as const;
/** The only class in use (RFC 1035 §3.2.4). */
const CLASS_IN = 1;

/** Flags of the header (RFC 1035 §4.1.1). */
const FLAG_RESPONSE = 0x8000;
const FLAG_RECURSION_DESIRED = 0x0100;
const FLAG_RECURSION_AVAILABLE = 0x0080;
const RCODE_MASK = 0x000f;

const HEADER_BYTES = 12;
/** Bytes of a record between its name and its data: type, class, time to live, length. */
const RECORD_FIXED_BYTES = 10;
/** Numbers at the end of an SOA record: serial, refresh, retry, expire, minimum. */
const SOA_NUMBERS = 5;
/** A time to live with the highest bit set counts as zero (RFC 2181 §8). */
const TTL_MAX = 0x7fff_ffff;

/** What is asked, or was. */
export interface DnsQuestion {
  name: string;
  type: number;
}

/** One record. */
export interface DnsRecord {
  name: string;
  type: number;
  /** Time to live in seconds. */
  ttlS: number;
  /**
   * Address in text, name of a CNAME, or the fields of an SOA with spaces between; names without the
   * dot at the end. Empty for every other type.
   */
  data: string;
}

/** A message, as far as a look-up is interested. */
export interface DnsMessage {
  /** Whether it is an answer. */
  response: boolean;
  /** Response code (RFC 1035 §4.1.1), 0 … 15. */
  rcode: number;
  questions: DnsQuestion[];
  answers: DnsRecord[];
  /** Of a negative answer: the SOA of the zone that says so (RFC 2308 §3). */
  authorities: DnsRecord[];
}

/** A question with recursion; null when the name cannot be asked for. */
export function encodeDnsQuery(question: DnsQuestion): Uint8Array | null {
  // The same question is the same bytes, so that caches on the way recognise it (RFC 8484 §4.1).
  return encodeMessage(FLAG_RECURSION_DESIRED, [question], []);
}

/**
 * An answer to a question, of records of the types A, AAAA and CNAME; null when a name or an
 * address cannot be encoded.
 */
export function encodeDnsAnswer(answer: {
  rcode: number;
  question: DnsQuestion;
  answers: readonly DnsRecord[];
}): Uint8Array | null {
  const flags = FLAG_RESPONSE | FLAG_RECURSION_DESIRED | FLAG_RECURSION_AVAILABLE;
  return encodeMessage(flags | (answer.rcode & RCODE_MASK), [answer.question], answer.answers);
}

/** Reads a message; null for bytes that are none. */
export function decodeDnsMessage(bytes: Uint8Array): DnsMessage | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  const questions = readQuestions(bytes, view, view.getUint16(4));
  if (questions === null) return null;
  const answers = readRecords(bytes, view, questions.next, view.getUint16(6));
  if (answers === null) return null;
  const authorities = readRecords(bytes, view, answers.next, view.getUint16(8));
  if (authorities === null) return null;
  return {
    response: (flags & FLAG_RESPONSE) !== 0,
    rcode: flags & RCODE_MASK,
    questions: questions.items,
    answers: answers.items,
    authorities: authorities.items,
  };
}

interface Section<Item> {
  items: Item[];
  next: number;
}

function readQuestions(
  bytes: Uint8Array,
  view: DataView,
  count: number,
): Section<DnsQuestion> | null {
  const items: DnsQuestion[] = [];
  let next = HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    const read = readName(bytes, next);
    if (read === null || read.next + 4 > bytes.length) return null;
    items.push({ name: read.name, type: view.getUint16(read.next) });
    next = read.next + 4;
  }
  return { items, next };
}

function readRecords(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  count: number,
): Section<DnsRecord> | null {
  const items: DnsRecord[] = [];
  let next = start;
  for (let index = 0; index < count; index += 1) {
    const read = readName(bytes, next);
    if (read === null) return null;
    const dataAt = read.next + RECORD_FIXED_BYTES;
    if (dataAt > bytes.length) return null;
    const type = view.getUint16(read.next);
    const ttlS = view.getUint32(read.next + 4);
    const end = dataAt + view.getUint16(read.next + 8);
    if (end > bytes.length) return null;
    const data = readData(bytes, view, type, dataAt, end);
    if (data === null) return null;
    items.push({ name: read.name, type, ttlS: ttlS > TTL_MAX ? 0 : ttlS, data });
    next = end;
  }
  return { items, next };
}

/** Data of a record as text; null when it does not fill its place exactly. */
function readData(
  bytes: Uint8Array,
  view: DataView,
  type: number,
  start: number,
  end: number,
): string | null {
  switch (type) {
    case RECORD_TYPE.A:
      return end - start === 4 ? addressText(bytes.subarray(start, end)) : null;
    case RECORD_TYPE.AAAA:
      return end - start === 16 ? addressText(bytes.subarray(start, end)) : null;
    case RECORD_TYPE.CNAME: {
      const target = readName(bytes, start);
      return target?.next === end ? target.name : null;
    }
    case RECORD_TYPE.SOA: {
      const server = readName(bytes, start);
      const contact = server === null ? null : readName(bytes, server.next);
      if (server === null || contact === null || contact.next + SOA_NUMBERS * 4 !== end)
        return null;
      const numbers = Array.from({ length: SOA_NUMBERS }, (_, at) =>
        view.getUint32(contact.next + at * 4),
      );
      return [server.name, contact.name, ...numbers].join(" ");
    }
    default:
      return "";
  }
}

function encodeMessage(
  flags: number,
  questions: readonly DnsQuestion[],
  answers: readonly DnsRecord[],
): Uint8Array | null {
  const header = [0, flags, questions.length, answers.length, 0, 0].flatMap(twoBytes);
  const parts: Array<ArrayLike<number> | null> = [header];
  for (const { name, type } of questions) {
    parts.push(encodeName(name), [...twoBytes(type), ...twoBytes(CLASS_IN)]);
  }
  for (const { name, type, ttlS, data } of answers) {
    const encoded = type === RECORD_TYPE.CNAME ? encodeName(data) : addressOf(type, data);
    const ttl = [...twoBytes(ttlS >>> 16), ...twoBytes(ttlS & 0xffff)];
    const fixed = [...twoBytes(type), ...twoBytes(CLASS_IN), ...ttl];
    parts.push(encodeName(name), [...fixed, ...twoBytes(encoded?.length ?? 0)], encoded);
  }
  const bytes: number[] = [];
  for (const part of parts) {
    if (part === null) return null;
    bytes.push(...Array.from(part));
  }
  return Uint8Array.from(bytes);
}

/** The bytes of an address of a record's type; null when it is of another family, or none. */
function addressOf(type: number, data: string): number[] | null {
  const bytes = addressBytes(data);
  const length = { [RECORD_TYPE.A]: 4, [RECORD_TYPE.AAAA]: 16 }[type];
  return bytes?.length === length ? bytes : null;
}

function twoBytes(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}
