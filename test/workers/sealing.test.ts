import { describe, expect, it } from "vitest";
import type { Channel } from "../../workers/coordinator/channels/channel.ts";
import { SealError, SealingKeys, isSealed } from "../../workers/sealing.ts";
import { openChannel, sealChannel } from "../../workers/coordinator/channels/stored-channel.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const keys = new SealingKeys(key(1));
const channel: Channel = {
  id: "team",
  name: "Team",
  kind: "slack",
  settings: { token: "xoxb-1111-2222-abcdef", channel: "alerts" },
};

describe("a sealed text", () => {
  it("opens under its key, and shows nothing of what it says", async () => {
    const sealed = await keys.seal("a secret", "channel/team");
    expect(isSealed(JSON.parse(JSON.stringify(sealed)))).toBe(true);
    expect(sealed).toMatchObject({ v: 1, kid: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(await keys.open(sealed, "channel/team")).toBe("a secret");
  });

  it("is another one each time", async () => {
    const [one, other] = [await keys.seal("a", "x"), await keys.seal("a", "x")];
    expect(one.iv).not.toBe(other.iv);
    expect(one.ct).not.toBe(other.ct);
  });

  it("opens nowhere but where it belongs, and not once it was changed", async () => {
    const sealed = await keys.seal("a secret", "channel/team");
    await expect(keys.open(sealed, "channel/other")).rejects.toThrow(SealError);
    const ct = `${sealed.ct.startsWith("A") ? "B" : "A"}${sealed.ct.slice(1)}`;
    await expect(keys.open({ ...sealed, ct }, "channel/team")).rejects.toThrow(SealError);
  });

  it("opens while its key is in the list, whatever seals by then", async () => {
    const sealed = await keys.seal("a secret", "x");
    const rotated = new SealingKeys(`${key(2)}, ${key(1)}`);
    expect(await rotated.open(sealed, "x")).toBe("a secret");
    const anew = await rotated.seal("a secret", "x");
    expect(await new SealingKeys(key(2)).open(anew, "x")).toBe("a secret");
    await expect(new SealingKeys(key(2)).open(sealed, "x")).rejects.toThrow(
      `the key ${sealed.kid} that sealed it is not there`,
    );
  });

  it.each([undefined, "", " , "])("cannot be made without a key (%j)", async (text) => {
    await expect(new SealingKeys(text).seal("a", "x")).rejects.toThrow(
      "there is no key to seal with",
    );
  });

  it.each(["hunter2", Buffer.alloc(16, 1).toString("base64")])(
    "cannot be made with what is no key, of which nothing is said",
    async (text) => {
      const error = await new SealingKeys(text).seal("a", "x").catch(String);
      expect(error).toBe("SealError: a sealing key has 32 bytes in base64");
    },
  );
});

describe("a stored channel", () => {
  it("has no secret in it, and is the same once it is opened", async () => {
    const stored = await sealChannel(channel, keys);
    expect(JSON.stringify(stored)).not.toContain("xoxb");
    expect(stored).toMatchObject({ id: "team", name: "Team", kind: "slack" });
    expect(await openChannel(stored, keys)).toEqual(channel);
  });

  it("cannot take the place of another", async () => {
    const stored = await sealChannel(channel, keys);
    await expect(openChannel({ ...stored, id: "other" }, keys)).rejects.toThrow(SealError);
  });

  it("from before there were seals opens with or without a key", async () => {
    expect(await openChannel(channel, new SealingKeys(undefined))).toEqual(channel);
  });

  it("that this release does not know is not quoted", async () => {
    const settings = { token: "xoxb-secret", colour: "red" };
    const error = await openChannel({ ...channel, settings }, keys).catch(String);
    expect(error).toBe("SealError: it holds settings that this release does not know");
  });
});
