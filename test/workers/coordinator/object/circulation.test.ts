/** Telling subscribers, in virtual time: whom, of what, in which order, and beside whom. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Bulletin } from "../../../../shared/alert/bulletin.ts";
import type { TellingOutcome } from "../../../../shared/alert/subscriber.ts";
import type { SubscriberChange } from "../../../../workers/coordinator/object/ports.ts";
import { makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const OK: TellingOutcome = {
  ok: true,
  permanent: false,
  retryAfterMs: null,
  gone: false,
  ours: false,
};
const FAILED: TellingOutcome = { ...OK, ok: false };

interface Told {
  id: string;
  atMs: number;
  news: string[];
  bulletins: readonly Bulletin[];
}

/** Subscribers in memory, and what each was told. */
class Subscribers {
  readonly network: SmallNetwork;
  readonly changes: SubscriberChange[] = [];
  readonly told: Told[] = [];
  readonly opened: number[] = [];
  readonly ended: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  tell: (id: string) => { afterMs: number; outcome: TellingOutcome } = () => ({
    afterMs: 100,
    outcome: OK,
  });

  constructor(network: SmallNetwork) {
    this.network = network;
    network.subscribers = {
      changed: async (since) =>
        this.changes.filter(({ revision }) => revision > since).slice(0, 1_000),
      open: async (ids) => {
        this.opened.push(ids.length);
        const active = new Map<string, object>();
        for (const { id, confirmedAtMs } of this.changes) {
          if (confirmedAtMs === null) active.delete(id);
          else if (ids.includes(id)) active.set(id, { id });
        }
        return active;
      },
      tell: async (subscriber, bulletins) => {
        const { id } = subscriber as { id: string };
        const { afterMs, outcome } = this.tell(id);
        this.atOnce += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
        await network.clock.sleep(afterMs);
        this.atOnce -= 1;
        const news = bulletins.map(({ news: each }) => each.event);
        if (outcome.ok) this.told.push({ id, atMs: network.clock.nowMs(), news, bulletins });
        return outcome;
      },
      end: async (id, why) => void this.ended.push(`${id}: ${why}`),
      tidy: async () => {},
    };
  }

  add(
    id: string,
    monitors: string[] | null = null,
    kind: SubscriberChange["kind"] = "webhook",
  ): void {
    const revision = this.changes.length + 1;
    this.changes.push({ id, kind, monitors, confirmedAtMs: NOON_MS, revision });
  }

  of(id: string): string[] {
    return this.told.filter((each) => each.id === id).flatMap(({ news }) => news);
  }
}

let network: SmallNetwork;
let people: Subscribers;

beforeEach(() => {
  network = new SmallNetwork();
  people = new Subscribers(network);
});

/** Starts with all well for three minutes. */
async function begin(): Promise<void> {
  network.start();
  await network.run(3 * MINUTE_MS);
}

const breakAll = () => {
  network.sees = () => "accept_mismatch";
};
const mendAll = () => {
  network.sees = () => null;
};

describe("what subscribers are told", () => {
  it("is that an incident of a public monitor began and ended, in this order", async () => {
    people.add("anna");
    await begin();
    breakAll();
    await network.run(3 * MINUTE_MS);
    mendAll();
    await network.run(3 * MINUTE_MS);
    expect(people.of("anna")).toEqual(["began", "ended"]);
    expect(people.told[0]?.bulletins[0]).toMatchObject({
      monitors: [{ id: "chat", name: "Chat" }],
      news: { kind: "incident", impact: "down", reason: "accept_mismatch", endedAtMs: null },
    });
    expect(JSON.stringify(people.told)).not.toMatch(/wss?:|headers|votes/);
  });

  it("is nothing more of a monitor that has become private since", async () => {
    people.add("anna");
    await begin();
    breakAll();
    await network.run(3 * MINUTE_MS);
    const monitors = [makeMonitor({ public: false })];
    network.config = { ...network.config, version: network.config.version + 1, monitors };
    mendAll();
    await network.run(3 * MINUTE_MS);
    expect(people.of("anna")).toEqual(["began"]);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
  });

  it("is nothing of a monitor that is private from the beginning", async () => {
    people.add("anna");
    network.config.monitors[0] = makeMonitor({ public: false });
    await begin();
    breakAll();
    await network.run(3 * MINUTE_MS);
    expect(people.told).toEqual([]);
    expect(network.alerts()).toContain("fired");
  });

  it("is nothing of monitors that they did not ask for", async () => {
    people.add("anna", ["other"]);
    people.add("ben", ["chat"]);
    await begin();
    breakAll();
    await network.run(3 * MINUTE_MS);
    expect([people.of("anna"), people.of("ben")]).toEqual([[], ["began"]]);
  });

  it("is what has become of it, to who could not be reached meanwhile", async () => {
    people.add("anna");
    await begin();
    people.tell = () => ({ afterMs: 100, outcome: FAILED });
    breakAll();
    await network.run(5 * MINUTE_MS);
    mendAll();
    await network.run(5 * MINUTE_MS);
    people.tell = () => ({ afterMs: 100, outcome: OK });
    await network.run(20 * MINUTE_MS);
    // What was tried once is repeated as it was.
    expect(people.of("anna")).toEqual(["began", "ended"]);
  });

  it("is each update that people write, and what work is announced, moved and called off", async () => {
    people.add("anna");
    await begin();
    const update = { status: "investigating" as const, text: "Late.", monitors: {} };
    const atMs = network.clock.nowMs();
    const written = {
      id: "late",
      title: "Late",
      startedAtMs: atMs,
      incidents: [],
      updates: [{ ...update, id: "1", atMs }],
      postmortem: null,
    };
    network.written = [written];
    void network.engine.configChanged();
    await network.run(MINUTE_MS);
    const later = { ...update, id: "2", atMs: network.clock.nowMs(), status: "resolved" as const };
    const old = { ...update, id: "0", atMs: atMs - 3 * 3_600_000 };
    network.written = [{ ...written, updates: [old, ...written.updates, later] }];
    const window = {
      id: "upgrade",
      name: "Upgrade",
      description: "",
      monitors: ["chat"],
      groups: [],
      startsAtMs: atMs + 3_600_000,
      endsAtMs: atMs + 7_200_000,
    };
    const announce = async (maintenances: Array<typeof window>) => {
      network.config = { ...network.config, version: network.config.version + 1, maintenances };
      void network.engine.configChanged();
      await network.run(MINUTE_MS);
    };
    await announce([window]);
    await announce([{ ...window, startsAtMs: atMs + 4_000_000 }]);
    await announce([]);
    expect(people.of("anna")).toEqual(["update", "update", "announced", "moved", "withdrawn"]);
  });

  it("is nothing from before they came, but the end of what goes on", async () => {
    await begin();
    breakAll();
    await network.run(2 * MINUTE_MS);
    people.changes.push({
      id: "late",
      kind: "email",
      monitors: null,
      confirmedAtMs: network.clock.nowMs(),
      revision: 1,
    });
    void network.engine.configChanged();
    await network.run(MINUTE_MS);
    mendAll();
    await network.run(4 * MINUTE_MS);
    expect(people.of("late")).toEqual(["ended"]);
  });
});

