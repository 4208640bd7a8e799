/** How made pages are kept: freshness, staleness, one coordinator call for all, and its failures. */
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { PageCache } from "../../../../workers/coordinator/pages/page-cache.ts";
import { Execution } from "../../../support/execution.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

let store: MemoryStore;
let nowMs: number;
let calls: number;
let status: () => NetworkStatus | Error | Promise<NetworkStatus>;
let snapshot: string | null | Error;
let env: Env;
let app: ReturnType<typeof pageRoutes>;
let execution: Execution;

beforeEach(() => {
  store = new MemoryStore();
  nowMs = NOW_MS;
  calls = 0;
  status = () => worlds.calm();
  snapshot = null;
  execution = new Execution();
  app = newIsolate();
  env = pageEnvironment({
    status: () => {
      calls += 1;
      return status();
    },
    get snapshot() {
      return snapshot;
    },
  });
  vi.spyOn(console, "error").mockReturnValue();
});

/** An isolate that keeps what it makes in the present store, whatever the next test has. */
function newIsolate() {
  const own = store;
  return pageRoutes({ now: () => nowMs, store: () => own });
}

const get = async (path = "/", headers: Record<string, string> = {}) =>
  app.request(path, { headers }, env, execution.context);
const settle = () => execution.settle();
const heading = async (response: Response) =>
  /<h1>(.*?)<\/h1>/s.exec(await response.text())?.[1]?.trim();

describe("a page that was made", () => {
  it("is served again while it is fresh, with its age, without asking anybody", async () => {
    const first = await get();
    await settle();
    nowMs += 4_000;
    const second = await get();
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get("age")).toBe("4");
    expect(second.headers.get("cache-control")).toBe(first.headers.get("cache-control"));
    expect(second.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(calls).toBe(1);
  });

  it("is shown once more when it is stale, while a new one is made", async () => {
    await get();
    await settle();
    status = () => worlds.outage();
    nowMs += 12_000;
    expect(await heading(await get())).toBe("All services operational");
    await settle();
    expect(await heading(await get())).toBe("Chat is down");
    expect(calls).toBe(2);
  });

  it("is not shown any more once it is known that something has changed", async () => {
    await get();
    await get("/?lang=de");
    await settle();
    status = () => worlds.outage();
    nowMs += 11_000;
    // Another page learns of it first.
    await get("/history");
    expect(await heading(await get())).toBe("Chat is down");
    expect(calls).toBe(2);
  });

  it("is not shown any more when it is old", async () => {
    await get();
    await settle();
    status = () => worlds.outage();
    nowMs += 21_000;
    expect(await heading(await get())).toBe("Chat is down");
  });

  it("need not be sent to somebody who has it", async () => {
    const etag = (await get()).headers.get("etag") ?? "";
    await settle();
    nowMs += 2_000;
    const again = await get("/", { "if-none-match": `"other", ${etag}` });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect(calls).toBe(1);
  });

  it("is sent compressed to whoever takes that, and as it is to others", async () => {
    await get();
    await settle();
    const packed = await get("/", { "accept-encoding": "br, gzip" });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toBe("Accept-Language, Accept-Encoding");
    const html = gunzipSync(new Uint8Array(await packed.arrayBuffer())).toString();
    expect(html).toContain("All services operational");
    for (const accept of ["", "identity", "gzip;q=0, br", "gzip; q=0.0"]) {
      const plain = await get("/", { "accept-encoding": accept });
      expect(plain.headers.get("content-encoding")).toBeNull();
      expect(await plain.text()).toBe(html);
    }
  });

  it("is kept for each language, and for nothing else that an address may say", async () => {
    await get();
    await get("/", { "accept-language": "de" });
    await get("/?lang=de");
    await get("/?utm=1");
    await get("/?monitor=chat");
    await settle();
    expect(store.kept.size).toBe(3);
    expect((await get("/?lang=de")).headers.get("content-language")).toBe("de");
    expect((await get("/?whatever")).headers.get("content-language")).toBe("en");
  });

  it("is shared by isolates", async () => {
    await get();
    await settle();
    app = newIsolate();
    await get();
    expect(calls).toBe(1);
  });

  it("does without a cache that fails", async () => {
    store.broken = true;
    expect((await get()).status).toBe(200);
    await settle();
    expect((await get()).status).toBe(200);
  });
});

