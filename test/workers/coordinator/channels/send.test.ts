import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Channel } from "../../../../workers/coordinator/channels/channel.ts";
import { parseRetryAfter } from "../../../../workers/coordinator/channels/http-exchange.ts";
import { sendDelivery } from "../../../../workers/coordinator/channels/send.ts";
import { firedDelivery } from "../../../support/alert-facts.ts";
import type { AlertReceiver } from "../../../support/alert-receiver.ts";
import { startAlertReceiver } from "../../../support/alert-receiver.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const TOKEN = "s3cret-token-of-the-url";
let receiver: AlertReceiver;

beforeAll(async () => {
  receiver = await startAlertReceiver();
});
afterAll(() => receiver[Symbol.asyncDispose]());
beforeEach(() => {
  receiver.requests.length = 0;
  receiver.answer({ status: 200 });
});

const webhook = (url = `${receiver.origin}/in?token=${TOKEN}`): Channel => ({
  id: "hook",
  name: "Hook",
  kind: "webhook",
  settings: { url, secret },
});

function send(
  channel: Channel,
  extra: { timeoutMs?: number; allowPrivateAddresses?: boolean } = {},
) {
  return sendDelivery(channel, firedDelivery(), {
    fetch,
    nowMs: Date.now(),
    timeoutMs: 5_000,
    allowPrivateAddresses: true,
    thread: null,
    ...extra,
  });
}

describe("a receiver that accepts", () => {
  it("gets a signed POST that a Standard Webhooks library verifies", async () => {
    expect(await send(webhook())).toEqual({
      ok: true,
      status: 200,
      error: null,
      retryAfterMs: null,
      permanent: false,
    });
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: "POST", path: `/in?token=${TOKEN}` });
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(request?.headers["user-agent"]).toMatch(/^Echoquorum\/\d+\.\d+\.\d+$/);
    const { body = "", headers = {} } = request ?? {};
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(verified).toMatchObject({ type: "incident.fired", data: { alert: "fired" } });
  });

  it("gets Block Kit when it is Slack", async () => {
    const url = `${receiver.origin}/services/T/B/abcdefghijklmnop`;
    const outcome = await send({ id: "team", name: "Team", kind: "slack", settings: { url } });
    expect(outcome.ok).toBe(true);
    expect(JSON.parse(receiver.requests[0]?.body ?? "{}")).toMatchObject({
      text: "🔴 Chat is down in 3 of 4 regions",
      blocks: expect.any(Array),
    });
  });

  it("is done with at its status, although the body never ends", async () => {
    receiver.answer({ status: 202, body: "x", stall: true });
    expect(await send(webhook())).toMatchObject({ ok: true, status: 202 });
  });
});

describe("a receiver that refuses", () => {
  it.each([
    [400, true],
    [401, true],
    [404, true],
    [410, true],
    [408, false],
    [425, false],
    [429, false],
    [500, false],
    [502, false],
    [503, false],
  ])("with %i: permanent is %s", async (status, permanent) => {
    receiver.answer({ status, body: "invalid_payload\n\u0007now" });
    expect(await send(webhook())).toEqual({
      ok: false,
      status,
      error: `the receiver answered HTTP ${status}: invalid_payload now`,
      retryAfterMs: null,
      permanent,
    });
  });

  it("with Retry-After is given the time that it asks for", async () => {
    receiver.answer({ status: 429, headers: { "retry-after": "30" } });
    expect(await send(webhook())).toMatchObject({
      error: "the receiver answered HTTP 429",
      retryAfterMs: 30_000,
      permanent: false,
    });
  });

  it("with a redirect is not followed", async () => {
    receiver.answer({ status: 307, headers: { location: `${receiver.origin}/elsewhere` } });
    expect(await send(webhook())).toMatchObject({
      ok: false,
      status: 307,
      error: "the receiver redirects (HTTP 307); redirects are not followed",
      permanent: true,
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it("and repeats our secrets does not get them into the report", async () => {
    receiver.answer({ status: 500, body: `no route for /in?token=${TOKEN} ${secret}` });
    const { error } = await send(webhook());
    expect(error).toBe("the receiver answered HTTP 500: no route for /in?token=*** ***");
  });

  it("at length is quoted briefly", async () => {
    receiver.answer({ status: 500, body: "x".repeat(1_000_000) });
    const { error } = await send(webhook());
    expect(error?.length).toBeLessThan(260);
  });

  it("counts by its status although the rest of the answer never comes", async () => {
    receiver.answer({ status: 404, body: "x", stall: true });
    expect(await send(webhook(), { timeoutMs: 300 })).toMatchObject({
      status: 404,
      permanent: true,
    });
  });
});

describe("a receiver that cannot be reached", () => {
  it("because it hangs is left at the deadline", async () => {
    receiver.answer("hang");
    const startedAtMs = performance.now();
    expect(await send(webhook(), { timeoutMs: 300 })).toEqual({
      ok: false,
      status: null,
      error: "no answer within 300ms",
      retryAfterMs: null,
      permanent: false,
    });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });

  it("because it resets the connection is tried again later", async () => {
    receiver.answer("reset");
    const outcome = await send(webhook());
    expect(outcome).toMatchObject({ ok: false, status: null, permanent: false });
    expect(outcome.error).toMatch(/^the request failed: /);
    expect(outcome.error).not.toContain(TOKEN);
  });

  it("because its name does not resolve says so, as far as the runtime does", async () => {
    const options = { nowMs: 0, timeoutMs: 5_000, allowPrivateAddresses: true, thread: null };
    const outcome = await sendDelivery(webhook(), firedDelivery(), {
      ...options,
      fetch: () => Promise.reject(new Error("internal error; reference = abc")),
    });
    expect(outcome).toMatchObject({
      ok: false,
      permanent: false,
      error: "the request failed: the host name cannot be resolved",
    });
  });

  it("because its address is private is never called", async () => {
    expect(await send(webhook(), { allowPrivateAddresses: false })).toMatchObject({
      ok: false,
      status: null,
      permanent: true,
      error: "the channel's address is private: alerts go to public addresses only",
    });
    expect(receiver.requests).toEqual([]);
  });
});

it("reads Retry-After in seconds and as a date, bounded by a day", () => {
  const nowMs = Date.UTC(2026, 10, 20, 14, 0, 0);
  expect(parseRetryAfter("120", nowMs)).toBe(120_000);
  expect(parseRetryAfter("Fri, 20 Nov 2026 14:00:30 GMT", nowMs)).toBe(30_000);
  expect(parseRetryAfter("Fri, 20 Nov 2026 13:00:00 GMT", nowMs)).toBe(0);
  expect(parseRetryAfter("999999999", nowMs)).toBe(86_400_000);
  expect(parseRetryAfter("soon", nowMs)).toBeNull();
  expect(parseRetryAfter(null, nowMs)).toBeNull();
});
