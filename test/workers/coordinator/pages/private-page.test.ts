/** Private pages: nothing of them reaches whoever has not signed in, by no face, host or cache. */
import type { Hono } from "hono";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { SESSION_MS } from "../../../../workers/coordinator/page-settings/session.ts";
import { ATTEMPTS_MAX } from "../../../../workers/coordinator/pages/login-limit.ts";
import { Execution } from "../../../support/execution.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { monitorRollups } from "../../../support/monitor-rollups.ts";
import { NOW_MS, incidentOf, monitorStatus } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { setUpPage, setUpPrivatePage } from "../../../support/own-page.ts";
import type { PageAnswers, SetUpPage } from "../../../support/page-environment.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";
import { DOCUMENTS, publicRoutes } from "../../../support/public-app.ts";

const PASSWORD = "correct horse battery";
const TOKEN = "0123456789-abcdefghij-token";
const INSIDE = "https://inside.example";
const OUTSIDE = "https://outside.example";
const HIDDEN = { id: "vault", name: "Vault 7", group: "Inside", kind: "down" } as const;
const INCIDENT = incidentOf(HIDDEN, "down", NOW_MS - 60_000, null);
const SECRET = /vault/i;

const PAGES = ["/", "/?lang=de", "/monitors/vault", `/incidents/${INCIDENT.id}`, "/history"];
const MACHINES = [
  ...DOCUMENTS,
  "/badges/status.svg",
  "/badges/status.json",
  "/badges/vault/status.svg",
  "/badges/vault/uptime.svg?label=x",
  "/metrics",
];
const FACES = [...PAGES, ...MACHINES];

let inside: SetUpPage;
let changed: SetUpPage;
let status: NetworkStatus;
let answers: PageAnswers;
let store: MemoryStore;
let nowMs: number;
/** The Worker's secret. */
let adminToken: string;
let app: Hono<{ Bindings: Env }>;

beforeAll(async () => {
  const settings = { id: "inside", name: "Inside", hosts: ["inside.example"], groups: ["Inside"] };
  inside = await setUpPrivatePage({ ...settings, access: { password: PASSWORD, token: TOKEN } });
  changed = await setUpPrivatePage({ ...settings, access: { password: "another password" } });
});

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
  const calm = worlds.calm();
  status = {
    ...calm,
    monitors: [...calm.monitors, monitorStatus({ ...HIDDEN, public: false })],
    openIncidents: [INCIDENT],
    maintenances: [
      {
        id: "vault-work",
        name: "Vault moves",
        description: "",
        startsAtMs: NOW_MS + 60_000,
        endsAtMs: NOW_MS + 120_000,
        monitors: ["vault"],
      },
    ],
  };
  answers = { status: () => status, rollups: monitorRollups, pages: [inside] };
  store = new MemoryStore();
  nowMs = NOW_MS;
  adminToken = "the-admin-token";
  app = publicRoutes({ now: () => nowMs, store: () => store });
});

async function ask(address: string, init: RequestInit = {}) {
  const execution = new Execution();
  const env = { ...pageEnvironment(answers), ECHOQUORUM_ADMIN_TOKEN: adminToken };
  const answer = await app.request(address, init, env, execution.context);
  await execution.settle();
  return answer;
}
const get = (address: string, headers: Record<string, string> = {}) => ask(address, { headers });
const bearer = { authorization: `Bearer ${TOKEN}` };

function signIn(secret: string, { next = "", address = "192.0.2.1", origin = INSIDE } = {}) {
  const body = new URLSearchParams({ secret, next });
  return ask(`${origin}/login`, {
    method: "POST",
    body,
    headers: { "cf-connecting-ip": address },
  });
}

const never = () => new Promise<never>(() => undefined);
const cookieOf = (answer: Response) => answer.headers.get("set-cookie")?.split(";")[0] ?? "";