const never = new Promise<never>(() => undefined);
const MUTE_STORES: ReadonlyArray<readonly [how: string, match: () => Promise<Response>]> = [
  ["never answers", () => never],
  ["begins to answer and never ends", async () => new Response(new ReadableStream())],
];

describe("a store that is mute", () => {
  it.each(MUTE_STORES)("holds up no page, and no page after it: %s", async (_how, match) => {
    const failures: string[] = [];
    const cache = new PageCache({
      store: () => ({ match, put: () => never }),
      patienceMs: 1_000,
      storeDeadlineMs: 5,
      report: (error) => failures.push(String(error)),
    });
    const serve = async (body: string, atMs: number) => {
      const kept: Array<Promise<unknown>> = [];
      const served = await cache.serve({
        key: "https://status.example.com/",
        nowMs: atMs,
        notBeforeMs: -Infinity,
        make: async () => ({ status: 200, body, headers: {}, freshMs: 10_000 }),
        background: (promise) => kept.push(promise),
      });
      await Promise.all(kept);
      return served.answer.body;
    };
    expect(await serve("first", NOW_MS)).toBe("first");
    expect(await serve("second", NOW_MS + 60_000)).toBe("second");
    expect(failures).toHaveLength(4);
  });
});

describe("the coordinator", () => {
  it("is asked once however many ask at a time, in whatever language", async () => {
    const { promise, resolve } = Promise.withResolvers<NetworkStatus>();
    status = () => promise;
    const paths = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? "/" : "/?lang=ja"));
    const asked = Promise.all(paths.map((path) => get(path)));
    await vi.waitFor(() => expect(calls).toBe(1));
    resolve(worlds.calm());
    const responses = await asked;
    expect(responses.every((response) => response.status === 200)).toBe(true);
    expect(calls).toBe(1);
  });

  it("is asked at most once per freshness period, whatever pages are wanted", async () => {
    for (let second = 0; second < 40; second += 1) {
      for (const path of ["/", "/monitors/chat", "/monitors/none", "/history", "/?lang=ar"]) {
        await get(path);
      }
      await settle();
      nowMs += 1_000;
    }
    expect(calls).toBeLessThanOrEqual(4);
  });
});

const failing = () => new Error("object unreachable");

describe("what fails", () => {
  it("the coordinator: the last snapshot is shown, and kept no longer than any page", async () => {
    status = failing;
    snapshot = JSON.stringify(worlds.calm());
    expect(await (await get()).text()).toContain("this is its last snapshot");
    await settle();
    status = () => worlds.outage();
    nowMs += 25_000;
    expect(await heading(await get())).toBe("Chat is down");
  });

  it("D1: nobody notices while the coordinator answers", async () => {
    snapshot = new Error("D1 unreachable");
    expect(await heading(await get())).toBe("All services operational");
  });

  it("both: the page says so, is not kept, and is the first to know of the recovery", async () => {
    status = failing;
    snapshot = new Error("D1 unreachable");
    const response = await get();
    expect(response.status).toBe(503);
    expect(await heading(response)).toBe("The status is not known right now");
    await settle();
    expect(store.kept.size).toBe(0);
    status = () => worlds.calm();
    expect(await heading(await get())).toBe("All services operational");
  });

  it("both, while a stale page is kept: it is shown once more, and never when old", async () => {
    await get();
    await settle();
    status = failing;
    snapshot = new Error("D1 unreachable");
    nowMs += 12_000;
    expect((await get()).status).toBe(200);
    await settle();
    nowMs += 12_000;
    expect((await get()).status).toBe(503);
  });
});
