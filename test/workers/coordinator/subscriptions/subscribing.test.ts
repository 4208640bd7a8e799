/** Subscribing, confirming and ending, against receivers on this machine. */
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EVERYTHING_PUBLIC } from "../../../../workers/coordinator/page-settings/page-status.ts";
import { shownMonitors } from "../../../../workers/coordinator/subscriptions/subscribe.ts";
import { linkIn, openSubscriberWorld } from "../../../support/subscribers.ts";
import type { SubscriberWorld } from "../../../support/subscribers.ts";

const MAIL = "Reader@example.com";

let world: SubscriberWorld;
beforeAll(async () => void (world = await openSubscriberWorld()));
afterAll(() => world.close());
beforeEach(() => world.reset());

interface Shown {
  id: string;
  state: string;
  target: string | null;
  monitors: string[] | null;
  endedWhy: string | null;
}

const list = async (query = "") =>
  (await world.api.send("GET", `/api/v1/subscriptions${query}`)).json as Shown[];
const rows = async () => {
  const { results } = await world.api.database.db.prepare("SELECT * FROM subscriptions").all();
  return JSON.stringify(results);
};

/** Asks for e-mail; the path of the link in it. */
async function ask(more: object = {}): Promise<string> {
  const answer = await world.subscribe({ kind: "email", target: MAIL, ...more });
  expect([answer.status, answer.json]).toEqual([202, { state: "pending" }]);
  return linkIn((await world.letter()).text, "/subscriptions/confirm/");
}

/** Subscribes by e-mail; the paths to manage and to end it. */
async function confirm(more: object = {}): Promise<{ manage: string; unsubscribe: string }> {
  const answer = await world.visit(await ask(more), {});
  expect(answer.status).toBe(303);
  const manage = (answer.headers.get("location") ?? "").replace(/\?.*/, "");
  const page = await (await world.visit(manage)).text();
  return { manage, unsubscribe: /\/subscriptions\/unsubscribe\/[\w.-]+/.exec(page)?.[0] ?? "" };
}

