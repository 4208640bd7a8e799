/** Pages that owners have set up: one per host name, each with its own monitors, looks and details. */
import type { Hono } from "hono";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { PageDirectory } from "../../../../workers/coordinator/page-settings/page-directory.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { monitorRollups } from "../../../support/monitor-rollups.ts";
import { NOW_MS, incidentOf, monitorStatus } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { OWN_PAGE, dataUrl, setUpPage } from "../../../support/own-page.ts";
import type { PageAnswers } from "../../../support/page-environment.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";
import { DOCUMENTS, publicRoutes } from "../../../support/public-app.ts";

const CHAT = "https://chat.example";
const FEEDS = "https://feeds.example";
const OTHER = "https://other.example";

/** Every face that tells of a page's monitors; `:id` is one of them. */
const FACES = [
  "/",
  "/?lang=de",
  "/monitors/:id",
  "/history",
  ...DOCUMENTS,
  "/badges/status.json",
  "/metrics",
];

const HIDDEN = { id: "hidden", name: "Hidden thing", group: "Chat", public: false } as const;

let status: NetworkStatus;
let answers: PageAnswers;
let app: Hono<{ Bindings: Env }>;

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(Date, "now").mockReturnValue(NOW_MS);
  const outage = worlds.outage();
  status = {
    ...outage,
    monitors: [...outage.monitors, monitorStatus({ ...HIDDEN, kind: "down" })],
    openIncidents: [...outage.openIncidents, incidentOf(HIDDEN, "down", NOW_MS - 60_000, null)],
    maintenances: [
      {
        id: "work",
        name: "Price feed moves",
        description: "",
        startsAtMs: NOW_MS + 60_000,
        endsAtMs: NOW_MS + 120_000,
        monitors: ["prices"],
      },
    ],
  };
  answers = {
    status: () => status,
    rollups: monitorRollups,
    pages: [
      setUpPage({ id: "chat", name: "Chat status", hosts: ["chat.example"], monitors: ["chat"] }),
      setUpPage({
        id: "feeds",
        name: "Feeds status",
        hosts: ["feeds.example"],
        monitors: ["prices", "hidden"],
      }),
    ],
  };
  app = publicRoutes({ now: () => NOW_MS });
});

const get = async (address: string, headers: Record<string, string> = {}) =>
  app.request(address, { headers }, pageEnvironment(answers));
const never = () => new Promise<never>(() => undefined);
const text = async (address: string) => {
  const answer = await get(address);
  expect(answer.status, address).toBe(200);
  return answer.text();
};

describe("the fixture", () => {
  it("has a monitor for each page, one of them down, and a private one that is down too", () => {
    const kinds = status.monitors.map(({ id, verdict }) => [id, verdict.kind]);
    const wanted = { chat: "down", prices: "operational", hidden: "down" };
    expect(Object.fromEntries(kinds)).toMatchObject(wanted);
  });
});

