/** How pages are served: headers, caching, fallbacks, files. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { coordinatorOf } from "../../../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { EVERYTHING_PUBLIC } from "../../../../workers/coordinator/page-settings/page-status.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { loadStatus } from "../../../../workers/coordinator/pages/status-source.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import type { PageAnswers } from "../../../support/page-environment.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

beforeEach(() => {
  // Failing sources are reported on the console, for the platform to collect.
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function get(path: string, answers: Partial<PageAnswers> = {}, headers = {}) {
  const environment = pageEnvironment({ status: () => worlds.calm(), ...answers });
  return pageRoutes({ now: () => NOW_MS }).request(path, { headers }, environment);
}

describe("headers", () => {
  it("allow nothing but the page's own files, and no inline script or style", async () => {
    const response = await get("/");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc="\/)/);
    expect(html).not.toMatch(/<style|\sstyle="|\son\w+="/);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it.each(["/", "/incidents/none", "/assets/none", "/favicon.ico"])(
    "harden the answer at %s",
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
      expect(headers.get("strict-transport-security")).toContain("max-age=");
      expect(headers.get("permissions-policy")).toContain("camera=()");
    },
  );

  it("let caches keep a page briefly and revalidate it", async () => {
    const first = await get("/");
    expect(first.headers.get("cache-control")).toBe(
      "public, max-age=15, stale-while-revalidate=60",
    );
    const etag = first.headers.get("etag") ?? "";
    const second = await get("/", {}, { "if-none-match": etag });
    expect(second.status).toBe(304);
    const changed = await get("/", { status: worlds.outage }, { "if-none-match": etag });
    expect(changed.status).toBe(200);
  });
});

describe("the language", () => {
  it("is the visitor's, says so, and tells caches what decided it", async () => {
    const response = await get("/", { status: worlds.outage }, { "accept-language": "de-CH" });
    expect(response.headers.get("content-language")).toBe("de");
    expect(response.headers.get("vary")).toBe("Accept-Language");
    const html = await response.text();
    expect(html).toContain('<html lang="de" dir="ltr">');
    expect(html).toContain("Chat ist ausgefallen");
    expect(html).toContain('<a href="/monitors/chat">');
  });

  it("is that of the address, and stays so on the pages that it links to", async () => {
    const html = await (await get("/?lang=ar", {}, { "accept-language": "de" })).text();
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain('<a href="/monitors/chat?lang=ar">');
    expect(html).toContain('href="/?lang=ar#services"');
    expect(html).toContain('<a href="?lang=fr" hreflang="fr" lang="fr"');
  });

  it.each(["de", "fr", "es", "pt", "ja", "zh", "ar"])(
    "leaves no English behind: %s",
    async (tag) => {
      for (const path of ["/", "/monitors/chat", "/history", "/incidents/none"]) {
        const html = await (await get(`${path}?lang=${tag}`, { status: worlds.outage })).text();
        const words = html.replaceAll(/<[^>]*>|US East|Price feed|Order stream/g, " ");
        expect(words.match(/\b(the|and|not|with|from|is|are|since|uptime over)\b/i)).toBeNull();
        expect(html.replace(/<script.*?<\/script>/, "")).not.toMatch(/\{\w+\}/);
      }
    },
  );
});

describe("files", () => {
  it("are kept for ever under the hash of their content", async () => {
    const html = await (await get("/")).text();
    const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const file = await get(path ?? "");
      expect(file.status).toBe(200);
      expect(file.headers.get("cache-control")).toContain("immutable");
    }
  });

  it("are served in their present version to a page of an older deployment", async () => {
    const file = await get("/assets/status-000000000000.css");
    expect(file.status).toBe(200);
    expect(file.headers.get("content-type")).toContain("text/css");
    expect(file.headers.get("cache-control")).not.toContain("immutable");
  });

  it("that do not exist are not found", async () => {
    expect((await get("/assets/secret.css")).status).toBe(404);
  });
});

const failing = () => new Error("object unreachable");

describe("when the coordinator fails", () => {
  it("shows the last snapshot and how old it is", async () => {
    const status = { ...worlds.calm(), newestRunAtMs: NOW_MS - 90_000 };
    const response = await get("/", { status: failing, snapshot: JSON.stringify(status) });
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("The coordinator does not answer; this is its last snapshot.");
    expect(html).toMatch(/Data from <time[^>]*>1 min ago/);
  });

  it("shows it too when the coordinator answers nonsense", async () => {
    const nonsense = { ...worlds.calm(), monitors: [null] } as unknown as NetworkStatus;
    const response = await get("/", {
      status: () => nonsense,
      snapshot: JSON.stringify(worlds.calm()),
    });
    expect(await response.text()).toContain("this is its last snapshot");
  });

  it("does not wait for a coordinator that hangs", async () => {
    const reports: string[] = [];
    const environment = pageEnvironment({
      status: () => new Promise(() => {}),
      snapshot: JSON.stringify(worlds.calm()),
    });
    const sourced = await loadStatus({
      coordinator: () => coordinatorOf(environment),
      db: environment.DB,
      scope: EVERYTHING_PUBLIC,
      deadlineMs: 20,
      report: (from, error) => reports.push(`${from}: ${String(error)}`),
    });
    expect(sourced?.source).toBe("snapshot");
    expect(reports).toEqual(["live: Error: No answer within 20 ms"]);
  });

  it("never shows an old snapshot as the present state", async () => {
    const status = { ...worlds.calm(), newestRunAtMs: NOW_MS - 900_000 };
    const html = await (
      await get("/", { status: failing, snapshot: JSON.stringify(status) })
    ).text();
    expect(html).toContain("Status not known for 15 min");
    expect(html).not.toContain("All services operational");
  });

  it.each([
    ["there is no snapshot", null],
    ["D1 fails too", new Error("D1 unreachable")],
    ["the snapshot is damaged", "{"],
    ["the snapshot is of another form", '{"monitors":7}'],
  ])("says that nothing is known when %s", async (_what, snapshot) => {
    const response = await get("/", { status: failing, snapshot });
    expect(response.status).toBe(503);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("retry-after")).toBe("10");
    expect(await response.text()).toContain("The status is not known right now");
  });
});

describe("incidents", () => {
  it("keep their page after they have left the status page", async () => {
    const [old] = worlds.calm().pastIncidents;
    if (old === undefined) throw new Error("No incident");
    const status = { ...worlds.calm(), pastIncidents: [] };
    const answers = { status: () => status, archive: [old] };
    const response = await get(`/incidents/${old.id}`, answers);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Chat failed in some regions");
  });

  it("of a monitor that is no longer there are not found", async () => {
    const [old] = worlds.calm().pastIncidents;
    if (old === undefined) throw new Error("No incident");
    const status = { ...worlds.calm(), monitors: [], pastIncidents: [] };
    const answers = { status: () => status, archive: [old] };
    expect((await get(`/incidents/${old.id}`, answers)).status).toBe(404);
  });

  it("that a snapshot does not list are not called missing", async () => {
    const snapshot = JSON.stringify(worlds.calm());
    expect((await get("/incidents/chat-1", { status: failing, snapshot })).status).toBe(503);
  });

  it("that do not exist are not found", async () => {
    const response = await get("/incidents/chat-1");
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("There is no such incident");
  });
});
