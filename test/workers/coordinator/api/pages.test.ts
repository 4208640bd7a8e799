/** Page settings through the API: what is accepted, refused with the field's name, and shown. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  isUnconfigured,
  loadConfigurationRows,
} from "../../../../workers/coordinator/db/backup-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { LOGO, LOGO_DARK, OWN_PAGE, dataUrl } from "../../../support/own-page.ts";

const PAGES = "/api/v1/pages";
const COMPLETE = {
  id: "acme-status",
  name: "Acme Status",
  hosts: [],
  monitors: [],
  groups: [],
  logo: null,
  logoDark: null,
  favicon: null,
  colors: { light: {}, dark: {} },
  links: [],
  footer: "",
  css: "",
  details: { regions: true, latency: true, reasons: true },
  access: "public",
};

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const setUp = (json: object) => api.send("POST", PAGES, { json });
const errorsOf = (answer: { json: unknown }) =>
  (answer.json as { errors?: Array<{ field: string; message: string }> }).errors ?? [];

describe("setting up a page", () => {
  it("needs a name, and answers with the whole page and its place", async () => {
    const answer = await setUp({ name: "Acme Status" });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`${PAGES}/acme-status`);
    expect(answer.json).toEqual(COMPLETE);
    expect((await api.send("GET", PAGES)).json).toEqual([COMPLETE]);
    expect((await api.send("GET", `${PAGES}/acme-status`)).json).toEqual(COMPLETE);
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
  });

  it("takes everything, with host names in one spelling and pictures as paths", async () => {
    const hosts = ["Status.Echo.Example.", "münchen.example"];
    const answer = await setUp({ ...OWN_PAGE, hosts });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      ...OWN_PAGE,
      hosts: ["status.echo.example", "xn--mnchen-3ya.example"],
      links: [{ place: "header" }, { place: "footer" }, { place: "footer" }],
      logo: expect.stringMatching(/^\/assets\/logo-[0-9a-f]{16}\.svg$/),
      logoDark: expect.stringMatching(/^\/assets\/logo-dark-[0-9a-f]{16}\.svg$/),
      favicon: expect.stringMatching(/^\/assets\/favicon-[0-9a-f]{16}\.svg$/),
    });
  });

  it("keeps a picture whose path is sent back, and takes another in its place", async () => {
    await setUp({ name: "A", logo: LOGO });
    const shown = (await api.send("GET", `${PAGES}/a`)).json as { logo: string };
    const again = await api.send("PUT", `${PAGES}/a`, { json: { ...shown, name: "B" } });
    expect(again.json).toEqual({ ...shown, name: "B" });
    const other = await api.send("PATCH", `${PAGES}/a`, { json: { logo: LOGO_DARK } });
    expect((other.json as { logo: string }).logo).not.toBe(shown.logo);
    const stale = await api.send("PATCH", `${PAGES}/a`, { json: { logo: shown.logo } });
    expect(stale.status).toBe(422);
    expect(errorsOf(stale)).toMatchObject([{ field: "logo" }]);
    const none = await api.send("PATCH", `${PAGES}/a`, { json: { logo: null } });
    expect(none.json).toMatchObject({ name: "B", logo: null });
  });

  it("changes single fields, replaces, and deletes", async () => {
    await setUp({ name: "A", details: { latency: false } });
    const details = { regions: false };
    const patched = await api.send("PATCH", `${PAGES}/a`, { json: { details } });
    expect(patched.json).toMatchObject({
      details: { regions: false, latency: false, reasons: true },
    });
    const created = await api.send("PUT", `${PAGES}/b`, {
      json: { name: "B", hosts: ["b.example"] },
    });
    expect(created.status).toBe(201);
    expect((await api.send("DELETE", `${PAGES}/b`)).status).toBe(204);
    expect((await api.send("DELETE", `${PAGES}/b`)).status).toBe(404);
    expect((await api.send("PATCH", `${PAGES}/b`, { json: {} })).status).toBe(404);
    expect((await api.send("GET", `${PAGES}/b`)).status).toBe(404);
    expect(
      (await api.send("POST", PAGES, { json: { id: "a", name: "A", hosts: ["x.example"] } }))
        .status,
    ).toBe(409);
  });

  it("needs the token", async () => {
    expect((await api.send("GET", PAGES, { token: null })).status).toBe(401);
    expect((await api.send("POST", PAGES, { token: "wrong", json: {} })).status).toBe(401);
  });
});

describe("a page is refused, with the field's name, for", () => {
  const cases: ReadonlyArray<readonly [what: string, fields: object, field: string, RegExp]> = [
    ["no name", { name: " " }, "name", /at least 1 character/],
    ["a host with a scheme", { hosts: ["https://a.example"] }, "hosts[0]", /host name such as/],
    ["a host twice", { hosts: ["a.example", "A.example"] }, "hosts[1]", /only once/],
    ["a monitor that is not there", { monitors: ["nobody"] }, "monitors[0]", /no monitor "nobody"/],
    ["a group without monitors", { groups: ["None"] }, "groups[0]", /in the group "None"/],
    ["a logo from elsewhere", { logo: "https://a.example/a.png" }, "logo", /data: URL/],
    ["a picture that is none", { favicon: dataUrl("image/png", "x") }, "favicon", /no image\/png/],
    ["a path that stands for nothing", { logo: "/assets/logo-00.svg" }, "logo", /data: URL/],
    ["a colour's name", { colors: { light: { accent: "red" } } }, "colors.light.accent", /#1756b8/],
    [
      "an accent that cannot be read on cards",
      { colors: { light: { accent: "#ffcc00" } } },
      "colors.light.accent",
      /contrast of at least 4.5:1 with the cards' #ffffff \(WCAG AA\); it is 1\.\d+:1/,
    ],
    [
      "an accent that cannot be read on the background",
      { colors: { dark: { accent: "#5c7fc0", background: "#2a3040" } } },
      "colors.dark.accent",
      /with the background #2a3040/,
    ],
    [
      "a background on which texts cannot be read",
      { colors: { light: { background: "#8899aa" } } },
      "colors.light.background",
      /quiet text/,
    ],
    [
      "a link without TLS",
      { links: [{ label: "a", url: "http://a.example/" }] },
      "links[0].url",
      /https/,
    ],
    [
      "a link that runs",
      { links: [{ label: "a", url: "javascript:alert(1)" }] },
      "links[0].url",
      /https/,
    ],
    [
      "a link without words",
      { links: [{ label: "", url: "https://a.example/" }] },
      "links[0].label",
      /1 char/,
    ],
    ["a stylesheet that loads", { css: "@import 'x';" }, "css", /no @import \(line 1, column 1\)/],
    ["a long stylesheet", { css: "a{}".repeat(7_000) }, "css", /at most 20000 characters/],
    ["a detail that is none", { details: { secrets: false } }, "details.secrets", /unknown field/],
    ["a short password", { access: { password: "1234567" } }, "access.password", /at least 8/],
    ["a token that can be guessed", { access: { token: "letmein" } }, "access.token", /20 random/],
    ["access by nothing", { access: {} }, "access", /a password, a token or both/],
    [
      "what stands for a password where none is stored",
      { access: { password: "***" } },
      "access.password",
      /nothing is$/,
    ],
    ["an unknown field", { colour: "red" }, "colour", /unknown field/],
  ];
  it.each(cases)("%s", async (_what, fields, field, message) => {
    const answer = await setUp({ name: "Acme", ...fields });
    expect(answer.status).toBe(422);
    expect(errorsOf(answer)).toContainEqual({ field, message: expect.stringMatching(message) });
    expect((await api.send("GET", PAGES)).json).toEqual([]);
  });

  it("a host name of another page", async () => {
    await setUp({ name: "A", hosts: ["a.example"] });
    const answer = await setUp({ name: "B", hosts: ["b.example", "A.EXAMPLE"] });
    expect(errorsOf(answer)).toEqual([
      { field: "hosts[1]", message: 'expected a host name of no other page: it is that of "a"' },
    ]);
    const itself = await api.send("PATCH", `${PAGES}/a`, { json: { hosts: ["a.example"] } });
    expect(itself.status).toBe(200);
  });

  it("answering everywhere where another does so already", async () => {
    await setUp({ name: "A" });
    const none = await setUp({ name: "B" });
    expect(errorsOf(none)).toMatchObject([{ field: "hosts" }]);
    const byId = await api.send("PUT", `${PAGES}/default`, {
      json: { name: "D", hosts: ["d.example"] },
    });
    expect(errorsOf(byId)).toMatchObject([{ field: "id" }]);
  });
});

/** What D1 has of the one page that there is. */
const stored = async () => {
  const row = await api.database.db.prepare("SELECT definition FROM pages").first("definition");
  return JSON.parse(String(row)) as { access: { password: object; token: string } };
};