describe("telling", () => {
  it("tells five thousand within ten minutes, two at a time, and alerts before them", async () => {
    for (let number = 0; number < 5_000; number += 1) people.add(`s${number}`);
    await begin();
    await network.run(MINUTE_MS);
    breakAll();
    const brokenAtMs = network.clock.nowMs();
    await network.run(11 * MINUTE_MS);
    expect(people.told).toHaveLength(5_000);
    expect(new Set(people.told.map(({ id }) => id)).size).toBe(5_000);
    expect(people.mostAtOnce).toBe(2);
    expect(Math.max(...people.opened)).toBe(20);
    const lastMs = people.told.at(-1)?.atMs ?? Infinity;
    expect(lastMs - brokenAtMs).toBeLessThan(10 * MINUTE_MS);
    const alertMs =
      network.sent.find(({ delivery }) => delivery.alert === "fired")?.atMs ?? Infinity;
    expect(alertMs).toBeLessThan(people.told[0]?.atMs ?? 0);
    const rows = network.database.query("SELECT COUNT(*) AS n FROM bulletins");
    expect(rows).toEqual([{ n: 1 }]);
  }, 120_000);

  it("holds up no alert while subscribers are slow, and tells those in order first", async () => {
    for (let number = 0; number < 30; number += 1) people.add(`slow${number}`);
    people.add("quick");
    people.tell = (id) => ({
      afterMs: id === "quick" ? 50 : 5_000,
      outcome: id === "quick" ? OK : FAILED,
    });
    await begin();
    breakAll();
    await network.run(4 * MINUTE_MS);
    mendAll();
    const mendedAtMs = network.clock.nowMs();
    await network.run(4 * MINUTE_MS);
    const resolved = network.sent.find(({ delivery }) => delivery.alert === "resolved");
    expect((resolved?.atMs ?? Infinity) - mendedAtMs).toBeLessThan(65_000);
    expect(people.of("quick")).toEqual(["began", "ended"]);
  });

  it("loses nobody to a crash, and repeats at most what was on its way", async () => {
    for (let number = 0; number < 100; number += 1) people.add(`s${number}`);
    await begin();
    breakAll();
    await network.runUntil(() => people.told.length >= 30, 5 * MINUTE_MS);
    network.kill();
    await network.run(10_000);
    network.start();
    await network.run(3 * MINUTE_MS);
    const counts = Map.groupBy(people.told, ({ id }) => id);
    expect(counts.size).toBe(100);
    expect(people.told.length - 100).toBeLessThanOrEqual(2);
  });

  it("ends what is gone at once, and what fails message after message", async () => {
    people.add("gone");
    people.add("failing");
    people.tell = (id) => ({
      afterMs: 10,
      outcome: { ...FAILED, permanent: true, gone: id === "gone" },
    });
    await begin();
    for (let time = 0; time < 2; time += 1) {
      breakAll();
      await network.run(4 * MINUTE_MS);
      mendAll();
      await network.run(4 * MINUTE_MS);
    }
    expect(people.ended).toEqual(["gone: gone", "failing: failing"]);
    expect(network.database.query("SELECT * FROM subscribers")).toEqual([]);
  });

  it("rests a way that is in trouble as a whole, and blames nobody for it", async () => {
    people.add("anna", null, "email");
    let attempts = 0;
    people.tell = () => {
      attempts += 1;
      return { afterMs: 10, outcome: { ...FAILED, ours: true, retryAfterMs: 600_000 } };
    };
    await begin();
    breakAll();
    await network.run(9 * MINUTE_MS);
    expect(attempts).toBe(1);
    people.tell = () => ({ afterMs: 10, outcome: OK });
    await network.run(10 * MINUTE_MS);
    expect(people.of("anna")).toEqual(["began"]);
  });

  it("tells nobody who has left, whether or not that was heard of", async () => {
    people.add("anna");
    people.add("ben");
    await begin();
    people.changes.push({
      id: "anna",
      kind: "webhook",
      monitors: null,
      confirmedAtMs: null,
      revision: 99,
    });
    breakAll();
    await network.run(3 * MINUTE_MS);
    expect([people.of("anna"), people.of("ben")]).toEqual([[], ["began"]]);
  });
});
