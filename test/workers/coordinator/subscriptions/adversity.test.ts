/** Subscriptions when things come at once, fail, go, or come back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bulletin } from "../../../../shared/alert/bulletin.ts";
import {
  replaceConfiguration,
  stageConfigurationRows,
} from "../../../../workers/coordinator/db/backup-store.ts";
import { subscribersPort } from "../../../../workers/coordinator/subscriptions/subscribers-port.ts";
import { SEALING_KEY } from "../../../support/api-client.ts";
import type { SubscriberWorld } from "../../../support/subscribers.ts";
import { linkIn, openSubscriberWorld, repeat } from "../../../support/subscribers.ts";

const AT_MS = Date.parse("2026-11-20T14:00:00Z");
const MAIL = { kind: "email", target: "reader@example.com" };

let world: SubscriberWorld;
beforeAll(async () => void (world = await openSubscriberWorld()));
afterAll(() => world.close());
beforeEach(() => world.reset());

const database = () => world.api.database.db;
const port = () => subscribersPort(world.api.env);
const hook = () => ({ kind: "webhook", target: `${world.endpoint}/hook` });
const slack = () => ({ kind: "slack", target: `${world.endpoint}/services/T0/B0/x` });

async function rows(): Promise<Array<Record<string, string | number | null>>> {
  const { results } = await database()
    .prepare("SELECT * FROM subscriptions ORDER BY created_at_ms, id")
    .all<Record<string, string | number | null>>();
  return results;
}

/** What people wrote of everything. */
function written(text: string): Bulletin {
  const about = { kind: "written", event: "update", title: "Late", status: "identified" } as const;
  return {
    sequence: 1,
    id: "written/late/1",
    subject: "written/late",
    monitors: null,
    createdAtMs: AT_MS,
    news: { ...about, text, atMs: AT_MS },
  };
}

const NEWS = written("A queue is full.");
const newsOf = (id: string): Bulletin => ({ ...NEWS, monitors: [{ id, name: id, group: null }] });

/** Tells all subscribers; what came of it. */
async function tell(bulletin: Bulletin) {
  const changes = await port().changed(0);
  const opened = await port().open(changes.map(({ id }) => id));
  return Promise.all([...opened.values()].map((each) => port().tell(each, [bulletin])));
}

/** Holds whoever is about to store a subscription until so many are. */
function meet(count: number): void {
  const db = database();
  const { promise: all, resolve: open } = Promise.withResolvers<void>();
  let arrived = 0;
  world.api.env.DB = new Proxy(db, {
    get(target, name) {
      if (name !== "batch") return (target[name as keyof D1Database] as () => void).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        arrived += 1;
        if (arrived === count) open();
        await all;
        return target.batch(statements);
      };
    },
  });
}

describe("an address that is asked for twice at once", () => {
  it("is asked by one message", async () => {
    meet(2);
    const answers = await Promise.all([world.subscribe(MAIL), world.subscribe(MAIL)]);
    expect(answers.map(({ json }) => json)).toEqual([{ state: "pending" }, { state: "pending" }]);
    await world.letter();
    expect(world.letters).toHaveLength(1);
    expect(await rows()).toHaveLength(1);
  });

  it("has the secret that is stored by the last challenge", async () => {
    meet(2);
    const answers = await Promise.all([world.subscribe(hook()), world.subscribe(hook())]);
    expect(answers.map(({ json }) => json)).toEqual([{ state: "active" }, { state: "active" }]);
    expect(await rows()).toHaveLength(1);
    const last = world.posted.at(-1)?.json.data?.["secret"];
    await world.subscribe(hook());
    expect(world.posted.at(-1)?.json.data?.["secret"]).toBe(last);
  });
});

describe("a link", () => {
  it("works on when a later message could not be sent", async () => {
    await world.subscribe(slack());
    const link = linkIn(world.posted[0]?.text ?? "", "/subscriptions/confirm/");
    await database().exec("UPDATE subscriptions SET created_at_ms = created_at_ms - 700000");
    world.answer = () => ({ status: 500, body: "" });
    expect((await world.subscribe(slack())).status).toBe(422);
    expect((await world.visit(link, {})).status).toBe(303);
    expect(await rows()).toMatchObject([{ state: "active" }]);
  });
});

