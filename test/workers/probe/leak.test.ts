/** A thousand checks of all kinds of servers leave no connection behind. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import {
  NOT_HTTP,
  ODD_BUT_RIGHT,
  REJECTIONS,
  WRONG_DIALOGUES,
  WRONG_FRAMES,
  WRONG_UPGRADES,
} from "../../support/bad-servers.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { RunningServer } from "../../support/raw-server.ts";

const CHECKS = 1_000;
const AT_ONCE = 8;
const SPEC: Partial<CheckSpec> = { dialogue: [{ echo: { count: 1, bytes: 32 } }], timeoutMs: 300 };

let probe: ProbeRuntime;
beforeAll(async () => {
  probe = await startProbe();
});
afterAll(async () => {
  await probe.stop();
});

it("leaves no connection behind after a thousand checks", async () => {
  const servers: RunningServer[] = await Promise.all(
    [
      NOT_HTTP.silent,
      NOT_HTTP.closesAtOnce,
      NOT_HTTP.resetsOnRequest,
      NOT_HTTP.speaksSsh,
      REJECTIONS.ok,
      REJECTIONS.unavailable,
      WRONG_UPGRADES.wrongAccept,
      WRONG_FRAMES.masked,
      WRONG_FRAMES.endlessMessage,
      WRONG_DIALOGUES.shouts,
      WRONG_DIALOGUES.closesWith1011,
      WRONG_DIALOGUES.floodsPings,
      ODD_BUT_RIGHT.chatty,
      ODD_BUT_RIGHT.fragmentsWithPings,
    ].map((start) => start()),
  );
  // Most of the thousand go to servers that answer at once; the slow ones get some too.
  const urls = servers.flatMap(({ url }, index) => {
    const slow = [0, 8, 9, 11].includes(index);
    return Array.from({ length: slow ? 1 : 10 }, () => url);
  });
  let started = 0;
  const work = async () => {
    while (started < CHECKS) {
      const url = urls[started % urls.length] ?? "";
      started += 1;
      const observation = await probe.check({ ...SPEC, url });
      expect(observation.blame).not.toBe("probe");
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const open = () => servers.reduce((total, server) => total + server.connections(), 0);
  await expect.poll(open, { timeout: 5_000 }).toBe(0);
  await Promise.all(servers.map((server) => server.close()));
}, 120_000);