describe("each host name", () => {
  it.each(FACES)("shows the monitors of its page alone: %s", async (face) => {
    const chat = await text(CHAT + face.replace(":id", "chat"));
    const feeds = await text(FEEDS + face.replace(":id", "prices"));
    expect(chat).not.toMatch(/Price feed|prices|Hidden thing|\/hidden/);
    expect(feeds).not.toMatch(/Chat (is|was|failed)|"chat"|\/chat|Hidden thing|"hidden/);
  });

  it("has its own headline, name and figures", async () => {
    const chat = await text(`${CHAT}/`);
    expect(chat).toContain("<title>Chat is down · Chat status</title>");
    const feeds = await text(`${FEEDS}/`);
    expect(feeds).toContain("· Feeds status</title>");
    expect(feeds).toMatch(/<h1>All services operational</);
    const summary = (await (await get(`${FEEDS}/api/v2/summary.json`)).json()) as {
      page: object;
      components: unknown[];
    };
    expect(summary.page).toMatchObject({ name: "Feeds status", url: FEEDS });
    expect(summary.components.length).toBeGreaterThan(0);
    expect(await text(`${CHAT}/feed.rss`)).toContain("<title>Chat status</title>");
  });

  it("does not admit that other pages' monitors and incidents exist", async () => {
    const [incident] = status.openIncidents;
    expect(incident?.monitor).toBe("chat");
    expect((await get(`${CHAT}/incidents/${incident?.id}`)).status).toBe(200);
    for (const path of [`/incidents/${incident?.id}`, "/monitors/chat", "/history?monitor=chat"]) {
      expect((await get(FEEDS + path)).status, path).toBe(404);
    }
    expect((await get(`${FEEDS}/badges/chat/status.svg`)).status).toBe(404);
    answers.archive = incident === undefined ? [] : [{ ...incident, id: "chat-1" }];
    expect((await get(`${FEEDS}/incidents/chat-1`)).status).toBe(404);
    expect((await get(`${CHAT}/incidents/chat-1`)).status).toBe(200);
  });

  it("never shows a private monitor, even when its page names it", async () => {
    expect((await get(`${FEEDS}/monitors/hidden`)).status).toBe(404);
    expect(await text(`${FEEDS}/`)).not.toContain("Hidden thing");
  });

  it("that no page has shows everything that is public, or the page for all others", async () => {
    expect(await text(`${OTHER}/`)).toContain("<title>Chat is down · Echoquorum status</title>");
    answers.pages = [setUpPage({ name: "Everything", groups: [] })];
    expect(await text(`${OTHER}/`)).toContain("<title>Chat is down · Everything</title>");
  });

  it("keeps its pages apart in the cache, and from what they were", async () => {
    const store = new MemoryStore();
    app = publicRoutes({ now: () => NOW_MS, store: () => store });
    for (const face of ["/", "/api/v2/summary.json", "/feed.rss"]) {
      expect(await text(CHAT + face), face).toContain("Chat status");
      expect(await text(FEEDS + face), face).toContain("Feeds status");
      expect(await text(CHAT + face), face).toContain("Chat status");
    }
    answers.pages = [setUpPage({ id: "chat", name: "Renamed", hosts: ["chat.example"] })];
    expect(await text(`${CHAT}/`)).toContain("Renamed");
    expect(await text(`${CHAT}/feed.rss`)).toContain("Renamed");
    expect([...store.kept.keys()].every((key) => /[?&]page=/.test(key))).toBe(true);
  });
});

describe("when settings cannot be read", () => {
  it("the coordinator's copy of them holds", async () => {
    answers.pagesCopy = answers.pages as [];
    answers.pages = new Error("D1 unreachable");
    expect(await text(`${CHAT}/`)).toContain("Chat status");
    expect(await text(`${FEEDS}/api/v2/summary.json`)).not.toContain('"chat"');
  });

  it("nothing is shown at all without it", async () => {
    answers.pages = new Error("D1 unreachable");
    for (const face of FACES) {
      const answer = await get(CHAT + face.replace(":id", "chat"));
      expect(answer.status, face).toBe(503);
      expect(await answer.text(), face).not.toContain("Chat");
    }
    expect((await get(`${CHAT}/live`)).status).toBe(503);
  });

  it("no file of a page is said not to exist", async () => {
    const drawn = dataUrl("image/svg+xml", '<svg width="7" height="8"/>');
    answers.pages = [setUpPage({ name: "Drawn", logo: drawn, css: "h1 { margin: 0 }" })];
    const html = await text(`${OTHER}/`);
    const [logo = ""] = /\/assets\/logo-\w+\.svg/.exec(html) ?? [];
    const [css = ""] = /\/assets\/page-\w+\.css/.exec(html) ?? [];
    answers = { ...answers, pages: new Error("D1 unreachable"), pagesCopy: answers.pages };
    expect((await get(OTHER + css)).status).toBe(200);
    expect((await get(OTHER + logo)).status).toBe(503);
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining('"source":"pictures"'));
    answers = { status: () => status, pages: new Error("D1 unreachable") };
    expect((await get(OTHER + css)).status).toBe(503);
  });
});

describe("the form to subscribe", () => {
  it("says that nobody knows where D1 hangs", async () => {
    const env = pageEnvironment(answers);
    const prepare = env.DB.prepare.bind(env.DB);
    env.DB.prepare = (sql) => Object.assign(prepare(sql), { raw: never });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const asked = app.request(`${OTHER}/subscribe`, {}, env);
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
      await vi.runAllTimersAsync();
      const answer = await asked;
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("The status is not known right now");
    } finally {
      vi.useRealTimers();
    }
  });

  it("has its page looked for once", async () => {
    const find = vi.spyOn(PageDirectory.prototype, "find");
    await get(`${OTHER}/subscriptions`);
    expect(find).toHaveBeenCalledTimes(1);
  });
});

const hide = (details: object) => {
  answers.pages = [setUpPage({ name: "Own", details })];
};
const everywhere = async () => {
  const faces = [...FACES, `/incidents/${status.openIncidents[0]?.id}`, "/history/2026-10"];
  const bodies = await Promise.all(
    faces.map(async (face) => {
      const body = await text(OTHER + face.replace(":id", "chat"));
      return `${face}\n${body}`;
    }),
  );
  return bodies.join("\n");
};

