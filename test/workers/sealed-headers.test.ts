/** Header values at rest: sealed where they lie, opened by whoever has the key, bound to their place. */
import { describe, expect, it } from "vitest";
import { openMonitorRow, sealMonitorRow } from "../../workers/coordinator/db/monitor-row.ts";
import { isSealedValue, openHeaders, sealHeaders } from "../../workers/sealed-headers.ts";
import { SealError, SealingKeys } from "../../workers/sealing.ts";
import { makeMonitor } from "../support/observation.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const keys = new SealingKeys(key(7));
const others = new SealingKeys(key(8));
const HEADERS = { Authorization: "Bearer open-secret", "X-Plan": "g".repeat(8_192) };

describe("the headers of a monitor", () => {
  it("are sealed value by value, fit where the values did, and open again", async () => {
    const sealed = await sealHeaders("chat", HEADERS, keys);
    expect(Object.keys(sealed)).toEqual(Object.keys(HEADERS));
    expect(Object.values(sealed).every(isSealedValue)).toBe(true);
    expect(JSON.stringify(sealed)).not.toContain("open-secret");
    expect(makeMonitor({ headers: sealed }).headers).toEqual(sealed);
    expect(await openHeaders("chat", sealed, keys)).toEqual(HEADERS);
    // What is sealed stays as it is, so that an unchanged monitor is written unchanged.
    expect(await sealHeaders("chat", sealed, keys)).toEqual(sealed);
  });

  it("that were stored in the open are read as they are", async () => {
    expect(await openHeaders("chat", HEADERS, new SealingKeys(""))).toEqual(HEADERS);
  });

  it("open under no other key, for no other monitor and under no other name", async () => {
    const sealed = await sealHeaders("chat", { Authorization: "open-secret" }, keys);
    await expect(openHeaders("chat", sealed, others)).rejects.toThrow(SealError);
    await expect(openHeaders("feed", sealed, keys)).rejects.toThrow(SealError);
    const moved = { "X-Echo": sealed["Authorization"] ?? "" };
    await expect(openHeaders("chat", moved, keys)).rejects.toThrow(SealError);
    const broken = { Authorization: "sealed:v1:nonsense" };
    await expect(openHeaders("chat", broken, keys)).rejects.toThrow(SealError);
  });
});

const row = async (sealing: SealingKeys) => {
  const monitor = makeMonitor({ headers: { Authorization: "open-secret" } });
  const headers = await sealHeaders("chat", monitor.headers, sealing);
  return { id: "chat", name: "Chat", definition: JSON.stringify({ ...monitor, headers }) };
};

describe("a monitor in a backup", () => {
  it("lies open, and is sealed by the network that it is restored to, if that seals", async () => {
    const opened = await openMonitorRow(await row(keys), keys);
    expect(opened["definition"]).toContain("open-secret");
    expect(await sealMonitorRow(opened, null)).toEqual(opened);
    const sealed = await sealMonitorRow(opened, others);
    expect(sealed["definition"]).not.toContain("open-secret");
    const { headers } = JSON.parse(String(sealed["definition"])) as { headers: typeof HEADERS };
    expect(await openHeaders("chat", headers, others)).toEqual({ Authorization: "open-secret" });
  });

  it("stays sealed where its key is lost", async () => {
    const lost = await row(others);
    expect(JSON.parse(String((await openMonitorRow(lost, keys))["definition"]))).toEqual(
      JSON.parse(lost.definition),
    );
  });
});
