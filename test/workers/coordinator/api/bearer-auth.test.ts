import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decideAccess } from "../../../../workers/coordinator/api/bearer-auth.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { TOKEN, openTestApi } from "../../../support/api-client.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

describe("a request to /api/v1", () => {
  it("without a token gets 401 and a challenge (RFC 6750 §3)", async () => {
    const answer = await api.send("GET", "/api/v1/monitors", { token: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="echoquorum"');
    expect(answer.json).toEqual({
      type: "urn:problem-type:echoquorum:unauthorized",
      title: "A valid token is required",
      status: 401,
      detail: "Send the header `Authorization: Bearer <ECHOQUORUM_ADMIN_TOKEN>`.",
    });
  });

  it("with a wrong token gets 401, and neither token is repeated", async () => {
    const answer = await api.send("POST", "/api/v1/monitors", { token: "wrong-token", json: {} });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(answer.text).not.toContain("wrong-token");
    expect(answer.text).not.toContain(TOKEN);
  });

  it("is refused before its path, method or body is looked at", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/nothing-here"],
      ["DELETE", "/api/v1/monitors"],
      ["GET", "/api/v1"],
    ] as const) {
      expect((await api.send(method, path, { token: null })).status).toBe(401);
    }
  });

  it.each([undefined, ""])("gets 503 with what to do while the token is %j", async (token) => {
    api.env.ECHOQUORUM_ADMIN_TOKEN = token;
    const answer = await api.send("GET", "/api/v1/monitors");
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({
      title: "The API is not configured yet",
      detail: expect.stringContaining("wrangler secret put ECHOQUORUM_ADMIN_TOKEN"),
    });
  });
});

describe("the Authorization header", () => {
  it.each([
    ["Bearer s3cret", "granted"],
    ["bearer s3cret", "granted"],
    ["BEARER   s3cret ", "granted"],
    ["Bearer s3cre", "refused"],
    ["Bearer s3crets", "refused"],
    ["Bearer S3cret", "refused"],
    ["Bearer", "refused"],
    ["Bearer ", "refused"],
    ["Basic czNjcmV0", "refused"],
    ["s3cret", "refused"],
    ["", "refused"],
    [undefined, "anonymous"],
  ])("%j is %s", async (header, access) => {
    expect(await decideAccess(header, "s3cret")).toBe(access);
  });

  it("is not looked at while no token is set", async () => {
    expect(await decideAccess("Bearer ", "")).toBe("not_configured");
    expect(await decideAccess("Bearer undefined", undefined)).toBe("not_configured");
  });
});
