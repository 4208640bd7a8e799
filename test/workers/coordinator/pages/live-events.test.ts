/** Events that tell open pages of changes. */
import { describe, expect, it, vi } from "vitest";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import {
  EVERYTHING_PUBLIC,
  pageStatus,
} from "../../../../workers/coordinator/page-settings/page-status.ts";
import { essenceOf } from "../../../../workers/coordinator/pages/live-events.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { incidentOf, monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

describe("the events", () => {
  it("tell each change once, through failures of the coordinator, and nothing of it", async () => {
    let looks = 0;
    const seen = [worlds.calm(), worlds.calm(), new Error("away"), worlds.outage()];
    const status = () => seen[Math.min(looks++, seen.length - 1)] ?? worlds.outage();
    const app = pageRoutes({ now: () => NOW_MS, liveEveryMs: 1 });
    const response = await app.request("/live", {}, pageEnvironment({ status }));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) throw new Error("No stream");
    let text = "";
    // A comment for each look that found nothing new.
    while (text.split(":\n\n").length < 12) text += (await reader.read()).value ?? "";
    await reader.cancel();
    expect(text).toMatch(/^event: hello\ndata: \nretry: 5000\n\n/);
    expect(text.match(/event: changed/g)).toHaveLength(1);
    expect(text).not.toContain("chat");
  });

  it("cost the coordinator one look for all open pages of an isolate", async () => {
    let looks = 0;
    let nowMs = NOW_MS;
    const status = () => {
      looks += 1;
      return worlds.calm();
    };
    const app = pageRoutes({
      now: () => nowMs,
      store: () => new MemoryStore(),
      liveEveryMs: 1_000,
    });
    const environment = pageEnvironment({ status });
    const open = async () => {
      const stream = await app.request("/live", {}, environment);
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.endsWith(":\n\n")) text += (await reader?.read())?.value ?? "";
      return reader;
    };
    const readers = await Promise.all(Array.from({ length: 20 }, open));
    expect(looks).toBe(1);
    nowMs += 1_000;
    readers.push(await open());
    expect(looks).toBe(2);
    await Promise.all(readers.map((reader) => reader?.cancel()));
  });

  it("end when the visitor leaves", async () => {
    let looks = 0;
    const status = () => {
      looks += 1;
      return worlds.calm();
    };
    const app = pageRoutes({ now: () => NOW_MS, liveEveryMs: 1 });
    const response = await app.request("/live", {}, pageEnvironment({ status }));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    let before = -1;
    await vi.waitUntil(
      () => {
        const still = looks === before;
        before = looks;
        return still;
      },
      { interval: 20 },
    );
  });
});

/** A written incident of one update, which says `text` and sets `monitors`. */
const written = (text: string, monitors = {}): WrittenIncident => ({
  id: "late",
  title: "Messages arrive late",
  startedAtMs: NOW_MS,
  incidents: [],
  updates: [{ id: "1", status: "investigating", text, atMs: NOW_MS, monitors }],
  postmortem: null,
});

describe("what a change is", () => {
  const calm = worlds.calm();
  const [chat] = calm.monitors;
  if (chat === undefined) throw new Error("No monitor");
  const hidden = monitorStatus({ id: "hidden", name: "Hidden", kind: "down", public: false });
  const secret = written("We look into it.", { hidden: "down" });
  const cases: ReadonlyArray<readonly [what: string, status: NetworkStatus, changes: boolean]> = [
    ["newer data", { ...calm, newestRunAtMs: NOW_MS, generatedAtMs: NOW_MS + 1 }, false],
    ["a monitor's verdict", worlds.outage(), true],
    ["a region's state", worlds.silent(), true],
    ["work that is announced", worlds.maintenance(), true],
    ["what people write", { ...calm, writtenIncidents: [written("We look into it.")] }, true],
    ["what they write of private monitors alone", { ...calm, writtenIncidents: [secret] }, false],
    [
      "a pause",
      { ...calm, monitors: [{ ...chat, paused: true }, ...calm.monitors.slice(1)] },
      true,
    ],
    [
      "anything of a private monitor",
      {
        ...calm,
        monitors: [...calm.monitors, hidden],
        openIncidents: [incidentOf({ id: "hidden", name: "Hidden" }, "down", NOW_MS, null)],
      },
      false,
    ],
  ];
  it("a correction of what people wrote", () => {
    const before = essenceOf({ ...calm, writtenIncidents: [written("We lok into it.")] });
    const after = essenceOf({ ...calm, writtenIncidents: [written("We look into it.")] });
    expect(after).not.toBe(before);
  });

  it.each(cases)("%s", (_what, status, changes) => {
    const [before, after] = [calm, status].map((each) => pageStatus(each, EVERYTHING_PUBLIC));
    expect(before && after && essenceOf(before) !== essenceOf(after)).toBe(changes);
  });
});
