/** How answers for machines are kept: as pages are, with them, and with one status for all. */
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryStore } from "../../../support/memory-store.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import type { PublicApp } from "../../../support/public-app.ts";
import { DOCUMENTS, publicApp } from "../../../support/public-app.ts";

const KEPT = [...DOCUMENTS, "/badges/status.svg", "/badges/chat/uptime.json"];
/** Made anew each time, of the same status. */
const MADE = ["/badges/status.svg?label=x", "/badges/none/status.svg", "/metrics", "/healthz"];

let store: MemoryStore;
let nowMs: number;
let app: PublicApp;

/** An isolate that keeps what it makes in the present store, whatever the next test has. */
function isolate(): PublicApp {
  const own = store;
  return publicApp({ now: () => nowMs, store: () => own });
}

beforeEach(() => {
  store = new MemoryStore();
  nowMs = NOW_MS;
  app = isolate();
  vi.spyOn(console, "error").mockReturnValue();
});

describe("the coordinator", () => {
  it("is asked at most once per freshness period, whatever machines and visitors want", async () => {
    for (let second = 0; second < 40; second += 1) {
      for (const path of ["/", ...KEPT, ...MADE, "/history", "/api/v2/none.json"]) {
        await app.request(path);
      }
      await app.settle();
      nowMs += 1_000;
    }
    expect(app.asked).toBeLessThanOrEqual(4);
  });

  it("is not asked by an isolate for what another has made", async () => {
    await app.request("/api/v2/summary.json");
    await app.settle();
    app = isolate();
    expect((await app.request("/api/v2/summary.json")).status).toBe(200);
    expect(app.asked).toBe(0);
  });
});

describe("an answer that was made", () => {
  it.each(KEPT)("is sent again, and not to whom it is known: %s", async (path) => {
    const first = await app.request(path);
    expect(first.status).toBe(200);
    await app.settle();
    nowMs += 3_000;
    const second = await app.request(path);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get("age")).toBe("3");
    for (const name of ["content-type", "cache-control", "etag", "access-control-allow-origin"]) {
      expect(second.headers.get(name), name).toBe(first.headers.get(name));
      expect(second.headers.get(name), name).not.toBeNull();
    }
    const etag = first.headers.get("etag") ?? "";
    const third = await app.request(path, { "if-none-match": etag });
    expect(third.status).toBe(304);
    expect(third.headers.get("access-control-allow-origin")).toBe("*");
    expect(await third.text()).toBe("");
  });

  it.each(["/feed.rss", "/maintenance.ics", "/badges/status.svg"])(
    "is known by its content, not by its moment: %s",
    async (path) => {
      app.status = worlds.outage();
      const etag = (await app.request(path)).headers.get("etag") ?? "";
      await app.settle();
      nowMs += 60_000;
      app.status = { ...app.status, newestRunAtMs: nowMs };
      expect((await app.request(path, { "if-none-match": etag })).status).toBe(304);
      expect(app.asked).toBe(2);
    },
  );

  it("does not outlive a change that any page or document has shown", async () => {
    await app.request("/api/v2/status.json");
    await app.request("/feed.rss");
    await app.settle();
    app.status = worlds.outage();
    nowMs += 11_000;
    await app.request("/");
    const answer = await app.request("/api/v2/status.json");
    expect(await answer.json()).toMatchObject({ status: { indicator: "major" } });
    expect(app.asked).toBe(2);
  });

  it("is compressed for whoever takes that", async () => {
    const plain = await (await app.request("/api/v2/summary.json")).text();
    await app.settle();
    const gzip = { "accept-encoding": "gzip" };
    const packed = await app.request("/api/v2/summary.json", gzip);
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toBe("Accept-Encoding");
    expect(gunzipSync(new Uint8Array(await packed.arrayBuffer())).toString()).toBe(plain);
  });

  it("is one for all that an address may say besides, badges apart", async () => {
    for (const query of ["", "?a=1", "?b=2"]) await app.request(`/api/v2/status.json${query}`);
    for (const label of ["a", "b"]) {
      const answer = await app.request(`/badges/status.svg?label=${label}`);
      expect(await answer.text()).toContain(`aria-label="${label}: `);
    }
    await app.settle();
    expect([...store.kept.keys()]).toEqual(["http://localhost/api/v2/status.json?page=default.0"]);
  });

  it("is of one host", async () => {
    const feed = async (host: string) => (await app.request(`https://${host}/feed.json`)).text();
    expect(await feed("a.example")).toContain("https://a.example/");
    expect(await feed("b.example")).toContain("https://b.example/");
    await app.settle();
    expect(store.kept.size).toBe(2);
  });
});

describe("what is refused or fails", () => {
  it("is not kept", async () => {
    for (const path of ["/badges/none/status.svg", "/badges/status.svg?size=9", "/api/v2/a.json"]) {
      expect((await app.request(path)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await app.request("/api/v2/status.json", {}, "POST")).status).toBe(405);
    await app.settle();
    expect(store.kept.size).toBe(0);
  });

  it("with the coordinator: the last snapshot answers, and no longer than it must", async () => {
    app.fails = true;
    app.snapshot = worlds.calm();
    const answer = await app.request("/api/v1/status");
    expect(await answer.json()).toMatchObject({ source: "snapshot" });
    await app.settle();
    app.fails = false;
    nowMs += 3_000;
    const next = await app.request("/api/v1/status");
    expect(await next.json()).toMatchObject({ source: "live" });
  });

  it("with D1 too: a problem says so, and the first answer after it is whole", async () => {
    app.fails = true;
    const answer = await app.request("/api/v2/summary.json");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect((await app.request("/healthz")).status).toBe(503);
    await app.settle();
    app.fails = false;
    expect((await app.request("/api/v2/summary.json")).status).toBe(200);
    expect((await app.request("/healthz")).status).toBe(200);
  });

  it("with the edge cache: nobody notices", async () => {
    store.broken = true;
    for (let round = 0; round < 2; round += 1) {
      expect((await app.request("/feed.atom")).status).toBe(200);
      await app.settle();
    }
    expect(app.asked).toBe(1);
  });
});
