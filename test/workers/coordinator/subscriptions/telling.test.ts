/** What reaches a subscriber, from a bulletin to a mailbox and an endpoint on this machine. */
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bulletin, IncidentNews } from "../../../../shared/alert/bulletin.ts";
import type { SubscribersPort } from "../../../../workers/coordinator/object/ports.ts";
import { subscribersPort } from "../../../../workers/coordinator/subscriptions/subscribers-port.ts";
import {
  openSubscriptionRow,
  sealSubscriptionRow,
} from "../../../../workers/coordinator/subscriptions/sealed-subscription.ts";
import { SealingKeys } from "../../../../workers/sealing.ts";
import { SEALING_KEY } from "../../../support/api-client.ts";
import type { SubscriberWorld } from "../../../support/subscribers.ts";
import { linkIn, openSubscriberWorld } from "../../../support/subscribers.ts";

const AT_MS = Date.parse("2026-11-20T14:00:00Z");
const NEWS: IncidentNews = {
  kind: "incident",
  event: "began",
  impact: "down",
  flapping: false,
  reason: "accept_mismatch",
  regions: ["eu-central"],
  startedAtMs: AT_MS,
  endedAtMs: null,
};

/** A bulletin about a monitor. */
function bulletin(
  sequence: number,
  change: Partial<IncidentNews> = {},
  monitor = "chat",
): Bulletin {
  return {
    sequence,
    id: `${monitor}-1.${sequence}`,
    subject: `${monitor}-1`,
    monitors: [{ id: monitor, name: monitor === "chat" ? "Chat" : monitor, group: null }],
    createdAtMs: AT_MS,
    news: { ...NEWS, ...change },
  };
}

let world: SubscriberWorld;
beforeAll(async () => void (world = await openSubscriberWorld()));
afterAll(() => world.close());
beforeEach(() => world.reset());

const port = (): SubscribersPort => subscribersPort(world.api.env);

/** Subscribes by e-mail and confirms. */
async function subscribeByMail(more: object = {}): Promise<void> {
  await world.subscribe({ kind: "email", target: "reader@example.com", ...more });
  await world.visit(linkIn((await world.letter()).text, "/subscriptions/confirm/"), {});
  world.letters.length = 0;
}

/** Tells all subscribers; what came of it. */
async function tell(...bulletins: Bulletin[]) {
  const changes = await port().changed(0);
  const opened = await port().open(changes.map(({ id }) => id));
  return Promise.all([...opened.values()].map((each) => port().tell(each, bulletins)));
}

describe("an e-mail", () => {
  it("says what happened, with the links by which it ends on one click", async () => {
    await subscribeByMail();
    expect(await tell(bulletin(1))).toMatchObject([{ ok: true }]);
    const { subject, text, headers } = await world.letter();
    expect(subject).toBe("Chat is down · status.example.com");
    expect(text).toContain("Since 20 Nov, 14:00:00 UTC.");
    expect(text).toContain("https://status.example.com/incidents/chat-1");
    expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    const link = linkIn(headers["List-Unsubscribe"] ?? "", "/subscriptions/unsubscribe/");
    expect((await world.visit(link, { "List-Unsubscribe": "One-Click" })).status).toBe(200);
    expect(await tell(bulletin(2))).toEqual([]);
  });

  it("gathers what is new, in the language that was chosen, and escapes what people wrote", async () => {
    await subscribeByMail({ language: "de" });
    const written: Bulletin = {
      ...bulletin(2),
      id: "written/late/1",
      subject: "written/late",
      monitors: null,
      news: {
        kind: "written",
        event: "update",
        title: "<b>Spät</b>",
        status: "identified",
        text: "A **queue** is full. <script>alert(1)</script>",
        atMs: AT_MS,
      },
    };
    await tell(bulletin(1, { event: "ended", endedAtMs: AT_MS + 90_000 }), written);
    const { subject, text, html } = await world.letter();
    expect(subject).toBe("2 Neuigkeiten · status.example.com");
    expect(text).toContain("Behoben: Chat war ausgefallen");
    expect(text).toContain("A queue is full.");
    expect(html).not.toMatch(/<script>|<b>Sp/);
  });

  it("has nothing that their page hides, and nothing of monitors that it does not show", async () => {
    const page = {
      id: "default",
      name: "Public",
      monitors: ["chat"],
      details: { regions: false, reasons: false },
    };
    await world.api.send("POST", "/api/v1/pages", { json: page });
    await subscribeByMail();
    expect(await tell(bulletin(1, {}, "presence"))).toMatchObject([{ ok: true }]);
    expect(world.letters).toEqual([]);
    await tell(bulletin(2));
    const { text } = await world.letter();
    expect(text).not.toMatch(/Frankfurt|Seen from|accept/i);
  });

  it.each([
    ["E_RECIPIENT_SUPPRESSED", { gone: true, permanent: true, ours: false }],
    ["E_VALIDATION_ERROR", { gone: false, permanent: true, ours: false }],
    ["E_DELIVERY_FAILED", { gone: false, permanent: false, ours: false }],
    ["E_RATE_LIMIT_EXCEEDED", { permanent: false, ours: true, retryAfterMs: 60_000 }],
    ["E_SENDER_NOT_VERIFIED", { permanent: false, ours: true, retryAfterMs: 3_600_000 }],
    ["E_SOMETHING_NEW", { permanent: false, ours: true }],
  ])("that is refused with %s says whose trouble it is, and no address", async (code, outcome) => {
    await subscribeByMail();
    world.mailFailure = Object.assign(new Error("reader@example.com: no"), { code });
    const [said] = await tell(bulletin(1));
    expect(said).toMatchObject({ ok: false, ...outcome });
    expect(JSON.stringify(said)).not.toContain("reader");
  });
});

