/** Badges and the widget, as a reader without a token gets them. */
import { beforeEach, describe, expect, it } from "vitest";
import { monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { publicApp } from "../../../support/public-app.ts";

const app = publicApp();

/** The fixture's world, as of now. */
function current<T>(status: T): T {
  const shiftMs = Date.now() - NOW_MS;
  return JSON.parse(JSON.stringify(status), (name, value: unknown) =>
    typeof value === "number" && name.endsWith("Ms") && value > 1e12 ? value + shiftMs : value,
  ) as T;
}

const json = async (path: string) => {
  const answer = await app.request(path);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
};

beforeEach(() => (app.status = current(worlds.outage())));

describe("a badge", () => {
  it("is a drawing that may stand anywhere and does nothing there", async () => {
    const answer = await app.request("/badges/status.svg");
    expect(answer.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("cache-control")).toContain("max-age=60");
    expect(await answer.text()).toMatch(/^<svg[^>]*aria-label="status: down"/);
  });

  it("tells shields.io the same", async () => {
    expect(await json("/badges/status.json")).toMatchObject({
      schemaVersion: 1,
      label: "status",
      message: "down",
      color: "red",
      isError: false,
    });
  });

  it("tells status, uptime and latency of one monitor", async () => {
    const [chat] = app.status.monitors;
    expect(await json(`/badges/${chat?.id}/status.json`)).toMatchObject({ label: chat?.name });
    expect((await json(`/badges/${chat?.id}/uptime.json`))["message"]).toMatch(/^\d.*%$/);
    expect((await json("/badges/latency.json"))["message"]).toMatch(/ ms$/);
  });

  it("is what its reader wants it to look like", async () => {
    const path =
      "/badges/status.svg?label=a%20%3Cb%3E&color=ff8800&labelColor=navy&style=flat-square";
    const text = await (await app.request(path)).text();
    expect(text).toContain("a &lt;b&gt;");
    expect(text).toContain("#ff8800");
    expect(text).toContain("navy");
  });

  it.each([
    ["style=round", "style"],
    ["color=url(x)", "color"],
    [`label=${"x".repeat(101)}`, "label"],
    ["size=9", "size"],
  ])("refuses %s", async (query, field) => {
    const answer = await app.request(`/badges/status.svg?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });

  it("knows neither private monitors nor those that are not there", async () => {
    app.status.monitors.push(monitorStatus({ id: "hidden", name: "Hidden", public: false }));
    for (const id of ["hidden", "nothing"]) {
      expect((await app.request(`/badges/${id}/status.svg`)).status).toBe(404);
    }
  });

  it("is never green when data is out of date", async () => {
    app.status = worlds.calm();
    expect(await json("/badges/status.json")).toMatchObject({ message: "not known" });
    expect(await json("/badges/latency.json")).toMatchObject({ message: "unknown", isError: true });
  });
});

describe("the widget", () => {
  it("is one script for any page, without cookies and inline styles", async () => {
    const answer = await app.request("/widget.js");
    expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(answer.headers.get("set-cookie")).toBeNull();
    const text = await answer.text();
    expect(() => new Function(text)).not.toThrow();
    expect(text).not.toMatch(/cookie|localStorage|innerHTML|\.style\b/);
  });
});
