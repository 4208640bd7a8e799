/** Redirects of the upgrade: which are followed, where to, and what stays behind. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import { decideRedirect } from "../../../shared/probe/redirect.ts";
import { bareSpec } from "../../support/check-spec.ts";

const FROM = "wss://chat.example.com/ws?token=sesame";
const HEADERS = [["Authorization", "Bearer sesame"]] as const;

function decide(
  location: string | null,
  fields: Partial<CheckSpec> = {},
  { status = 302, visited }: { status?: number; visited?: string[] } = {},
) {
  const spec = bareSpec({ url: FROM, redirects: 5, headers: HEADERS, ...fields });
  return decideRedirect(spec, { status, location }, visited ?? [spec.url]);
}

/** Address of the next hop, or why there is none. */
function outcome(...args: Parameters<typeof decide>): string {
  const decision = decide(...args);
  return decision.type === "follow" ? decision.spec.url : decision.why;
}

describe("a redirect of the upgrade", () => {
  it.each([
    ["wss://new.example.com/ws", "wss://new.example.com/ws"],
    ["https://new.example.com/ws", "wss://new.example.com/ws"],
    ["https://new.example.com:8443/ws?a=1#top", "wss://new.example.com:8443/ws?a=1"],
    ["/other", "wss://chat.example.com/other"],
    ["other?x", "wss://chat.example.com/other?x"],
    ["//new.example.com", "wss://new.example.com/"],
  ])("to %s leads to %s", (location, url) => {
    expect(outcome(location)).toBe(url);
  });

  it("leads from plain text to TLS, and to plain text only from there", () => {
    const plain = { url: "ws://chat.example.com/ws" };
    expect(outcome("https://chat.example.com/ws", plain)).toBe("wss://chat.example.com/ws");
    expect(outcome("http://chat.example.com/v2", plain)).toBe("ws://chat.example.com/v2");
  });

  it.each([
    ["http://chat.example.com/ws", /from TLS to plain text/],
    ["ws://chat.example.com/ws", /from TLS to plain text/],
    ["mailto:admin@example.com", /mailto: URLs/],
    ["https://[", /does not say where to/],
    [null, /does not say where to/],
    [FROM, /in a circle/],
    ["#top", /in a circle/],
    ["https://user:pass@example.com/", /credentials/],
    ["https://localhost:3000/", /private address/],
    ["https://10.0.0.7/", /private address/],
    ["https://[::1]/", /private address/],
  ])("to %s is not followed", (location, why) => {
    expect(outcome(location)).toMatch(why);
  });

  it("may lead from one private place to another", () => {
    expect(outcome("ws://127.0.0.1:2/", { url: "ws://127.0.0.1:1/" })).toBe("ws://127.0.0.1:2/");
  });

  it("is not followed unless the monitor allows it, nor to what is no other place", () => {
    expect(decide("/other", { redirects: 0 })).toEqual({ type: "stay", why: "" });
    expect(decide("/other", { redirects: undefined })).toEqual({ type: "stay", why: "" });
    for (const status of [300, 304, 305]) {
      expect(decide("/other", {}, { status })).toEqual({ type: "stay", why: "" });
    }
    for (const status of [301, 302, 303, 307, 308]) {
      expect(decide("/other", {}, { status }).type).toBe("follow");
    }
  });

  it("is not followed beyond the limit", () => {
    const visited = [FROM, "wss://a.example.com/", "wss://b.example.com/"];
    expect(outcome("/", { redirects: 3 }, { visited })).toBe("wss://chat.example.com/");
    expect(outcome("/", { redirects: 2 }, { visited })).toBe(
      "It was the third redirect, and 2 may be followed.",
    );
  });

  it("takes the monitor's headers along only within their origin", () => {
    const headersAt = (location: string) => {
      const decision = decide(location);
      return decision.type === "follow" ? [decision.spec.headers, decision.headersLeft] : null;
    };
    expect(headersAt("/other")).toEqual([HEADERS, false]);
    expect(headersAt("https://chat.example.com:443/other")).toEqual([HEADERS, false]);
    expect(headersAt("https://chat.example.com:444/")).toEqual([[], true]);
    expect(headersAt("https://example.com/")).toEqual([[], true]);
    const upwards = decide("https://chat.example.com/", { url: "ws://chat.example.com/" });
    expect(upwards).toMatchObject({ type: "follow", spec: { headers: [] }, headersLeft: true });
  });

  it("never throws, and never leads anywhere but to WebSocket URLs, whatever it says", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true })), (location) => {
        const decision = decide(location);
        if (decision.type === "stay") return;
        expect(decision.spec.url).toMatch(/^wss:\/\/[^#]*$/);
        const sameOrigin = new URL(decision.spec.url).host === "chat.example.com";
        expect(decision.spec.headers.length > 0).toBe(sameOrigin);
      }),
    );
  });
});