describe("what an owner hides", () => {
  const REGIONS =
    /Frankfurt|US East|eu-central|us-east|São Paulo|sa-east|Singapore|\bFRA\b|\d regions? (can|report)/;

  it("regions are on no face, and the headline still knows when none can see", async () => {
    expect(await everywhere()).toMatch(REGIONS);
    hide({ regions: false });
    const shown = await everywhere();
    expect(shown.match(REGIONS)).toBeNull();
    expect(shown).not.toContain("#regions");
    expect(shown).toContain("accept_mismatch");
    status = worlds.silent();
    expect(await text(`${OTHER}/`)).toContain("Monitoring impaired");
  });

  it("reasons are on no face", async () => {
    expect(await everywhere()).toContain("accept_mismatch");
    hide({ reasons: false });
    const shown = await everywhere();
    expect(shown).not.toMatch(/accept_mismatch|Sec-WebSocket-Accept/);
    expect(shown).toContain("Frankfurt");
    expect(shown).toMatch(/\d of \d regions cannot use it\./);
  });

  it("latency is on no face", async () => {
    const latencies = /latency-chart|\d ms\b|p95/;
    expect(await everywhere()).toMatch(latencies);
    hide({ latency: false });
    expect((await everywhere()).match(latencies)).toBeNull();
    const badge = await (await get(`${OTHER}/badges/latency.json`)).json();
    expect(badge).toMatchObject({ message: "unknown" });
  });
});

describe("how an owner's page looks", () => {
  const OWN = "https://status.echo.example";
  beforeEach(() => {
    answers.pages = [setUpPage(OWN_PAGE)];
  });

  it("has name, logo, favicon, links and footer, and its stylesheet behind the common one", async () => {
    const html = await text(`${OWN}/`);
    expect(html).toMatch(/<img src="\/assets\/logo-\w+\.svg" alt="Echo Cloud Status" width="120"/);
    expect(html).toMatch(/<source srcset="\/assets\/logo-dark-\w+\.svg" media="\(prefers-color/);
    expect(html).toMatch(/<link rel="icon" href="\/assets\/favicon-\w+\.svg"/);
    expect(html).toContain('<a class="own" href="https://help.example/" rel="noopener">');
    expect(html).toContain("<strong>Echo Cloud Ltd.</strong>");
    expect(html).toMatch(
      /status-\w+\.css"\/><link rel="stylesheet" href="\/assets\/page-\w+\.css"/,
    );
    expect(html).not.toMatch(/<style|\sstyle=|<script(?! src)/);
  });

  it("serves its files under its host name alone, for ever under their hash", async () => {
    const html = await text(`${OWN}/`);
    const files = [...html.matchAll(/\/assets\/(?:logo|logo-dark|favicon|page)-\w+\.\w+/g)];
    const paths = new Set(files.map(([path]) => path));
    expect(paths.size).toBe(4);
    for (const path of paths) {
      const file = await get(OWN + path);
      expect(file.status, path).toBe(200);
      expect(file.headers.get("cache-control")).toContain("immutable");
      expect((await get(OTHER + path)).status, path).toBe(404);
      const older = await get(OWN + path.replace(/-[0-9a-f]+\./, "-000000000000."));
      expect(older.status, path).toBe(200);
      expect(older.headers.get("cache-control")).toBe("public, max-age=60");
    }
    const css = await text(OWN + ([...paths].find((path) => path.endsWith(".css")) ?? ""));
    expect(css).toContain(":root{--link:#6a35c9;--accent:#6a35c9;--on-accent:#ffffff;");
    expect(css).toContain("@media (prefers-color-scheme:dark){:root{--link:#c4a8ff;");
    expect(css).toContain(".headline { border-radius: 28px }");
  });

  it("lets a drawing do nothing when it is opened by itself", async () => {
    const html = await text(`${OWN}/`);
    const [path = ""] = /\/assets\/logo-\w+\.svg/.exec(html) ?? [];
    const { headers } = await get(OWN + path);
    expect(headers.get("content-type")).toBe("image/svg+xml");
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("keeps the pages' policy as strict as it is", async () => {
    const { headers } = await get(`${OWN}/`);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it("escapes what could be markup", async () => {
    answers.pages = [
      setUpPage({
        name: "<b>Own</b>\u202e",
        hosts: ["status.echo.example"],
        footer:
          "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/z.png)",
        links: [{ label: '"><script>', url: "https://a.example/?q=%22%3E" }],
      }),
    ];
    const html = await text(`${OWN}/`);
    expect(html).not.toMatch(/<script>|<b>Own|\u202e|href="javascript:|<img/);
    expect(html).toContain("&lt;b&gt;Own&lt;/b&gt;");
  });
});
