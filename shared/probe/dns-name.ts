/**
 * Domain names as they travel (RFC 1035 §3.1, §4.1.4): labels with their lengths, where the end of a
 * name may be a pointer to an earlier place of the message.
 *
 * Names as text have no dot at the end; the root is the empty text. Bytes that would be ambiguous in
 * text are written `\DDD` (§5.1). Pure; imports nothing.
 */

/** Bytes of one label (RFC 1035 §2.3.4), and of a whole name with its lengths and final zero. */
const LABEL_BYTES_MAX = 63;
const NAME_BYTES_MAX = 255;
/** The two high bits of a length tell a pointer from a label. */
const POINTER = 0xc0;
/** Pointers in one name: as many as it can have labels. */
const POINTERS_MAX = 127;

/** A name, and the offset behind it. */
export interface ReadName {
  name: string;
  next: number;
}

/** A name in its wire form, without compression; null for one that has none. */
export function encodeName(name: string): Uint8Array | null {
  const plain = name.replace(/\.$/, "");
  const bytes: number[] = [];
  for (const label of plain === "" ? [] : plain.split(".")) {
    const octets = labelOctets(label);
    if (octets === null || octets.length === 0 || octets.length > LABEL_BYTES_MAX) return null;
    bytes.push(octets.length, ...octets);
  }
  bytes.push(0);
  return bytes.length > NAME_BYTES_MAX ? null : Uint8Array.from(bytes);
}

/**
 * Reads the name at `offset`; null when it is malformed. A pointer may only lead to before the part
 * of the name that it ends, so that no chain of pointers can go in circles.
 */
export function readName(message: Uint8Array, offset: number): ReadName | null {
  const labels: string[] = [];
  let [at, partStart, size] = [offset, offset, 1];
  let next: number | null = null;
  for (let pointers = 0; pointers <= POINTERS_MAX;) {
    const length = message[at];
    if (length === undefined) return null;
    if (length === 0) return { name: labels.join("."), next: next ?? at + 1 };
    if (length >= POINTER) {
      const low = message[at + 1];
      if (low === undefined) return null;
      const target = ((length & ~POINTER) << 8) | low;
      if (target >= partStart) return null;
      next ??= at + 2;
      pointers += 1;
      at = partStart = target;
      continue;
    }
    size += 1 + length;
    const end = at + 1 + length;
    // The bits 01 and 10 are not in use (RFC 6891 §5, RFC 1035 §4.1.4).
    if (length > LABEL_BYTES_MAX || size > NAME_BYTES_MAX || end > message.length) return null;
    labels.push(labelText(message.subarray(at + 1, end)));
    at = end;
  }
  return null;
}

/** The bytes of a label's text; null for text beyond ASCII, which only IDNA could encode. */
function labelOctets(label: string): number[] | null {
  const octets: number[] = [];
  for (const [unit] of label.matchAll(/\\\d{3}|[^]/g)) {
    const code = unit.length > 1 ? Number(unit.slice(1)) : unit.charCodeAt(0);
    if (code > (unit.length > 1 ? 255 : 126)) return null;
    octets.push(code);
  }
  return octets;
}

function labelText(octets: Uint8Array): string {
  return Array.from(octets, (octet) =>
    octet > 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c
      ? String.fromCharCode(octet)
      : `\\${String(octet).padStart(3, "0")}`,
  ).join("");
}