describe("a subscription by e-mail", () => {
  it("counts once its owner has pressed the button, not when a program opens the link", async () => {
    const link = await ask({ monitors: ["chat"] });
    expect((await world.visit(link)).status).toBe(200);
    expect(await list()).toMatchObject([{ state: "pending", target: "R…@example.com" }]);
    expect((await world.visit(link, {})).status).toBe(303);
    expect(await list()).toMatchObject([{ state: "active", monitors: ["chat"] }]);
    expect((await world.visit(link, {})).status).toBe(303);
    expect(world.letters).toHaveLength(1);
    expect(world.api.coordinator.calls).toContainEqual(["configChanged"]);
  });

  it("asks in one message from the sender, which no list header comes with", async () => {
    await ask({ language: "de" });
    const letter = await world.letter();
    expect(letter).toMatchObject({
      to: MAIL,
      from: { name: "Example status", email: "status@example.com" },
      subject: "Bestätigen Sie Ihr Abonnement von status.example.com",
      headers: { "Auto-Submitted": "auto-generated", "Content-Language": "de" },
    });
    expect(letter.headers["List-Unsubscribe"]).toBeUndefined();
    expect(letter.html).toContain('lang="de"');
  });

  it("ends on one click without cookie or body, as often as it is clicked", async () => {
    const { unsubscribe } = await confirm();
    expect((await world.visit(unsubscribe)).status).toBe(200);
    expect(await list()).toMatchObject([{ state: "active" }]);
    for (let click = 0; click < 2; click += 1) {
      const answer = await world.visit(unsubscribe, { "List-Unsubscribe": "One-Click" });
      expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    }
    expect(await list()).toMatchObject([
      { state: "ended", endedWhy: "unsubscribed", target: null, monitors: null },
    ]);
    expect((await world.visit(unsubscribe)).status).toBe(200);
  });

  it("offers no private monitor, on a page that shows it to those it lets in neither", async () => {
    const { env } = world.api;
    const scope = { ...EVERYTHING_PUBLIC, monitors: ["cellar", "chat"] };
    for (const isPrivate of [false, true]) {
      const shown = await shownMonitors(env, { ...scope, isPrivate });
      expect(shown.map(({ id }) => id)).toEqual(["chat"]);
    }
  });

  it("changes what it is about by its link, and never to what is private", async () => {
    const { manage } = await confirm();
    const form = { services: "some", monitor: ["presence", "cellar"] };
    expect((await world.visit(manage, form)).status).toBe(303);
    expect(await list()).toMatchObject([{ monitors: ["presence"] }]);
    expect((await world.visit(manage, { services: "some" })).status).toBe(422);
    expect((await world.visit(manage, { services: "all" })).status).toBe(303);
    expect(await list()).toMatchObject([{ monitors: null }]);
    expect(await (await world.visit(manage)).text()).not.toContain("cellar");
  });

  it("is found by nobody without the token of the very purpose", async () => {
    const { manage, unsubscribe } = await confirm();
    const crossed = unsubscribe.replace("unsubscribe", "manage");
    expect((await world.visit(crossed)).status).toBe(404);
    expect((await world.visit(crossed, { services: "all" })).status).toBe(404);
    const wrong = manage.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    expect((await world.visit(wrong)).status).toBe(404);
    await world.visit(manage.replace("manage", "unsubscribe"), {});
    expect(await list()).toMatchObject([{ state: "active" }]);
  });

  it("answers the same for an address that is known, tells it so, and changes nothing", async () => {
    await confirm({ monitors: ["chat"] });
    const again = await world.subscribe({ kind: "email", target: MAIL.toUpperCase() });
    expect([again.status, again.json]).toEqual([202, { state: "pending" }]);
    const { text, headers } = await world.letter(2);
    expect(text).toContain("You get updates from status.example.com already");
    expect(linkIn(text, "/subscriptions/manage/")).not.toBe("");
    expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    expect(await list()).toMatchObject([{ state: "active", monitors: ["chat"] }]);
  });

  it("is asked once, however often somebody asks for it", async () => {
    await ask();
    for (let time = 0; time < 3; time += 1) {
      expect((await world.subscribe({ kind: "email", target: MAIL })).status).toBe(202);
    }
    expect(world.letters).toHaveLength(1);
    expect(await list()).toHaveLength(1);
  });

  it("is forgotten after a day without a word", async () => {
    const link = await ask();
    const { db } = world.api.database;
    await db.prepare("UPDATE subscriptions SET created_at_ms = created_at_ms - 86400000").run();
    expect((await world.visit(link)).status).toBe(404);
    expect((await world.visit(link, {})).status).toBe(404);
    await world.subscribe({ kind: "email", target: "other@example.com" });
    await world.letter(2);
    expect(await list()).toMatchObject([{ target: "o…@example.com" }]);
  });

  it("keeps the address sealed, and nothing of who asked", async () => {
    await ask();
    const { results } = await world.api.database.db
      .prepare("SELECT * FROM subscription_attempts")
      .all();
    expect(await rows()).not.toMatch(/reader/i);
    expect(JSON.stringify(results)).not.toMatch(/198\.51|reader/i);
    expect(results).toHaveLength(3);
  });

  it("can be asked anew when the message could not be sent", async () => {
    world.mailFailure = Object.assign(new Error("no"), { code: "E_INTERNAL_SERVER_ERROR" });
    await world.subscribe({ kind: "email", target: MAIL });
    world.mailFailure = null;
    await world.subscribe({ kind: "email", target: MAIL });
    await world.letter();
  });

  it("has links that mail programs take, whatever address the page was asked at", async () => {
    Object.assign(world.api.env, { ALLOW_PRIVATE_ADDRESSES: undefined, PUBLIC_URL: undefined });
    await world.subscribe({ kind: "email", target: MAIL });
    expect((await world.letter()).text).toContain("https://localhost/subscriptions/confirm/");
  });

  it("is not offered where no e-mail can be sent", async () => {
    delete world.api.env.EMAIL;
    const answer = await world.subscribe({ kind: "email", target: MAIL });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({
      errors: [{ field: "kind", message: "expected one of webhook, slack" }],
    });
    expect(await (await world.visit("/subscribe")).text()).toContain("E-mail is not offered here");
  });
});

const target = () => `${world.endpoint}/hook`;

