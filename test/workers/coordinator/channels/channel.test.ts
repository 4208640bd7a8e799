import { describe, expect, it } from "vitest";
import type { Channel } from "../../../../workers/coordinator/channels/channel.ts";
import {
  channelInputSchema,
  channelSchema,
  completeChannel,
  redact,
  renderChannel,
} from "../../../../workers/coordinator/channels/channel.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const randomBytes = new Uint8Array(32).fill(9);

const webhook = (url: string): Channel => ({
  id: "hook",
  name: "Hook",
  kind: "webhook",
  settings: { url, secret: SECRET },
});
const slack = (url: string): Channel => ({
  id: "team",
  name: "Team",
  kind: "slack",
  settings: { url },
});
const slackUrl = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/abcdefghijklmnopqrstuvwx";

const problems = (input: unknown) =>
  channelInputSchema
    .safeParse(input)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

describe("a declared channel", () => {
  it("needs no more than name, kind and URL", () => {
    const input = { name: "Hook", kind: "webhook", settings: { url: "https://example.com/in" } };
    expect(channelInputSchema.parse(input)).toEqual(input);
  });

  it.each([
    [{ url: "ftp://example.com" }, "settings.url: expected an https:// or http:// URL"],
    [{ url: "example.com" }, "settings.url: expected an https:// or http:// URL"],
    [
      { url: "https://user:pass@example.com" },
      "settings.url: expected no user name or password in the URL",
    ],
    [
      { url: "https://example.com", secret: "whsec_c2hvcnQ=" },
      'settings.secret: expected a signing secret: "whsec_" and 24 to 64 bytes in base64',
    ],
    [
      { url: "https://example.com", secret: "not a secret" },
      'settings.secret: expected a signing secret: "whsec_" and 24 to 64 bytes in base64',
    ],
    [{ url: "https://example.com", colour: 1 }, 'settings: Unrecognized key: "colour"'],
  ])("refuses %o", (settings, problem) => {
    expect(problems({ name: "Hook", kind: "webhook", settings })).toEqual([problem]);
  });

  it("refuses unknown kinds and unknown fields", () => {
    const settings = { url: "https://example.com" };
    expect(problems({ name: "X", kind: "pigeon", settings })).not.toEqual([]);
    expect(problems({ name: "X", kind: "slack", settings, extra: 1 })).not.toEqual([]);
    expect(
      problems({ name: "X", kind: "slack", settings: { ...settings, secret: SECRET } }),
    ).toEqual(['settings: Unrecognized key: "secret"']);
  });
});

describe("completing a channel", () => {
  const input = channelInputSchema.parse({
    name: "Hook",
    kind: "webhook",
    settings: { url: "https://example.com/in?key=abc" },
  });

  it("makes an id and a signing secret, and gives the secret once", () => {
    const { channel, newSecret } = completeChannel(input, {
      id: "c1",
      previous: null,
      randomBytes,
    });
    expect(channelSchema.parse(channel)).toEqual(channel);
    expect(channel.id).toBe("c1");
    expect(newSecret).toBe(`whsec_${Buffer.from(randomBytes).toString("base64")}`);
    expect(channel).toMatchObject({ settings: { secret: newSecret } });
  });

  it("keeps a secret that was given", () => {
    const given = channelInputSchema.parse({
      ...input,
      settings: { url: "https://example.com", secret: SECRET },
    });
    const { channel, newSecret } = completeChannel(given, {
      id: "c1",
      previous: null,
      randomBytes,
    });
    expect(channel).toMatchObject({ settings: { secret: SECRET } });
    expect(newSecret).toBeNull();
  });

  it("keeps what a change leaves out or repeats as it was shown", () => {
    const previous = webhook("https://example.com/in?key=abc");
    const shown = { ...input, settings: renderChannel(previous).settings, name: "Renamed" };
    const { channel, newSecret } = completeChannel(shown, { id: "hook", previous, randomBytes });
    expect(channel).toEqual({ ...previous, name: "Renamed" });
    expect(newSecret).toBeNull();
  });

  it("refuses to make a secret of too little randomness", () => {
    const facts = { id: "c1", previous: null, randomBytes: new Uint8Array(8) };
    expect(() => completeChannel(input, facts)).toThrow(RangeError);
  });
});

describe("what is shown of a channel", () => {
  it.each([
    [webhook("https://example.com/alerts"), "https://example.com/alerts"],
    [webhook("http://127.0.0.1:8080/hook"), "http://127.0.0.1:8080/hook"],
    [
      webhook("https://example.com/in?token=s3cret&x=1&flag"),
      "https://example.com/in?token=***&x=***&=***",
    ],
    [
      webhook("https://example.com/hooks/123456/a1b2c3d4e5f6a7b8c9d0"),
      "https://example.com/hooks/123456/***",
    ],
    [slack(slackUrl), "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/***"],
    [slack("http://127.0.0.1:8080/slack"), "http://127.0.0.1:8080/***"],
  ])("is %j without what could be a token", (channel, url) => {
    const shown = renderChannel(channel);
    expect(shown).toEqual({
      id: channel.id,
      name: channel.name,
      kind: channel.kind,
      settings: { url },
    });
    expect(channelInputSchema.safeParse(shown).success).toBe(true);
  });
});

it("removes a channel's secrets from any text", () => {
  const channel = webhook("https://example.com/a1b2c3d4e5f6a7b8c9d0?token=s%2Fcret77");
  const text = `POST a1b2c3d4e5f6a7b8c9d0 s%2Fcret77 s/cret77 ${SECRET} ${SECRET.slice(6)} failed`;
  expect(redact(text, channel)).toBe("POST *** *** *** *** *** failed");
  expect(redact(`no ${slackUrl}`, slack(slackUrl))).not.toContain("abcdefghijklmnopqrstuvwx");
});
