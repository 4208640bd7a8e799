/** The gallery of bad servers, checked in the real runtime: what each must be called, exactly. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import type { Reason } from "../../../shared/probe/reason.ts";
import { reasonFacts } from "../../../shared/probe/reason.ts";
import {
  NOT_HTTP,
  ODD_BUT_RIGHT,
  REJECTIONS,
  WRONG_CLOSES,
  WRONG_DIALOGUES,
  WRONG_FRAMES,
  WRONG_UPGRADES,
} from "../../support/bad-servers.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { RunningServer } from "../../support/raw-server.ts";
import { freePort } from "../../../workers/local/services/http-server.ts";

const TIMEOUT_MS = 500;
/** What a busy machine may add: to a timer, and on the way through Miniflare. */
const LATE_MS = 100;
const OVERHEAD_MS = 1_000;

const ECHO: Partial<CheckSpec> = { dialogue: [{ echo: { count: 1, bytes: 32 } }] };
const ECHOES: Partial<CheckSpec> = { dialogue: [{ echo: { count: 20, bytes: 32 } }] };
const PING: Partial<CheckSpec> = { dialogue: [{ ping: { count: 2 } }] };
const DEFLATE: Partial<CheckSpec> = { ...ECHO, compression: true };

type Row<Name extends string> = Readonly<
  Record<Name, readonly [reason: Reason, message: RegExp, spec?: Partial<CheckSpec>]>
>;

const NOT_HTTP_ROWS: Row<keyof typeof NOT_HTTP> = {
  neverAccepting: ["connect_timeout", /not accepted in time/],
  silent: ["upgrade_timeout", /did not answer the upgrade request in time/],
  closesAtOnce: ["upgrade_invalid", /closed|ended/],
  closesOnRequest: ["upgrade_invalid", /closed|ended/],
  resetsOnRequest: ["upgrade_invalid", /closed|ended/],
  closesInTheHead: ["upgrade_invalid", /closed|ended/],
  speaksSsh: ["upgrade_invalid", /SSH-2\.0/],
  speaksTls: ["upgrade_invalid", /not valid HTTP/],
  dripsTheHead: ["upgrade_timeout", /did not answer/],
  endlessHeader: ["upgrade_invalid", /16384|16 KiB|too long|larger/],
  endlessInterim: ["upgrade_invalid", /interim|informational|1xx/i],
};

const REJECTION_ROWS: Row<keyof typeof REJECTIONS> = {
  ok: ["upgrade_ignored", /200 OK.*It works!/],
  badRequest: ["upgrade_ignored", /400 Bad Request.*missing upgrade/],
  unauthorized: ["upgrade_unauthorized", /401 Unauthorized/],
  forbidden: ["upgrade_unauthorized", /403 Forbidden.*origin not allowed/],
  notFound: ["upgrade_rejected", /404 Not Found/],
  upgradeRequired: ["upgrade_ignored", /426 Upgrade Required/],
  tooMany: ["upgrade_overloaded", /429 Too Many Requests/],
  serverError: ["upgrade_rejected", /500 Internal Server Error/],
  badGateway: ["upgrade_rejected", /502 Bad Gateway/],
  unavailable: ["upgrade_overloaded", /503 Service Unavailable.*no healthy upstream/],
  redirects: ["upgrade_redirected", /points to https:\/\/login\.example\.com\/\?next=\[redacted\]/],
  endlessBody: ["upgrade_ignored", /200 OK/],
  neverEndingBody: ["upgrade_overloaded", /503 Service Unavailable.*busy/],
};

