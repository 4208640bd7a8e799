/** Describes a frame as a line of a transcript. Pure. */
import type { FrameEvent } from "../websocket/connection-event.ts";
import { OPCODE, opcodeName } from "../websocket/opcode.ts";
import { hex, textOrHex } from "./transcript.ts";
import type { TranscriptDraft } from "./transcript.ts";

/** The line for a frame at `atMs` after dialling; its text is rendered when it is needed. */
export function frameDraft(frame: FrameEvent, atMs: number): TranscriptDraft {
  return {
    atMs,
    direction: frame.direction,
    kind: opcodeName(frame.opcode),
    bytes: frame.wireBytes,
    text: () => frameText(frame),
  };
}

function frameText(frame: FrameEvent): string {
  const { preview } = frame;
  const flags = [frame.fin ? [] : ["more fragments follow"], frame.rsv1 ? ["compressed"] : []];
  const remarks = flags.flat();
  const prefix = remarks.length === 0 ? "" : `(${remarks.join(", ")}) `;
  const cut = preview.length < frame.payloadBytes ? "…" : "";
  return prefix + payloadText(frame) + cut;
}

function payloadText({ opcode, rsv1, preview }: FrameEvent): string {
  if (opcode === OPCODE.close && preview.length >= 2) {
    const code = ((preview[0] ?? 0) << 8) | (preview[1] ?? 0);
    const reason = textOrHex(preview.subarray(2));
    return reason === "" ? String(code) : `${code} ${reason}`;
  }
  return opcode === OPCODE.binary || rsv1 ? hex(preview) : textOrHex(preview);
}
