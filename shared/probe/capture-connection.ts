/**
 * The packets of one TCP connection, made up around what was said: sequence and acknowledgement
 * numbers that fit, a handshake before and an end after it. Follows RFC 9293 as far as a capture of
 * an undisturbed connection shows it. Pure.
 */
import type { CapturedPacket } from "./capture-file.ts";
import type { CaptureEndpoint } from "./capture-packet.ts";
import { SEGMENT_BYTES_MAX, TCP_FLAG, encodePacket } from "./capture-packet.ts";
import type { EntryPayload } from "./transcript-payload.ts";

/** Who sends. */
export type CaptureSide = "probe" | "server";

/** When something is sent, and what the capture remarks on it. */
export interface CaptureMoment {
  /** UTC epoch milliseconds. */
  atMs: number;
  /** Empty: nothing. */
  comment: string;
}

const { fin, syn, rst, psh, ack } = TCP_FLAG;
const NOTHING: EntryPayload = { bytes: new Uint8Array(0), totalBytes: 0 };
const SEQUENCE_SPACE = 0x1_0000_0000;

/** Builds the packets in the order in which its methods are called. */
export class CaptureConnection {
  readonly packets: CapturedPacket[] = [];
  readonly #endpoints: Readonly<Record<CaptureSide, CaptureEndpoint>>;
  /** Sequence number of the next byte of each side. */
  readonly #next: Record<CaptureSide, number> = { probe: 0, server: 0 };
  readonly #ended: Record<CaptureSide, boolean> = { probe: false, server: false };

  constructor(endpoints: Readonly<Record<CaptureSide, CaptureEndpoint>>) {
    this.#endpoints = endpoints;
  }

  /** The first packet; it may stay without an answer. */
  dial(moment: CaptureMoment): void {
    this.#emit("probe", syn, NOTHING, moment);
    this.#next.probe = 1;
  }

  /** The server's answer to the first packet, and the probe's to that. */
  open(atMs: number): void {
    this.#emit("server", syn | ack, NOTHING, { atMs, comment: "" });
    this.#next.server = 1;
    this.#emit("probe", ack, NOTHING, { atMs, comment: "" });
  }

  /**
   * Sends bytes of which the beginning is known. Where that is not all, the packet is cut, as by a
   * capture with a limited packet size, and the next one begins after what is missing.
   */
  send(side: CaptureSide, { bytes, totalBytes }: EntryPayload, moment: CaptureMoment): void {
    let at = 0;
    let remark = moment.comment;
    while (at < totalBytes) {
      const size = Math.min(SEGMENT_BYTES_MAX, totalBytes - at);
      const known = bytes.subarray(at, at + size);
      const payload = { bytes: known, totalBytes: size };
      this.#emit(side, psh | ack, payload, { atMs: moment.atMs, comment: remark });
      this.#advance(side, known.length < size ? totalBytes - at : size);
      if (known.length < size) return;
      at += size;
      remark = "";
    }
  }

  /** A side will send no more; the other acknowledges it. */
  end(side: CaptureSide, moment: CaptureMoment): void {
    if (this.#ended[side]) return;
    this.#ended[side] = true;
    this.#emit(side, fin | ack, NOTHING, moment);
    this.#advance(side, 1);
    const other = side === "probe" ? "server" : "probe";
    if (this.#ended[other]) this.#emit(other, ack, NOTHING, { atMs: moment.atMs, comment: "" });
  }

  /** The server breaks the connection off. */
  reset(moment: CaptureMoment): void {
    this.#emit("server", rst | ack, NOTHING, moment);
    this.#ended.server = true;
    this.#ended.probe = true;
  }

  #advance(side: CaptureSide, bytes: number): void {
    this.#next[side] = (this.#next[side] + bytes) % SEQUENCE_SPACE;
  }

  #emit(
    side: CaptureSide,
    flags: number,
    { bytes, totalBytes }: EntryPayload,
    { atMs, comment }: CaptureMoment,
  ): void {
    const other = side === "probe" ? "server" : "probe";
    const packet = encodePacket({
      from: this.#endpoints[side],
      to: this.#endpoints[other],
      sequence: this.#next[side],
      acknowledgement: (flags & ack) === 0 ? 0 : this.#next[other],
      flags,
      payload: bytes,
      payloadBytes: totalBytes,
    });
    this.packets.push({ ...packet, atMs, comment });
  }
}