const UPGRADE_ROWS: Row<keyof typeof WRONG_UPGRADES> = {
  noUpgradeHeader: ["upgrade_header_missing", /Upgrade/],
  wrongUpgradeHeader: ["upgrade_header_missing", /h2c/],
  noConnectionHeader: ["upgrade_header_missing", /Connection/],
  noAccept: ["accept_mismatch", /Sec-WebSocket-Accept/],
  wrongAccept: ["accept_mismatch", /Sec-WebSocket-Accept/],
  acceptOfAnotherKey: ["accept_mismatch", /Sec-WebSocket-Accept/],
  otherSubprotocol: ["subprotocol_mismatch", /mqtt/, { subprotocols: ["chat.v2"] }],
  unrequestedExtension: ["extension_unrequested", /x-webkit-magic/],
  unrequestedDeflate: ["extension_unrequested", /permessage-deflate/],
  otherHeader: [
    "handshake_assertion_failed",
    /Expected the header "x-backend: blue", but "x-backend: green" came/,
    { handshake: { headers: [["x-backend", "blue"]], subprotocol: null } },
  ],
  headerTooMuch: [
    "handshake_assertion_failed",
    /Expected no header Set-Cookie, but "Set-Cookie: \[redacted\]" came/,
    { handshake: { headers: [["Set-Cookie", null]], subprotocol: null } },
  ],
  olderSubprotocol: [
    "handshake_assertion_failed",
    /Expected the subprotocol "chat\.v2", but "chat\.v1" was chosen/,
    {
      subprotocols: ["chat.v2", "chat.v1"],
      handshake: { headers: [], subprotocol: "chat.v2" },
    },
  ],
  spaceBeforeColon: ["upgrade_invalid", /not valid HTTP/],
};

const FRAME_ROWS: Row<keyof typeof WRONG_FRAMES> = {
  masked: ["frame_masked", /closed with 1002/],
  reservedBit2: ["frame_reserved_bits", /closed with 1002/],
  compressedUnasked: ["frame_reserved_bits", /closed with 1002/],
  unknownOpcode: ["frame_opcode_unknown", /0x3.*closed with 1002/],
  unknownControl: ["frame_opcode_unknown", /0xb.*closed with 1002/i],
  http: ["frame_reserved_bits", /closed with 1002/],
  fragmentedPing: ["frame_control_fragmented", /closed with 1002/],
  longPing: ["frame_control_too_long", /closed with 1002/],
  lengthIn2Bytes: ["frame_length_invalid", /closed with 1002/],
  lengthIn8Bytes: ["frame_length_invalid", /closed with 1002/],
  lengthWithSign: ["frame_length_invalid", /closed with 1002/],
  continuationFirst: ["continuation_unexpected", /closed with 1002/],
  messageInMessage: ["continuation_unexpected", /closed with 1002/],
  latin1: ["utf8_invalid", /closed with 1007/],
  cutCharacter: ["utf8_invalid", /closed with 1007/],
  badTextInFragment: ["utf8_invalid", /closed with 1007/],
  closeCode1005: ["close_code_invalid", /1005.*closed with 1002/],
  closeCode999: ["close_code_invalid", /999.*closed with 1002/],
  closeOneByte: ["close_code_invalid", /closed with 1002/],
  closeReasonNotText: ["utf8_invalid", /closed with 1007/],
  hugeMessage: ["message_too_big", /closed with 1009/],
  endlessMessage: ["message_too_big", /closed with 1009/, { timeoutMs: 3_000 }],
  notDeflated: ["inflate_failed", /closed with 1007/, DEFLATE],
  zipBomb: ["message_too_big", /closed with 1009/, { ...DEFLATE, timeoutMs: 3_000 }],
};