describe("a password and a token", () => {
  const password = "correct horse";
  const token = "a-long-and-random-token-of-36-chars";

  it("never come back, and are stored as hashes alone", async () => {
    const answers = [
      await setUp({ name: "A", access: { password, token } }),
      await api.send("GET", `${PAGES}/a`),
      await api.send("PATCH", `${PAGES}/a`, { json: { name: "B" } }),
      await api.send("GET", PAGES),
    ];
    for (const { text } of answers) expect(text).not.toMatch(/correct horse|random-token|salt/);
    expect(answers[1]?.json).toMatchObject({ access: { password: "***", token: "***" } });
    const rows = JSON.stringify(await loadConfigurationRows(api.database.db));
    expect(rows).not.toMatch(/correct horse|random-token/);
    expect(rows).toMatch(/rounds/);
  });

  it("are kept when what stands for them is sent back, and when they are set again", async () => {
    await setUp({ name: "A", access: { password, token } });
    const before = await stored();
    const shown = (await api.send("GET", `${PAGES}/a`)).json as object;
    await api.send("PUT", `${PAGES}/a`, { json: shown });
    expect((await stored()).access).toEqual(before.access);
    await api.send("PUT", `${PAGES}/a`, { json: { ...shown, access: { password, token } } });
    expect((await stored()).access).toEqual(before.access);
    await api.send("PATCH", `${PAGES}/a`, { json: { access: { token: null } } });
    expect((await stored()).access).toEqual({ ...before.access, token: null });
    await api.send("PATCH", `${PAGES}/a`, { json: { access: { password: "another horse" } } });
    expect((await stored()).access.password).not.toEqual(before.access.password);
    const open = await api.send("PATCH", `${PAGES}/a`, { json: { access: "public" } });
    expect(open.json).toMatchObject({ access: "public" });
    expect((await stored()).access).toBeNull();
  });
});

describe("a backup", () => {
  it("has pages with their pictures, and counts them as a configuration", async () => {
    expect(await isUnconfigured(api.database.db)).toBe(true);
    await setUp(OWN_PAGE);
    expect(await isUnconfigured(api.database.db)).toBe(false);
    const rows = await loadConfigurationRows(api.database.db);
    const found = rows.find(({ table }) => table === "pages");
    expect(found?.row).toMatchObject({ id: "own", logo: LOGO, logo_dark: LOGO_DARK });
  });
});
