/** What people wrote, on the public pages: shown where it may be, beside what was measured. */
import { describe, expect, it } from "vitest";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { incidentOf, monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

const MINUTE_MS = 60_000;
const HIDDEN = { id: "hidden", name: "Hidden", public: false };

function written(fields: Partial<WrittenIncident> = {}): WrittenIncident {
  return {
    id: "late",
    title: "Messages arrive <i>late</i>",
    startedAtMs: NOW_MS - 60 * MINUTE_MS,
    incidents: [],
    updates: [
      {
        id: "1",
        status: "investigating",
        text: "We **look** <script>alert(1)</script>",
        atMs: NOW_MS - 50 * MINUTE_MS,
        monitors: { hidden: "down" },
      },
    ],
    postmortem: null,
    ...fields,
  };
}

async function open(path: string, status: NetworkStatus): Promise<{ code: number; text: string }> {
  const env = pageEnvironment({ status: () => status });
  const answer = await pageRoutes({ now: () => NOW_MS }).request(path, {}, env);
  return { code: answer.status, text: await answer.text() };
}

function networkOf(...incidents: WrittenIncident[]): NetworkStatus {
  const status = worlds.outage();
  return {
    ...status,
    monitors: [...status.monitors, monitorStatus(HIDDEN)],
    writtenIncidents: incidents,
  };
}

const bannerOf = (text: string) => /<section id="headline".*?<\/section>/s.exec(text)?.[0] ?? "";

const [CHAT = ""] = worlds.outage().monitors.map(({ id }) => id);
const about = (monitors: WrittenIncident["updates"][number]["monitors"]) =>
  written({ updates: written().updates.map((update) => ({ ...update, monitors })) });

describe("the status page", () => {
  it("shows what people tell, sanitised, with a link to a page of its own", async () => {
    const { text } = await open("/", networkOf(about({ [CHAT]: "partial", hidden: "down" })));
    expect(text).toContain("Messages arrive &lt;i&gt;late&lt;/i&gt;");
    expect(text).toContain("We <strong>look</strong> &lt;script&gt;");
    expect(text).toContain('href="/incidents/written/late"');
    expect(text).toContain("partial outage");
    expect(text).not.toContain("Hidden");
  });

  it("is not green above what people tell, names it, and says what is measured", async () => {
    const status = { ...worlds.calm(), writtenIncidents: [about({ [CHAT]: "partial" })] };
    const { text } = await open("/", status);
    const banner = bannerOf(text);
    expect(banner).toContain("tone-partial");
    expect(banner).toContain("<h1>An incident is being handled</h1>");
    expect(banner).toContain("Measured: All services operational.");
    expect(banner).toContain('Being handled: <a href="/incidents/written/late"><bdi>Messages');
    // What is measured of the monitor stays as it is.
    expect(/<ul class="card monitors">.*?<\/ul>/s.exec(text)?.[0]).toContain("Operational");
    const silent = { ...status, newestRunAtMs: NOW_MS - 60 * MINUTE_MS };
    const old = await open("/", silent);
    expect(old.text).toContain("Status not known for 1 h");
    expect(old.text).toContain("Being handled: ");
  });

  it("names what people tell without a word on how bad it is, beneath what is measured", async () => {
    const { text } = await open("/", { ...worlds.calm(), writtenIncidents: [about({})] });
    expect(text).toContain("<h1>All services operational</h1>");
    expect(text).toContain("Being handled: ");
  });

  it.each(["de", "fr", "es", "pt", "ja", "zh", "ar"])("says so in %s", async (tag) => {
    const status = { ...worlds.calm(), writtenIncidents: [about({ [CHAT]: "down" })] };
    const { text } = await open(`/?lang=${tag}`, status);
    expect(bannerOf(text)).toContain("tone-down");
    expect(bannerOf(text)).not.toMatch(/being handled|Measured|\{(n|title|titles)\}/i);
  });

  it("shows nothing of what is about private monitors alone", async () => {
    const status = networkOf(about({ hidden: "down" }));
    expect((await open("/", status)).text).not.toContain("Messages arrive");
    expect((await open("/incidents/written/late", status)).code).toBe(404);
  });

  it("tells of what is over among the past incidents of its day", async () => {
    const base = about({ [CHAT]: "down" });
    const [update] = base.updates;
    if (update === undefined) throw new Error("no update");
    const over = { ...update, id: "2", status: "resolved" as const, atMs: NOW_MS - MINUTE_MS };
    const status = networkOf({ ...base, updates: [update, over] });
    const { text } = await open("/", status);
    expect(text.indexOf("Messages arrive")).toBeGreaterThan(text.indexOf("Past incidents"));
  });
});

describe("the page of a written incident", () => {
  it("has all updates, the postmortem and links to what was measured", async () => {
    const status = networkOf();
    const [found] = status.openIncidents;
    const secret = incidentOf(HIDDEN, "down", NOW_MS - MINUTE_MS, null);
    status.openIncidents = [...status.openIncidents, secret];
    status.writtenIncidents = [
      {
        ...about({}),
        incidents: [found?.id ?? "", secret.id],
        postmortem: { text: "# Why\n\nA *queue*.", atMs: NOW_MS },
      },
    ];
    const { code, text } = await open("/incidents/written/late", status);
    expect(code).toBe(200);
    expect(text).toContain("A <em>queue</em>.");
    expect(text).toContain(`href="/incidents/${found?.id}"`);
    expect(text).not.toContain(secret.id);
    expect(text).not.toContain("<script>alert");
  });

  it("is told in the timeline of the incident that it is linked to", async () => {
    const status = networkOf();
    const [found] = status.openIncidents;
    status.writtenIncidents = [{ ...about({}), incidents: [found?.id ?? ""] }];
    const { text } = await open(`/incidents/${found?.id}`, status);
    expect(text).toContain("Investigating: Messages arrive &lt;i&gt;late");
    expect(text).toContain("We <strong>look</strong>");
  });
});
