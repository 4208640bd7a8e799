import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertMessage } from "../../../../shared/alert/delivery.ts";
import { testDelivery } from "../../../../shared/alert/composition.ts";
import { REGIONS } from "../../../../shared/regions.ts";
import {
  renderSlackMessage,
  renderSlackReply,
} from "../../../../workers/coordinator/channels/slack-message.ts";
import { incomingWebhookSchema } from "../../../../workers/local/vendors/slack-schema.ts";
import { decideDeliveries, firedDelivery, resolvedFacts } from "../../../support/alert-facts.ts";

const fired = firedDelivery().message;
const all = (message: AlertMessage) => JSON.stringify(renderSlackMessage(message));

describe("a message in Slack", () => {
  it("shows what, since when, why, where, and a link", () => {
    const { text: fallback, blocks } = renderSlackMessage(fired);
    expect(fallback).toBe("🔴 Chat is down in 3 of 4 regions");
    expect(blocks.map(({ type }) => type)).toEqual([
      "header",
      "section",
      "section",
      "section",
      "section",
      "context",
    ]);
    const shown = JSON.stringify(blocks);
    expect(shown).toContain("*Reason*\\n`accept_mismatch`");
    expect(shown).toContain("*Since*\\n<!date^1795183331^{date_short_pretty} {time_secs}|");
    expect(shown).toContain("🔴 *Europe (Frankfurt)* down `accept_mismatch`");
    expect(shown).toContain("🟢 *Asia (Singapore)* up");
    expect(shown).toContain("<https://status.example.com/incidents/chat-1795183331000|");
  });

  it("shows at the end how long it lasted, without the regions", () => {
    const [resolved] = decideDeliveries(resolvedFacts("down", { previous: [firedDelivery()] }));
    const shown = resolved === undefined ? "" : all(resolved.message);
    expect(shown).toContain("🟢 Chat has recovered after 4m12s");
    expect(shown).toContain("*Duration*\\n4m12s");
    expect(shown).not.toContain("Frankfurt");
  });

  it("keeps to Slack's form for tests and real alerts alike", () => {
    const test = testDelivery({ id: "team", name: "Team" }, "https://s.example", 0).message;
    expect(incomingWebhookSchema.parse(renderSlackMessage(test))).toEqual(renderSlackMessage(test));
    expect(incomingWebhookSchema.parse(renderSlackMessage(fired))).toEqual(
      renderSlackMessage(fired),
    );
  });

  it("lets no text of a monitor mention people or make links", () => {
    const shown = all({ ...fired, text: "<!channel> & <https://evil.example|click>" });
    expect(shown).toContain("&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;");
    expect(shown).not.toContain("<!channel>");
  });

  it("uses Slack's limits to the last character, and cuts what is longer", () => {
    const header = (title: string) => {
      const [block] = renderSlackMessage({ ...fired, title }).blocks;
      return block?.type === "header" ? block.text.text : "";
    };
    // The sign and a space come before it.
    const fits = "x".repeat(150 - "🔴 ".length);
    expect(header(fits)).toBe(`🔴 ${fits}`);
    expect(header(`${fits}y`)).toBe(`🔴 ${fits.slice(1)}…`);
    const text = (said: string) => {
      const [, block] = renderSlackMessage({ ...fired, text: said }).blocks;
      return block !== undefined && "text" in block ? block.text.text : "";
    };
    expect(text("x".repeat(3_000))).toBe("x".repeat(3_000));
    expect(text("x".repeat(3_001))).toBe(`${"x".repeat(2_999)}…`);
    const field = renderSlackMessage({
      ...fired,
      monitor: { id: "m", name: "x".repeat(3_000), group: null },
    }).blocks.find((block) => "fields" in block);
    expect(field !== undefined && "fields" in field && field.fields[0]?.text.length).toBe(2_000);
  });

  it("stays within Slack's limits whatever the message says", () => {
    const long = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4_000 });
    fc.assert(
      fc.property(long, long, fc.boolean(), (words, other, angles) => {
        const said = angles ? words.replaceAll(/[a-z]/g, "<&") : words;
        const message: AlertMessage = {
          ...fired,
          title: said,
          text: said,
          cause: other,
          monitor: { id: "m", name: said, group: other },
          regions: REGIONS.map(({ id, label }) => ({
            region: id,
            label,
            status: "down",
            reason: "subprotocol_mismatch",
            message: other,
          })),
        };
        const rendered = renderSlackMessage(message);
        incomingWebhookSchema.parse(rendered);
        incomingWebhookSchema.parse(renderSlackReply(message));
        expect(JSON.stringify(rendered)).not.toMatch(/&(?!amp;|lt;|gt;)[a-z]*…/);
        expect(JSON.stringify(rendered).isWellFormed()).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