describe("whoever has not signed in", () => {
  it.each(PAGES)("is sent to do so, and learns nothing: %s", async (path) => {
    const answer = await get(INSIDE + path);
    expect(answer.status).toBe(302);
    const to = new URL(answer.headers.get("location") ?? "", INSIDE);
    expect(to.pathname).toBe("/login");
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    const form = await get(to.href);
    expect(form.status).toBe(200);
    expect(form.headers.get("cache-control")).toBe("private, no-store");
    const shown = (await form.text()).replaceAll(new URL(INSIDE + path).pathname, "");
    expect(shown.replaceAll(encodeURIComponent(path), "")).not.toMatch(SECRET);
    expect(shown).not.toMatch(/All services|href="\/feed|class="headline/);
    expect(shown).toContain("Inside");
  });

  it.each(MACHINES)("is refused, as a machine: %s", async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${TOKEN}x` }]) {
      const answer = await get(INSIDE + path, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      expect(await answer.text()).not.toMatch(SECRET);
    }
  });

  it("is not told what there is to subscribe to, and cannot", async () => {
    expect((await get(`${INSIDE}/subscribe`)).headers.get("location")).toBe(
      "/login?next=%2Fsubscribe",
    );
    const form = await ask(`${INSIDE}/subscriptions`, { method: "POST", body: "kind=email" });
    expect(form.status).toBe(302);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ kind: "email", target: "a@b.example" });
    const machine = await ask(`${INSIDE}/api/v1/subscriptions`, { method: "POST", body, headers });
    expect(machine.status).toBe(401);
  });

  it("hears no events", async () => {
    expect((await get(`${INSIDE}/live`)).status).toBe(401);
  });

  it("does not get in with a token that is wrong, and it does not travel on", async () => {
    const answer = await get(`${INSIDE}/history?token=wrong-wrong-wrong-wrong`);
    expect(answer.headers.get("location")).toBe("/login?next=%2Fhistory");
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("finds no form on a page that is public", async () => {
    expect((await get(`${OUTSIDE}/login`)).headers.get("location")).toBe("/");
  });
});

/** Another page has nothing of the private one: no answer, or one that does not tell of it. */
async function expectNothingOf(answer: Response, path: string): Promise<void> {
  const about = path.includes("vault") || path.includes(INCIDENT.id);
  // The page of metrics takes its own token, and no other.
  const refusals = path === "/metrics" ? [200, 401] : [200];
  expect(about ? [404] : refusals, path).toContain(answer.status);
  const text = await answer.text();
  // What was asked for may be said again by whoever does not know it.
  expect(about ? text.replaceAll(path, "") : text, path).not.toMatch(about ? /Vault 7/ : SECRET);
}

describe("a private page's content", () => {
  it("is shown to whom it is for, private monitors included, and kept by nobody", async () => {
    for (const path of FACES) {
      const answer = await get(INSIDE + path, bearer);
      expect(answer.status, path).toBe(200);
      const caching = path === "/metrics" ? "no-store" : "private, no-store";
      expect(answer.headers.get("cache-control"), path).toBe(caching);
    }
    expect(await (await get(`${INSIDE}/`, bearer)).text()).toContain("Vault 7 is down");
    expect([...store.kept.keys()]).toEqual([]);
  });

  it("never leaks through a cached answer or another host name", async () => {
    for (let round = 0; round < 2; round += 1) {
      for (const path of FACES) {
        await get(INSIDE + path, bearer);
        const without = await get(INSIDE + path);
        expect(without.status, path).toBeGreaterThanOrEqual(300);
        expect(await without.text(), path).not.toMatch(/Vault 7/);
        const outside = await get(OUTSIDE + path);
        await expectNothingOf(outside, path);
        await expectNothingOf(await get(OUTSIDE + path, bearer), path);
      }
    }
    expect(store.kept.size).toBeGreaterThan(5);
    for (const [key, kept] of store.kept) {
      expect(key).not.toContain("inside");
      expect(await kept.text(), key).not.toMatch(SECRET);
    }
  });

  it("is not shown from the cache after a page has become private", async () => {
    answers.pages = [setUpPage({ ...inside.page, logo: null, access: "public" })];
    expect(await (await get(`${INSIDE}/api/v2/summary.json`)).text()).toContain("Inside");
    answers.pages = [inside];
    expect((await get(`${INSIDE}/api/v2/summary.json`)).status).toBe(401);
    expect((await get(`${INSIDE}/`)).status).toBe(302);
  });

  it("is shown from the last snapshot too, with its private monitors", async () => {
    answers.snapshot = JSON.stringify(status);
    answers.status = () => new Error("object unreachable");
    expect(await (await get(`${INSIDE}/`, bearer)).text()).toContain("Vault 7");
    expect(await (await get(`${OUTSIDE}/`)).text()).not.toMatch(SECRET);
  });
});

describe("a token", () => {
  it("in a page's address lets in for a week, and is taken out of the address", async () => {
    const answer = await get(`${INSIDE}/monitors/vault?token=${TOKEN}&lang=de`);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/monitors/vault?lang=de");
    const cookie = answer.headers.get("set-cookie") ?? "";
    for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=604800"]) {
      expect(cookie).toContain(part);
    }
    expect(cookie).not.toContain(TOKEN);
    const page = await get(`${INSIDE}/monitors/vault`, { cookie: cookieOf(answer) });
    expect(page.status).toBe(200);
    const feed = await get(`${INSIDE}/feed.rss`, { cookie: cookieOf(answer) });
    expect(feed.status).toBe(200);
  });

  it("does so in the address of the form to subscribe too, so that it can be sent", async () => {
    const answer = await get(`${INSIDE}/subscribe?token=${TOKEN}`);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/subscribe");
    const form = await ask(`${INSIDE}/subscriptions`, {
      method: "POST",
      body: new URLSearchParams({ kind: "email" }),
      headers: { cookie: cookieOf(answer) },
    });
    expect(form.status).toBe(422);
  });

  it("in a machine's address is enough, which keeps no cookies", async () => {
    for (const path of MACHINES.filter((each) => !each.includes("?"))) {
      const answer = await get(`${INSIDE}${path}?token=${TOKEN}`);
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });
});

describe("signing in", () => {
  it("takes the password, and leads to where the visitor wanted to go", async () => {
    const answer = await signIn(PASSWORD, { next: "/history/2026-10?lang=ja" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/history/2026-10?lang=ja");
    const page = await get(`${INSIDE}/`, { cookie: cookieOf(answer) });
    expect(await page.text()).toContain("Vault 7");
  });

  it("sends its cookie without TLS where the page has none, as on one's own machine", async () => {
    const answer = await signIn(TOKEN, { origin: "http://inside.example" });
    expect(answer.headers.get("set-cookie")).not.toContain("Secure");
  });

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example",
    "/.//evil.example/",
    "/history/..//evil.example/",
    "javascript:alert(1)",
    "evil",
  ])("leads to no other site: %s", async (next) => {
    const location = (await signIn(PASSWORD, { next })).headers.get("location") ?? "";
    expect(new URL(location, INSIDE).origin).toBe(INSIDE);
    expect(location).toMatch(/^\/(?![/\\])/);
  });

  it.each(["", "correct horse", "CORRECT HORSE BATTERY", "x".repeat(300)])(
    "refuses what does not open it, and does not send it back: %.24s",
    async (secret) => {
      const answer = await signIn(secret, { address: `192.0.2.${secret.length % 200}` });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("set-cookie")).toBeNull();
      const html = await answer.text();
      expect(html).toContain("That does not open this page.");
      if (secret !== "") expect(html).not.toContain(secret);
    },
  );

  it("refuses a form that is too large, and one that is none", async () => {
    const large = await signIn("x".repeat(20_000), { address: "192.0.2.201" });
    expect(large.status).toBe(413);
    const headers = { "content-type": "application/json", "cf-connecting-ip": "192.0.2.202" };
    const none = await ask(`${INSIDE}/login`, { method: "POST", body: "{", headers });
    expect(none.status).toBe(401);
  });

  it("is limited by address, and for a minute", async () => {
    const address = "2001:db8:1:2::1";
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      expect((await signIn("wrong", { address })).status).toBe(401);
    }
    const next = await signIn(PASSWORD, { address: "2001:db8:1:2:ffff::1" });
    expect(next.status).toBe(429);
    expect(next.headers.get("retry-after")).toBe("60");
    expect(next.headers.get("set-cookie")).toBeNull();
    expect((await signIn(PASSWORD, { address: "2001:db8:1:3::1" })).status).toBe(303);
    nowMs += 60_001;
    expect((await signIn(PASSWORD, { address })).status).toBe(303);
  });

  it("is limited in the whole data centre, where the Worker is bound to a limit", async () => {
    const limit = vi.fn(async () => ({ success: false }));
    const env = { ...pageEnvironment(answers), LOGIN_LIMIT: { limit } };
    const answer = await app.request(
      `${INSIDE}/login`,
      { method: "POST", body: new URLSearchParams({ secret: PASSWORD }) },
      env as unknown as Env,
    );
    expect(answer.status).toBe(429);
    expect(limit).toHaveBeenCalledTimes(1);
  });

  it("is limited by network too where its address is written short", async () => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const address = `2001:db8::${attempt + 1}:2:3:4`;
      expect((await signIn("wrong", { address })).status).toBe(401);
    }
    expect((await signIn(PASSWORD, { address: "2001:db8::a:b:c:d" })).status).toBe(429);
  });

  it("does not wait for a limit that does not answer", async () => {
    const env = { ...pageEnvironment(answers), LOGIN_LIMIT: { limit: never } };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const body = new URLSearchParams({ secret: PASSWORD });
      const signed = app.request(
        `${INSIDE}/login`,
        { method: "POST", body },
        env as unknown as Env,
      );
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
      await vi.runAllTimersAsync();
      expect((await signed).status).toBe(303);
    } finally {
      vi.useRealTimers();
    }
  });

  it("may send its form to this site alone", async () => {
    const policy = (await get(`${INSIDE}/login`)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("script-src 'self'");
  });

  it.each(["de", "fr", "es", "pt", "ja", "zh", "ar"])(
    "is said in every language: %s",
    async (tag) => {
      const html = await (await get(`${INSIDE}/login?lang=${tag}`)).text();
      expect(html).toContain(`<html lang="${tag}"`);
      expect(html).toContain(`action="/login?lang=${tag}"`);
      expect(html).not.toMatch(/Password|Sign in|private<|Show the status/);
    },
  );
});

const isIn = async (cookie: string, origin = INSIDE) =>
  (await get(`${origin}/`, { cookie })).status === 200;

describe("a session", () => {
  it("ends after a week", async () => {
    const cookie = cookieOf(await signIn(PASSWORD));
    nowMs += SESSION_MS - 1_000;
    expect(await isIn(cookie)).toBe(true);
    nowMs += 2_000;
    expect(await isIn(cookie)).toBe(false);
  });

  it("ends when the password changes, and when the Worker's secret does", async () => {
    const cookie = cookieOf(await signIn(PASSWORD));
    expect(await isIn(cookie)).toBe(true);
    answers.pages = [changed];
    expect(await isIn(cookie)).toBe(false);
    answers.pages = [inside];
    expect(await isIn(cookie)).toBe(true);
    adminToken = "another-admin-token";
    expect(await isIn(cookie)).toBe(false);
  });

  it("is of one page alone, and cannot be lengthened", async () => {
    const cookie = cookieOf(await signIn(PASSWORD));
    const other = { ...inside.page, id: "other", hosts: ["other.example"] };
    answers.pages = [inside, { page: other }];
    expect(await isIn(cookie)).toBe(true);
    expect(await isIn(cookie, "https://other.example")).toBe(false);
    const longer = cookie.replace(/=(\d+)/, (_all, until: string) => `=${Number(until) + 1}`);
    expect(longer).not.toBe(cookie);
    expect(await isIn(longer)).toBe(false);
    expect(await isIn(cookie.slice(0, -1) + (cookie.endsWith("0") ? "1" : "0"))).toBe(false);
    expect(await isIn("echoquorum-session=9999999999999.")).toBe(false);
  });
});
