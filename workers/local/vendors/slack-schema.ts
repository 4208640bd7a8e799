/**
 * What Slack accepts, as far as alerts use it, with the limits of its reference; the page is named
 * beside each part. Written from the documentation, not from what Echoquorum sends. Pure.
 */
import { z } from "zod";

/** Slack counts UTF-16 units, as JavaScript does; an empty text is refused. */
const textOf = (charactersMax: number) => z.string().min(1).max(charactersMax);

/** docs.slack.dev/reference/block-kit/composition-objects/text-object: 1 … 3,000 characters. */
const mrkdwn = (charactersMax = 3_000) =>
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: textOf(charactersMax),
    verbatim: z.boolean().optional(),
  });
const plainText = (charactersMax: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: textOf(charactersMax),
    emoji: z.boolean().optional(),
  });

/** docs.slack.dev/reference/block-kit/blocks: `block_id` has at most 255 characters. */
const blockId = z.string().max(255).optional();

const blockSchema = z.union([
  // docs.slack.dev/reference/block-kit/blocks/header-block: plain text, 150 characters.
  z.strictObject({ type: z.literal("header"), block_id: blockId, text: plainText(150) }),
  // docs.slack.dev/reference/block-kit/blocks/section-block: text of 3,000 characters, or up to 10
  // fields of 2,000.
  z.strictObject({
    type: z.literal("section"),
    block_id: blockId,
    text: mrkdwn().optional(),
    fields: z.array(mrkdwn(2_000)).min(1).max(10).optional(),
  }),
  // docs.slack.dev/reference/block-kit/blocks/context-block: up to 10 elements.
  z.strictObject({
    type: z.literal("context"),
    block_id: blockId,
    elements: z.array(mrkdwn()).min(1).max(10),
  }),
  // docs.slack.dev/reference/block-kit/blocks/divider-block
  z.strictObject({ type: z.literal("divider"), block_id: blockId }),
]);

/** A block. */
export type Block = z.output<typeof blockSchema>;

/** docs.slack.dev/reference/block-kit/blocks: at most 50 blocks in a message. */
const blocksSchema = z
  .array(
    blockSchema.refine(
      (block) => block.type !== "section" || block.text !== undefined || block.fields !== undefined,
      "a section has text or fields",
    ),
  )
  .min(1)
  .max(50)
  // Not in the reference: `msg_blocks_too_long` was seen from 13,172 characters on
  // (github.com/slackapi/bolt-js/issues/2509).
  .refine((blocks) => charactersOf(blocks) < 13_172, "msg_blocks_too_long");

/** docs.slack.dev/reference/methods/chat.postMessage: text is cut above 40,000 characters. */
const messageText = textOf(40_000);

/** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const incomingWebhookSchema = z.strictObject({
  text: messageText,
  blocks: blocksSchema.optional(),
  unfurl_links: z.boolean().optional(),
});

/** A message's `ts`: its id within a channel. */
const tsSchema = z.string().regex(/^\d{10}\.\d{6}$/);

/** docs.slack.dev/reference/methods/chat.postMessage; metadata: docs.slack.dev/messaging/message-metadata */
export const postMessageSchema = z.strictObject({
  channel: z.string().min(1),
  text: messageText,
  blocks: blocksSchema.optional(),
  unfurl_links: z.boolean().optional(),
  thread_ts: tsSchema.optional(),
  reply_broadcast: z.boolean().optional(),
  metadata: z
    .strictObject({
      event_type: z.string().min(1),
      event_payload: z.record(z.string(), z.unknown()),
    })
    .optional(),
});

/** docs.slack.dev/reference/methods/chat.update: the channel by its id, never its name. */
export const updateSchema = z.strictObject({
  channel: z.string().regex(/^[CGD][A-Z0-9]+$/),
  ts: tsSchema,
  text: messageText,
  blocks: blocksSchema.optional(),
});

/** What Slack says of a message that does not fit. */
export function complaintOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.message === "msg_blocks_too_long") return "msg_blocks_too_long";
  if (issue?.path[0] === "blocks") return "invalid_blocks";
  return issue?.path[0] === "text" ? "no_text" : "invalid_arguments";
}

function charactersOf(blocks: readonly Block[]): number {
  return blocks.flatMap(textsOf).join("").length;
}

function textsOf(block: Block): string[] {
  switch (block.type) {
    case "divider":
      return [];
    case "header":
      return [block.text.text];
    case "context":
      return block.elements.map(({ text }) => text);
    case "section":
      return [block.text?.text ?? "", ...(block.fields ?? []).map(({ text }) => text)];
  }
}