describe("a subscription by webhook", () => {
  it("is made when the endpoint repeats the signed challenge, which alone has the secret", async () => {
    const answer = await world.subscribe({ kind: "webhook", target: target() });
    expect([answer.status, answer.json]).toEqual([202, { state: "active" }]);
    const [posted] = world.posted;
    const data = posted?.json.data as Record<string, string>;
    expect(posted?.json.type).toBe("subscription.challenge");
    new Webhook(data["secret"] ?? "").verify(
      posted?.text ?? "",
      posted?.headers as Record<string, string>,
    );
    expect(await list()).toMatchObject([{ state: "active", target: `${world.endpoint}/…` }]);
    expect((await world.visit(linkIn(data["manage"] ?? "", "/subscriptions/manage/"))).status).toBe(
      200,
    );
    await world.visit(linkIn(data["unsubscribe"] ?? "", "/subscriptions/unsubscribe/"), {});
    expect(await list()).toMatchObject([{ state: "ended" }]);
  });

  it("takes the challenge as plain text too, and keeps its secret when it is made again", async () => {
    world.answer = ({ json }) => ({ status: 200, body: `${String(json.data?.["challenge"])}\n` });
    await world.subscribe({ kind: "webhook", target: target(), monitors: ["chat"] });
    await world.subscribe({ kind: "webhook", target: target() });
    const secrets = world.posted.map(({ json }) => json.data?.["secret"]);
    expect(new Set(secrets).size).toBe(1);
    expect(await list()).toMatchObject([{ monitors: ["chat"] }]);
  });

  it.each([
    ["another answer", () => ({ status: 200, body: '{"challenge":"x"}' })],
    ["an error", () => ({ status: 500, body: "" })],
    [
      "a redirect",
      () => ({ status: 307, body: "", headers: { location: `${world.endpoint}/other` } }),
    ],
  ])("is not made after %s", async (_what, reply) => {
    world.answer = reply;
    const answer = await world.subscribe({ kind: "webhook", target: target() });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ field: "target" }] });
    expect(world.posted).toHaveLength(1);
    expect(await list()).toEqual([]);
  });

  it.each(["http://127.0.0.1:1/", "https://10.0.0.1/", "https://[::1]/", "https://a.internal/"])(
    "calls no private address: %s",
    async (url) => {
      world.api.env.ALLOW_PRIVATE_ADDRESSES = undefined;
      const answer = await world.subscribe({ kind: "webhook", target: url });
      expect(answer.json).toMatchObject({
        errors: [{ field: "target", message: "expected a public host" }],
      });
    },
  );

  it.each([
    ["webhook", "http://example.com/hook"],
    ["webhook", "https://user:word@example.com/"],
    ["slack", "https://example.com/services/T0/B0/x"],
    ["slack", "https://hooks.slack.com/other"],
    ["email", "nobody"],
    ["email", "a@b.example\r\nBcc: c@d.example"],
  ])("takes no %s at %s", async (kind, wrong) => {
    world.api.env.ALLOW_PRIVATE_ADDRESSES = undefined;
    expect((await world.subscribe({ kind, target: wrong })).status).toBe(422);
    expect(await list()).toEqual([]);
  });
});

describe("a subscription by Slack", () => {
  it("waits for the button behind the link in its first message", async () => {
    world.answer = () => ({ status: 200, body: "ok" });
    const hook = `${world.endpoint}/services/T0/B0/x`;
    const answer = await world.subscribe({ kind: "slack", target: hook });
    expect([answer.status, answer.json]).toEqual([202, { state: "pending" }]);
    const link = linkIn(world.posted[0]?.text ?? "", "/subscriptions/confirm/");
    expect((await world.visit(link, {})).status).toBe(303);
    expect(await list()).toMatchObject([{ state: "active", target: `${world.endpoint}/…` }]);
  });

  it("is not made where Slack takes no message", async () => {
    world.answer = () => ({ status: 404, body: "no_service" });
    const answer = await world.subscribe({ kind: "slack", target: `${world.endpoint}/x` });
    expect(answer.status).toBe(422);
    expect(await list()).toEqual([]);
  });
});

const wish = (number: number) => ({ kind: "email", target: `reader${number}@example.com` });