describe("a host", () => {
  it("is challenged twenty times an hour, whatever the port", async () => {
    world.answer = () => ({ status: 500, body: "" });
    const ask = (target: string, client: number) =>
      world.subscribe({ kind: "webhook", target }, `203.0.113.${client}`);
    for (let time = 0; time < 20; time += 1) {
      expect((await ask(`${world.endpoint}/${time}`, time)).status).toBe(422);
    }
    expect((await ask("http://127.0.0.1:9/", 99)).status).toBe(429);
    expect(world.posted).toHaveLength(20);
  });
});

describe("a subscriber", () => {
  it("hears nothing of a page that is gone", async () => {
    await world.subscribe(hook());
    await database().exec("UPDATE subscriptions SET page = 'gone'");
    expect(await tell(NEWS)).toMatchObject([{ ok: true }]);
    expect(world.posted).toHaveLength(1);
  });

  it("hears what the first page to be set up shows, if there was none before", async () => {
    await world.subscribe(hook());
    const page = { id: "main", name: "Main", monitors: ["presence"] };
    await world.api.send("POST", "/api/v1/pages", { json: page });
    expect(await tell(newsOf("chat"))).toMatchObject([{ ok: true }]);
    expect(world.posted).toHaveLength(1);
    await tell(newsOf("presence"));
    expect(world.posted).toHaveLength(2);
  });

  it("is in trouble of ours with what cannot be said, and keeps nobody else waiting", async () => {
    await world.subscribe(hook());
    const broken = { ...written(""), news: null } as unknown as Bulletin;
    expect(await tell(broken)).toMatchObject([{ ok: false, ours: true, permanent: false }]);
  });

  it("gets by Slack no more than it takes, and no half an escape", async () => {
    await world.subscribe(slack());
    await world.visit(linkIn(world.posted[0]?.text ?? "", "/subscriptions/confirm/"), {});
    await tell(written("&".repeat(2_000)));
    const { blocks } = JSON.parse(world.posted[1]?.text ?? "{}") as {
      blocks: Array<{ type: string; text?: { text: string } }>;
    };
    const text = blocks.find(({ type }) => type === "section")?.text?.text ?? "";
    expect(text.length).toBeLessThanOrEqual(3_000);
    expect(text).toMatch(/&amp;…$/);
  });
});

describe("what was stored", () => {
  it("is sealed anew though an address was subscribed again without its key", async () => {
    const newest = Buffer.alloc(32, 9).toString("base64");
    await world.subscribe(hook());
    world.api.env.ECHOQUORUM_SEALING_KEY = newest;
    await world.subscribe(hook());
    world.api.env.ECHOQUORUM_SEALING_KEY = `${newest},${SEALING_KEY}`;
    await port().tidy();
    world.api.env.ECHOQUORUM_SEALING_KEY = newest;
    expect(await tell(NEWS)).toMatchObject([{ ok: true }, { ok: true }]);
    expect((await rows()).filter(({ digest }) => digest === null)).toHaveLength(1);
  });

  it("comes back from a backup, but for who has left since", async () => {
    for (const path of ["a", "b"]) {
      await world.subscribe({ kind: "webhook", target: `${world.endpoint}/${path}` });
    }
    const backup = await rows();
    const [left = {}, lost = {}] = backup;
    await port().end(String(left["id"]), "gone");
    await database().prepare("DELETE FROM subscriptions WHERE id = ?").bind(lost["id"]).run();
    const network = { regions: ["eu-central"], defaultIntervalMs: 60_000, coordinators: 1 };
    world.answer = repeat;
    await world.subscribe({ kind: "webhook", target: `${world.endpoint}/c` });
    await stageConfigurationRows(database(), "subscriptions", backup);
    await replaceConfiguration(database(), "r", network, Date.now());
    expect(await rows()).toHaveLength(2);
    expect(await rows()).toContainEqual(lost);
    expect(await rows()).toContainEqual(
      expect.objectContaining({ id: left["id"], state: "ended", target: null }),
    );
  });
});
