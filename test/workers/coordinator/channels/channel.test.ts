import { describe, expect, it } from "vitest";
import type { Channel, ChannelOf } from "../../../../workers/coordinator/channels/channel.ts";
import {
  channelInputSchema,
  channelSchema,
  completeChannel,
  declarationOf,
  rotateSecret,
  signingSecrets,
} from "../../../../workers/coordinator/channels/channel.ts";
import { redact, renderChannel } from "../../../../workers/coordinator/channels/channel-view.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const randomBytes = new Uint8Array(32).fill(9);

const webhook = (url: string): ChannelOf<"webhook"> => ({
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
const bot: Channel = {
  id: "bot",
  name: "Bot",
  kind: "slack",
  settings: { token: "xoxb-1111-2222-abcdef", channel: "alerts" },
};
const alertmanager: Channel = {
  id: "am",
  name: "Alertmanager",
  kind: "alertmanager",
  settings: { url: "https://am.example.com/", authorization: "Bearer s3cret-of-alertmanager" },
};
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

  it.each([
    [{}, "url", "expected the URL of an incoming webhook, or a bot's token and channel"],
    [{ url: slackUrl, token: "xoxb-1" }, "token", "expected either url or token, not both"],
    [{ token: "xoxb-1" }, "channel", "required: expected the channel in which the bot posts"],
    [
      { url: slackUrl, channel: "x" },
      "channel",
      "expected none: an incoming webhook has its own channel",
    ],
    [{ url: slackUrl, apiUrl: "https://x.example" }, "apiUrl", "expected none without a token"],
    [{ token: "xoxb\n1", channel: "x" }, "token", "expected visible ASCII characters"],
  ])("refuses Slack settings such as %o", (settings, field, message) => {
    expect(problems({ name: "Team", kind: "slack", settings })).toContain(
      `settings.${field}: ${message}`,
    );
  });

  it("takes a template for its own payload only", () => {
    const settings = { url: "https://example.com", template: { body: '{"a":"{{data.title}}"}' } };
    expect(problems({ name: "Hook", kind: "webhook", settings })).toEqual([]);
    expect(
      problems({
        name: "Hook",
        kind: "webhook",
        settings: { ...settings, format: "alertmanager" },
      }),
    ).toEqual(["settings.template: expected no template with the format alertmanager"]);
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
    const shown = channelInputSchema.parse({
      ...input,
      settings: renderChannel(previous).settings,
      name: "Renamed",
    });
    const { channel, newSecret } = completeChannel(shown, { id: "hook", previous, randomBytes });
    expect(channel).toEqual({ ...previous, name: "Renamed" });
    expect(newSecret).toBeNull();
  });

  it.each([bot, alertmanager])("keeps the secrets of $kind that are shown as such", (previous) => {
    const shown = channelInputSchema.parse(renderChannel(previous));
    const { channel, newSecret } = completeChannel(shown, { id: "x", previous, randomBytes });
    expect(channel).toEqual(previous);
    expect(newSecret).toBeNull();
  });

  it("forgets a secret that is left out where secrets are shown", () => {
    const settings = { url: "https://am.example.com/" };
    const open = channelInputSchema.parse({ name: "Open", kind: "alertmanager", settings });
    const facts = { id: "am", previous: alertmanager, randomBytes };
    expect(completeChannel(open, facts).channel.settings).toEqual(settings);
  });

  it("refuses to make a secret of too little randomness", () => {
    const facts = { id: "c1", previous: null, randomBytes: new Uint8Array(8) };
    expect(() => completeChannel(input, facts)).toThrow(RangeError);
  });
});

describe("replacing a signing secret", () => {
  const channel = webhook("https://example.com");
  const facts = { secret: null, randomBytes, nowMs: 1_000, untilMs: 5_000 };

  it("lets both sign until the former one expires, the new one first", () => {
    const rotated = rotateSecret(channel, facts);
    expect(channelSchema.parse(rotated.channel)).toEqual(rotated.channel);
    expect(signingSecrets(rotated.channel, 4_999)).toEqual([rotated.newSecret, SECRET]);
    expect(signingSecrets(rotated.channel, 5_000)).toEqual([rotated.newSecret]);
  });

  it("lets the former one sign no more where it is not to be kept", () => {
    const rotated = rotateSecret(channel, { ...facts, untilMs: facts.nowMs });
    expect(rotated.channel.settings).not.toHaveProperty("formerSecrets");
  });

  it("keeps the last few only, and none twice", () => {
    let rotated = channel;
    for (let byte = 10; byte < 20; byte += 1) {
      const bytes = new Uint8Array(32).fill(byte);
      rotated = rotateSecret(rotated, { ...facts, randomBytes: bytes }).channel;
    }
    expect(signingSecrets(rotated, 2_000)).toHaveLength(5);
    const again = rotateSecret(rotated, { ...facts, secret: rotated.settings.secret }).channel;
    expect(new Set(signingSecrets(again, 2_000)).size).toBe(signingSecrets(again, 2_000).length);
  });

  it("outlives other changes, and ends when another secret is declared", () => {
    const { channel: previous } = rotateSecret(channel, facts);
    const renamed = { ...declarationOf(previous), name: "Renamed" };
    const completed = completeChannel(renamed, { id: "hook", previous, randomBytes });
    expect(completed.channel).toEqual({ ...previous, name: "Renamed" });
    const declared = channelInputSchema.parse({
      ...renamed,
      settings: { ...renamed.settings, secret: SECRET },
    });
    const other = completeChannel(declared, { id: "hook", previous, randomBytes }).channel;
    expect(other.settings).toEqual({ url: "https://example.com", secret: SECRET });
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

it("shows of a bot and of Alertmanager what is no secret", () => {
  expect(renderChannel(bot).settings).toEqual({ token: "***", channel: "alerts" });
  expect(renderChannel(alertmanager).settings).toEqual({
    url: "https://am.example.com/",
    authorization: "***",
  });
});

it("removes former secrets, tokens and credentials from any text", () => {
  const { channel } = rotateSecret(webhook("https://example.com"), {
    secret: null,
    randomBytes,
    nowMs: 1,
    untilMs: 2,
  });
  expect(redact(`${SECRET} failed`, channel)).toBe("*** failed");
  expect(redact("Bearer xoxb-1111-2222-abcdef", bot)).toBe("Bearer ***");
  expect(redact("Bearer s3cret-of-alertmanager", alertmanager)).toBe("***");
  expect(redact("s3cret-of-alertmanager", alertmanager)).toBe("***");
});

it("removes a channel's secrets from any text", () => {
  const channel = webhook("https://example.com/a1b2c3d4e5f6a7b8c9d0?token=s%2Fcret77");
  const text = `POST a1b2c3d4e5f6a7b8c9d0 s%2Fcret77 s/cret77 ${SECRET} ${SECRET.slice(6)} failed`;
  expect(redact(text, channel)).toBe("POST *** *** *** *** *** failed");
  expect(redact(`no ${slackUrl}`, slack(slackUrl))).not.toContain("abcdefghijklmnopqrstuvwx");
});