describe("limits", () => {
  it("let one visitor ask ten times in an hour, and others still", async () => {
    for (let number = 0; number < 10; number += 1) {
      expect((await world.subscribe(wish(number), "2001:db8:1:2::1")).status).toBe(202);
    }
    const answer = await world.subscribe(wish(11), "2001:db8:1:2:ffff::2");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "3600"]);
    expect((await world.subscribe(wish(12), "2001:db8:1:3::1")).status).toBe(202);
  });

  it("send one address three messages a day, whoever asks", async () => {
    const { db } = world.api.database;
    for (let time = 0; time < 5; time += 1) {
      const client = `203.0.113.${time}`;
      expect((await world.subscribe({ kind: "email", target: MAIL }, client)).status).toBe(202);
      await world.letter(Math.min(time + 1, 3));
      await db.prepare("UPDATE subscriptions SET created_at_ms = created_at_ms - 700000").run();
    }
    expect(world.letters).toHaveLength(3);
  });

  it("end at a thousand that wait", async () => {
    await world.api.database.db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO subscriptions (id, kind, state, page, digest, language, target,
           created_at_ms, revision)
         SELECT 'id' || i, 'email', 'pending', 'default', 'd' || i, 'en', '{}', ?, 0 FROM n`,
      )
      .bind(Date.now())
      .run();
    expect((await world.subscribe({ kind: "email", target: MAIL })).status).toBe(503);
    expect(world.letters).toEqual([]);
  });

  it("end at large bodies, of the API and of the form", async () => {
    const long = "a".repeat(20_000);
    expect((await world.subscribe({ kind: "email", target: long })).status).toBe(413);
    expect((await world.visit("/subscriptions", { email: "a".repeat(40_000) })).status).toBe(413);
  });

  it("refuse private monitors like those that are not there", async () => {
    for (const monitors of [["cellar"], ["nowhere"]]) {
      const answer = await world.subscribe({ kind: "email", target: MAIL, monitors });
      expect(answer.json).toMatchObject({
        errors: [{ field: "monitors", message: "expected ids of public monitors" }],
      });
    }
  });
});

describe("the form", () => {
  const form = { kind: "email", email: MAIL, services: "some", monitor: "chat" };

  it("takes what the API takes, without script", async () => {
    const answer = await world.visit("/subscriptions?lang=fr", form);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("Consultez votre boîte de réception");
    expect((await world.letter()).headers["Content-Language"]).toBe("fr");
    expect(await list()).toMatchObject([{ state: "pending", monitors: ["chat"] }]);
  });

  it("is shown again with what was typed, and what is wrong", async () => {
    const answer = await world.visit("/subscriptions", { ...form, email: 'x"<script>' });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toContain("This is not a complete address.");
    expect(page).toContain('value="x&quot;&lt;script&gt;"');
    expect(page).not.toContain("<script>");
  });

  it("tells programs that fill in all they find what they want to hear", async () => {
    const answer = await world.visit("/subscriptions", {
      ...form,
      website: "https://spam.example",
    });
    expect(answer.status).toBe(200);
    expect(await list()).toEqual([]);
  });

  it("is listed nowhere, kept nowhere, and sends to nobody but us", async () => {
    const answer = await world.visit("/subscribe");
    expect(answer.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    const page = await answer.text();
    expect(page).toContain('<meta name="robots" content="noindex"');
    expect(page).toContain("/maintenance.ics");
    expect(page).not.toContain("cellar");
  });
});

describe("the API", () => {
  it("lists in pages and ends what it is told to", async () => {
    for (const number of [1, 2, 3]) {
      await world.subscribe({ kind: "email", target: `reader${number}@example.com` });
    }
    const first = await world.api.send("GET", "/api/v1/subscriptions?limit=2");
    expect(first.json).toHaveLength(2);
    const next = /<(.+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const second = (await world.api.send("GET", next)).json as Shown[];
    expect(second).toHaveLength(1);
    const path = `/api/v1/subscriptions/${second[0]?.id}`;
    expect((await world.api.send("DELETE", path)).status).toBe(204);
    expect((await world.api.send("DELETE", path)).status).toBe(404);
    expect(await list("?state=ended")).toMatchObject([{ endedWhy: "removed" }]);
    expect(await list("?state=pending")).toHaveLength(2);
  });

  it("asks for the token before it lists or ends anything", async () => {
    expect((await world.api.send("GET", "/api/v1/subscriptions", { token: null })).status).toBe(
      401,
    );
    const path = "/api/v1/subscriptions/x";
    expect((await world.api.send("DELETE", path, { token: null })).status).toBe(401);
  });
});
