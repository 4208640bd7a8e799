/**
 * Frame opcodes of RFC 6455 §5.2 and §11.8.
 *
 * Pure data; imports nothing.
 */

/** Opcodes that RFC 6455 defines; all others are reserved. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(OPCODE).map(([name, opcode]) => [opcode, name]),
);

/** Whether an opcode is one of the six that may appear on the wire. */
export function isKnownOpcode(opcode: number): boolean {
  return opcode <= OPCODE.binary || (opcode >= OPCODE.close && opcode <= OPCODE.pong);
}

/** Whether an opcode is in the control range, 0x8 … 0xF (RFC 6455 §5.5). */
export function isControlOpcode(opcode: number): boolean {
  return opcode >= OPCODE.close;
}

/** Name for people: `text`, `ping`, …, or `opcode 0x3` for a reserved one. */
export function opcodeName(opcode: number): string {
  return NAMES.get(opcode) ?? `opcode 0x${opcode.toString(16)}`;
}
