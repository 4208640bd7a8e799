/** A dialogue as a test leads it: what it wants sent, and what it is told. */
import type { DialogueStep } from "../../shared/probe/dialogue-step.ts";
import type { DialogueAction } from "../../shared/probe/dialogue.ts";
import { Dialogue } from "../../shared/probe/dialogue.ts";

/** What its messages are made of. */
export const NONCE = "0123456789abcdef";

/** A dialogue that begins at 0 ms, and what it wants done first. */
export function begin(steps: DialogueStep[], { deadlineMs = 1_000, pings: canPing = true } = {}) {
  const dialogue = new Dialogue({ steps, nonce: NONCE, deadlineMs, pings: canPing });
  return { dialogue, actions: dialogue.start(0) };
}

/** Texts that are to be sent. */
export const texts = (actions: readonly DialogueAction[]) =>
  actions.flatMap((action) => (action.type === "send_text" ? [action.text] : []));
/** Payloads of the pings that are to be sent. */
export const pings = (actions: readonly DialogueAction[]) =>
  actions.flatMap((action) => (action.type === "send_ping" ? [action.payload] : []));
/** A text that arrives. */
export const text = (value: string) => ({ type: "text", text: value }) as const;