const DIALOGUE_ROWS: Row<keyof typeof WRONG_DIALOGUES> = {
  silentAfterUpgrade: ["message_timeout", /0 of 1 messages came back; nothing arrived/],
  greetsOnly: ["message_mismatch", /another message arrived, the last: "welcome"/],
  dripsAMessage: ["message_timeout", /0 of 1 messages came back/],
  // A nonce of digits alone is not changed by it: then the message is known for the one that was sent.
  shouts: ["message_mismatch", /(the last|changed): "[0-9A-F]{8}-0-ABC/],
  cutsShort: ["message_mismatch", /came back changed/],
  losesTheThird: ["message_timeout", /19 of 20 messages came back; nothing/, ECHOES],
  swapsPairs: ["message_mismatch", /10 of 20 messages came back out of order: message 1/, ECHOES],
  changesTheThird: ["message_mismatch", /1 of 20 messages came back changed: "/, ECHOES],
  complains: ["message_mismatch", /not today/],
  answersInBinary: ["message_mismatch", /32 binary bytes/],
  noPong: ["pong_timeout", /Ping 1 was not answered/, PING],
  otherPong: ["pong_timeout", /Ping 1 was not answered; a pong with other data arrived: ""/, PING],
  floods: ["message_mismatch", /other messages arrived, the last: "tick"/],
  floodsPings: ["message_timeout", /0 of 1 messages came back/],
  closesWith1011: ["closed_by_peer", /1011.*database is down/],
  closesWith4001: ["closed_by_peer", /4001.*token expired/],
  closesWithoutCode: ["closed_by_peer", /without a code/],
  endsWithoutClose: ["connection_lost", /No close frame/],
  resets: ["connection_lost", /reset/],
};

const CLOSE_ROWS: Row<Exclude<keyof typeof WRONG_CLOSES, "endsInsteadOfClose">> = {
  ignoresClose: ["close_timeout", /did not answer the close frame/],
  keepsConnection: ["close_timeout", /kept the connection open/],
};

let probe: ProbeRuntime;
beforeAll(async () => {
  probe = await startProbe();
});
afterAll(async () => {
  await probe.stop();
});

async function withServer<T>(
  start: () => Promise<RunningServer>,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const server = await start();
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

async function judge(
  start: () => Promise<RunningServer>,
  [reason, message, spec = ECHO]: readonly [Reason, RegExp, Partial<CheckSpec>?],
) {
  await withServer(start, async (server) => {
    const timeoutMs = spec.timeoutMs ?? TIMEOUT_MS;
    const startedAtMs = performance.now();
    const observation = await probe.check({ url: server.url, ...ECHO, ...spec, timeoutMs });
    const tookMs = performance.now() - startedAtMs;
    const { phase, status, blame } = reasonFacts(reason);
    expect(observation).toMatchObject({ status, phase, reason, blame });
    expect(observation.message).toMatch(message);
    expect(observation.timings.totalMs).toBeLessThanOrEqual(timeoutMs + LATE_MS);
    expect(tookMs).toBeLessThan(timeoutMs + OVERHEAD_MS);
    expect(observation.transcript?.entries.length).toBeGreaterThan(0);
    await expect.poll(() => server.connections()).toBe(0);
  });
}

const entries = <T>(rows: Record<string, T>) => Object.entries(rows);
const pick = <T>(gallery: Record<string, T>, name: string): T => {
  const factory = gallery[name];
  if (factory === undefined) throw new Error(`the gallery has no ${name}`);
  return factory;
};

describe("a check of a bad server", () => {
  it.each(entries(NOT_HTTP_ROWS))("that does not speak HTTP: %s", async (name, row) => {
    await judge(pick(NOT_HTTP, name), row);
  });

  it.each(entries(REJECTION_ROWS))("that does not upgrade: %s", async (name, row) => {
    await judge(pick(REJECTIONS, name), row);
  });

  it.each(entries(UPGRADE_ROWS))("that upgrades wrongly: %s", async (name, row) => {
    await judge(pick(WRONG_UPGRADES, name), row);
  });

  it.each(entries(FRAME_ROWS))("that breaks the framing: %s", async (name, row) => {
    await judge(pick(WRONG_FRAMES, name), row);
  });

  it.each(entries(DIALOGUE_ROWS))("that breaks off the dialogue: %s", async (name, row) => {
    await judge(pick(WRONG_DIALOGUES, name), row);
  });

  it.each(entries(CLOSE_ROWS))("that does not close: %s", async (name, row) => {
    await judge(pick(WRONG_CLOSES, name), row);
  });

  it("that does not listen", async () => {
    const url = `ws://127.0.0.1:${await freePort()}/`;
    const observation = await probe.check({ url, ...ECHO });
    expect(observation).toMatchObject({
      status: "down",
      phase: "connect",
      reason: "connect_failed",
      blame: "network",
    });
  });
});

describe("a check of a server that is odd but right", () => {
  it.each(entries(ODD_BUT_RIGHT))("finds it up: %s", async (_name, start) => {
    await withServer(start, async (server) => {
      const dialogue = [{ echo: { count: 2, bytes: 32 } }, { ping: { count: 1 } }];
      const observation = await probe.check({ url: server.url, dialogue });
      expect(observation).toMatchObject({
        status: "up",
        reason: null,
        echo: { count: 2, received: 2 },
        ping: { sent: 1, received: 1 },
        close: { code: 1000, clean: true },
        transcript: null,
      });
    });
  });

  it("finds it up when it ends the connection instead of answering the close", async () => {
    await withServer(WRONG_CLOSES.endsInsteadOfClose, async (server) => {
      const observation = await probe.check({ url: server.url, ...ECHO });
      expect(observation).toMatchObject({ status: "up", close: { code: 1006, clean: false } });
      expect(observation.message).toMatch(/ended the connection without a close frame/);
    });
  });
});
