/** Against a server that delays each phase by a known amount, each phase is measured rightly. */
import type { Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { IssuedCertificate } from "../../support/certificates.ts";
import { issueCertificate } from "../../support/certificates.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { OnConnection } from "../../support/raw-server.ts";
import { onRequest, startLateAccepting, startRawServer } from "../../support/raw-server.ts";
import { ClientFrames, serverFrame, switchingAnswer } from "../../support/server-frames.ts";

/** Delays that the server is told to keep, by phase, in milliseconds. */
const DELAYS_MS = { tls: 120, upgrade: 80, greeting: 60, echo: 100, ping: 70, close: 90 };
type Delayed = keyof typeof DELAYS_MS;

let authority: IssuedCertificate;
let probe: ProbeRuntime;
beforeAll(async () => {
  authority = await issueCertificate({ commonName: "Test Root", authority: true });
  probe = await startProbe({ authority: authority.cert });
});
afterAll(async () => {
  await probe.stop();
});

/** Waits, and notes how long it took in truth: a busy machine's timers are late. */
function delayed(phase: Delayed, tookMs: Map<Delayed, number>, then: () => void): void {
  const startedAtMs = performance.now();
  setTimeout(() => {
    tookMs.set(phase, performance.now() - startedAtMs);
    then();
  }, DELAYS_MS[phase]);
}

/** A WebSocket server that takes its time in everything. */
function slowly(tookMs: Map<Delayed, number>): OnConnection {
  return (socket) => {
    const frames = new ClientFrames();
    const write = (bytes: Buffer | string) => socket.writable && socket.write(bytes);
    onRequest(
      socket,
      (request) =>
        delayed("upgrade", tookMs, () => {
          write(switchingAnswer(request));
          delayed("greeting", tookMs, () => write(serverFrame({ opcode: 1, payload: "welcome" })));
        }),
      (bytes) => {
        for (const { opcode, payload } of frames.take(bytes)) {
          if (opcode === 1) {
            delayed("echo", tookMs, () => write(serverFrame({ opcode: 1, payload })));
          } else if (opcode === 9) {
            delayed("ping", tookMs, () => write(serverFrame({ opcode: 10, payload })));
          } else if (opcode === 8) {
            delayed("close", tookMs, () => socket.end(serverFrame({ opcode: 8, payload })));
          }
        }
      },
    );
  };
}

/** A server over TLS whose handshake begins late. */
async function startSlowTls(tookMs: Map<Delayed, number>) {
  const { cert, key } = await issueCertificate({
    commonName: "localhost",
    names: ["localhost"],
    issuer: authority,
  });
  const secured = createTlsServer({ cert, key }, slowly(tookMs));
  return await startRawServer((socket: Socket) => {
    socket.pause();
    delayed("tls", tookMs, () => secured.emit("connection", socket));
  });
}

/** What was measured, by what was delayed. */
function measured({ timings, echo, ping }: Observation): Record<Delayed, number | null> {
  return {
    tls: timings.tlsMs,
    upgrade: timings.upgradeMs,
    greeting: timings.firstMessageMs,
    echo: echo?.rttMs?.p50 ?? null,
    ping: ping?.rttMs?.p50 ?? null,
    close: timings.closeMs,
  };
}

const TRIES = 5;

describe("the timings of a check", () => {
  it("are those of the server, each within 15 ms or 10 %", async () => {
    const tookMs = new Map<Delayed, number>();
    const server = await startSlowTls(tookMs);
    const wrong: Array<[Delayed, number | null, number]> = [];
    // What else runs on the machine can only add to a measurement: one undisturbed try will do.
    for (let turn = 0; turn < TRIES; turn += 1) {
      const observation = await probe.check({
        url: `wss://localhost:${server.port}/`,
        dialogue: [
          { expect: { equals: "welcome" } },
          { echo: { count: 1, bytes: 32 } },
          { ping: { count: 1 } },
        ],
      });
      expect(observation).toMatchObject({ status: "up", close: { code: 1000, clean: true } });
      const values = measured(observation);
      wrong.length = 0;
      for (const [phase, actualMs] of tookMs) {
        const valueMs = values[phase];
        const toleranceMs = Math.max(15, actualMs * 0.1);
        if (valueMs === null || Math.abs(valueMs - actualMs) > toleranceMs) {
          wrong.push([phase, valueMs, actualMs]);
        }
      }
      const { timings } = observation;
      const totalMs = [...tookMs.values()].reduce((sum, value) => sum + value, 0);
      expect(timings.tcpMs).toBeLessThan(DELAYS_MS.tls);
      expect(timings.totalMs).toBeGreaterThanOrEqual(Math.floor(totalMs) - tookMs.size);
      if (wrong.length === 0) break;
    }
    await server.close();
    expect(wrong).toEqual([]);
  });

  it("count the wait for a connection that is accepted late as TCP", async () => {
    const server = await startLateAccepting(300);
    const observation = await probe.check({ url: server.url, timeoutMs: 1_600 });
    await server.close();
    expect(observation.reason).toBe("upgrade_timeout");
    // The kernel repeats an unanswered attempt after one second.
    expect(observation.timings.tcpMs).toBeGreaterThanOrEqual(900);
    expect(observation.timings.tcpMs).toBeLessThan(1_400);
  });
});
