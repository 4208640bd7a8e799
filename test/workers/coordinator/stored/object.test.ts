/** The object's storage as earlier releases left it, opened by the present one, which goes on. */
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../../shared/alert/delivery.ts";
import { channelSchema } from "../../../../workers/coordinator/channels/channel.ts";
import { sendDelivery } from "../../../../workers/coordinator/channels/send.ts";
import { rowsOf } from "../../../../workers/coordinator/object/rollups.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";
import { fixtureNames, fixtureStatements, recordHint } from "./fixtures.ts";
import { RECORDED_TO_MS } from "./record.ts";

function storeInto(database: TestObjectDatabase, name: string): void {
  for (const statement of fixtureStatements("object", name)) database.query(statement);
}

function storedAs(name: string): Store {
  const database = new TestObjectDatabase();
  storeInto(database, name);
  return new Store(database);
}

/** Versions of the storage up to the present one. */
function versions(): number[] {
  const database = new TestObjectDatabase();
  const store = new Store(database);
  expect(store.load().config).toBeNull();
  const [row] = database.query("SELECT version FROM storage_version");
  return Array.from({ length: Number(row?.["version"]) }, (_, index) => index + 1);
}

function deliveriesOf(store: Store): Delivery[] {
  return store.history.deliveries({ limit: 500 });
}

describe("every version of the object's storage", () => {
  it("has data recorded", () => {
    for (const version of versions()) {
      const hint = recordHint(`version ${version} of the object's storage`);
      expect(fixtureNames("object"), hint).toContain(`version-${version}.sql`);
    }
  });
});

describe.each(fixtureNames("object"))("the object's storage as in %s", (name) => {
  it("is loaded whole", () => {
    const store = storedAs(name);
    const state = store.load();
    expect(state.config?.monitors.map(({ id }) => id)).toEqual(["chat"]);
    expect(state.channels.map(({ id }) => id)).toEqual(["ops"]);
    expect([...state.regions.keys()].toSorted()).toEqual(state.config?.regions.toSorted());
    for (const { health, region } of state.regions.values()) {
      expect(health.state).toBeTypeOf("string");
      expect(state.votes.get(region)?.get("chat")).toMatchObject({
        status: "down",
        reason: "connect_failed",
      });
    }
    expect(state.seen.size).toBeGreaterThan(80);
    const { verdict, incident } = state.judgements.get("chat") ?? {};
    expect(verdict).toMatchObject({ kind: "down", reason: "connect_failed" });
    expect(incident?.endedAtMs).toBeNull();
    expect(state.accounts.get("chat")?.enteredToMs).toBeGreaterThan(NOON_MS);
    expect([...state.outbox.values()].map(({ alert }) => alert)).toEqual(["fired"]);
  });

  it("has its history", () => {
    const { history } = storedAs(name);
    const incidents = history.incidents({ limit: 10 });
    expect(incidents.map(({ endedAtMs }) => endedAtMs === null)).toEqual([true, false]);
    expect(incidents.map(({ transitions }) => transitions.map(({ kind }) => kind))).toEqual([
      ["incident_opened"],
      ["incident_opened", "incident_resolved"],
    ]);
    expect(history.deliveries({ limit: 10 }).map(({ state }) => state)).toEqual([
      "pending",
      "sent",
      "sent",
    ]);
  });

  it("has its rollups, which count what was observed", () => {
    const { history } = storedAs(name);
    const hours = history.rollups.buckets("hour", NOON_MS, RECORDED_TO_MS);
    const rows = hours.flatMap(rowsOf);
    const regions = new Set(rows.map(({ region }) => region));
    expect(regions).toEqual(new Set(["*", "us-east", "sa-east", "eu-central", "ap-southeast"]));
    const sum = (pick: (row: (typeof rows)[number]) => number) =>
      rows.map(pick).reduce((total, value) => total + value, 0);
    expect(sum(({ observations }) => observations)).toBe(
      sum(({ up, degraded, down, unknown }) => up + degraded + down + unknown),
    );
    expect(sum(({ down }) => down)).toBeGreaterThan(10);
    expect(sum(({ downMs }) => downMs)).toBeGreaterThan(60_000);
    expect(sum(({ latencyCount }) => latencyCount)).toBeGreaterThan(0);
  });

  it.each(["webhook", "slack"])(
    "holds messages that a %s channel can still be sent",
    async (kind) => {
      const secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
      const url = "https://hooks.example.com/services/x";
      const settings = kind === "webhook" ? { url, secret } : { url };
      const channel = channelSchema.parse({ id: "ops", name: "Operations", kind, settings });
      for (const delivery of deliveriesOf(storedAs(name))) {
        const bodies: string[] = [];
        const outcome = await sendDelivery(channel, delivery, {
          fetch: async (_url, init) => {
            bodies.push(String(init?.body));
            return new Response(kind === "slack" ? "ok" : null);
          },
          nowMs: RECORDED_TO_MS,
          timeoutMs: 1_000,
          allowPrivateAddresses: false,
          thread: null,
        });
        expect(outcome).toMatchObject({ ok: true });
        expect(bodies).toHaveLength(1);
        expect(bodies[0]).toContain(delivery.message.title);
        expect(bodies[0]).not.toContain("undefined");
      }
    },
  );

  it("is gone on from: what was pending is sent, and the outage ends", async () => {
    const network = new SmallNetwork();
    network.config.monitors[0] = makeMonitor({ headers: { "X-Key": "kept-secret" }, echo: true });
    for (const region of network.config.regions) network.cronless.add(region);
    await network.run(RECORDED_TO_MS - NOON_MS);
    network.cronless.clear();
    storeInto(network.database, name);
    const [pending] = new Store(network.database).load().outbox.keys();
    network.start();
    expect(network.verdict()).toBe("down");
    await network.run(3 * 60_000);
    expect(network.verdict()).toBe("operational");
    // It had failed before, and is told with the end if that comes first.
    const [first] = network.sent;
    expect(network.alerts().at(-1)).toBe("resolved");
    expect(first?.delivery.id === pending || first?.delivery.message.unheard).toBe(true);
    const { openIncidents, pastIncidents, monitors } = network.engine.status();
    expect(openIncidents).toEqual([]);
    expect(pastIncidents).toHaveLength(2);
    expect(monitors[0]?.days?.at(-1)?.downMs).toBeGreaterThan(120_000);
    expect(network.lines.filter(({ event }) => event === "failure")).toEqual([]);
  });
});