const hook = () => `${world.endpoint}/hook`;

describe("a webhook", () => {
  it("is signed, has a stable id and fields, and no secret of the network", async () => {
    await world.subscribe({ kind: "webhook", target: hook() });
    const secret = String(world.posted[0]?.json.data?.["secret"]);
    await tell(bulletin(1));
    await tell(bulletin(1));
    const [, first, second] = world.posted;
    expect(first?.headers["webhook-id"]).toBe(second?.headers["webhook-id"]);
    expect(first?.text).toBe(second?.text);
    const headers = first?.headers as Record<string, string>;
    expect(new Webhook(secret).verify(first?.text ?? "", headers)).toMatchObject({
      type: "status.updated",
      data: {
        page: "https://status.example.com/",
        events: [
          {
            kind: "incident",
            event: "began",
            impact: "down",
            reason: "accept_mismatch",
            startedAt: "2026-11-20T14:00:00.000Z",
            monitors: [{ id: "chat", name: "Chat" }],
          },
        ],
      },
    });
    expect(first?.text).not.toContain(secret);
  });

  it.each([
    [410, { gone: true }],
    [404, { gone: true }],
    [400, { gone: false, permanent: true }],
    [302, { gone: false, permanent: true }],
    [503, { gone: false, permanent: false, retryAfterMs: 7_000 }],
  ])("that answers %i is judged by it", async (status, outcome) => {
    await world.subscribe({ kind: "webhook", target: hook() });
    world.answer = () => ({ status, body: "no", headers: { "retry-after": "7" } });
    expect(await tell(bulletin(1))).toMatchObject([{ ok: false, ours: false, ...outcome }]);
  });
});

describe("a subscription at rest", () => {
  it("is sealed anew by the newest key, is found by it, and its links go on working", async () => {
    await subscribeByMail();
    const newest = Buffer.alloc(32, 9).toString("base64");
    world.api.env.ECHOQUORUM_SEALING_KEY = `${newest},${SEALING_KEY}`;
    await port().tidy();
    world.api.env.ECHOQUORUM_SEALING_KEY = newest;
    expect(await tell(bulletin(1))).toMatchObject([{ ok: true }]);
    const { text } = await world.letter();
    expect((await world.visit(linkIn(text, "/subscriptions/manage/"))).status).toBe(200);
    await world.subscribe({ kind: "email", target: "reader@example.com" });
    expect((await world.letter(2)).subject).toContain("already");
  });

  it("goes with a backup to a network with another key", async () => {
    await subscribeByMail();
    const { db } = world.api.database;
    const row = await db.prepare("SELECT * FROM subscriptions").first<Record<string, never>>();
    const open = await openSubscriptionRow(row ?? {}, new SealingKeys(SEALING_KEY));
    expect(String(open["target"])).toContain("reader@example.com");
    const other = new SealingKeys(Buffer.alloc(32, 5).toString("base64"));
    const sealed = await sealSubscriptionRow(open, other);
    expect(JSON.stringify(sealed)).not.toContain("reader");
    expect(sealed["digest"]).not.toBe(row?.["digest"]);
    expect(await openSubscriptionRow(sealed, other)).toMatchObject({ target: open["target"] });
  });

  it("cannot be told while no key opens it, which is nobody's fault but ours", async () => {
    await subscribeByMail();
    world.api.env.ECHOQUORUM_SEALING_KEY = Buffer.alloc(32, 1).toString("base64");
    expect(await tell(bulletin(1))).toMatchObject([{ ok: false, ours: true }]);
  });
});
