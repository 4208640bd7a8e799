/** A check as a packet capture, read back byte by byte. */
import { describe, expect, it } from "vitest";
import { encodeCapture } from "../../../shared/probe/capture.ts";
import type { Observation, TranscriptEntry } from "../../../shared/probe/observation.ts";
import { emptyTimings } from "../../../shared/probe/observation.ts";
import type { ReadCapture, ReadPacket } from "../../support/capture-reader.ts";
import { readCapture } from "../../support/capture-reader.ts";
import { makeObservation } from "../../support/observation.ts";

const T = Date.parse("2026-11-20T14:00:00Z");
const REQUEST = "GET /ws HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket";
const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket";

type Direction = TranscriptEntry["direction"];

const note = (atMs: number, text: string): TranscriptEntry => {
  return { atMs, direction: "note", kind: "note", bytes: null, text };
};
const head = (atMs: number, direction: Direction, text: string): TranscriptEntry => {
  return { atMs, direction, kind: "head", bytes: text.length + 4, text };
};
const frame = (
  atMs: number,
  direction: Direction,
  text: string,
  fields: { opcode?: number; fin?: boolean; rsv1?: boolean; payloadBytes?: number } = {},
  payload?: Buffer,
): TranscriptEntry => ({
  atMs,
  direction,
  kind: "text",
  bytes: 0,
  text,
  frame: { opcode: 1, fin: true, rsv1: false, payloadBytes: text.length, ...fields },
  ...(payload === undefined ? {} : { payload: payload.toString("base64") }),
});
const end = (atMs: number, kind: "end" | "reset"): TranscriptEntry => {
  return { atMs, direction: "received", kind, bytes: 0, text: "It ended." };
};
const HEADS = [head(2, "sent", REQUEST), head(5, "received", ANSWER)];

function capture(
  entries: TranscriptEntry[],
  fields: Partial<Observation> = {},
  url = "ws://chat.example.com:8080/ws",
  omitted = 0,
): ReadCapture {
  const observation = makeObservation({
    region: "eu-central",
    startedAtMs: T,
    address: { ip: "203.0.113.7", family: 4 },
    timings: { ...emptyTimings(), dnsMs: 10, tcpMs: 1.5, totalMs: 40 },
    ...fields,
  });
  return readCapture(encodeCapture({ observation, transcript: { entries, omitted }, url }));
}

const data = ({ packets }: ReadCapture) => packets.filter(({ payloadBytes }) => payloadBytes > 0);
const contents = (read: ReadCapture) => data(read).map(({ payload }) => payload.toString("latin1"));
const shape = ({ flags, from, sequence, acknowledgement }: ReadPacket) =>
  [from, flags, sequence, acknowledgement].join(" ");

describe("a capture", () => {
  it("has a handshake before, and an end after what was said, with numbers that fit", () => {
    const read = capture([...HEADS, frame(6, "sent", "hello"), end(8, "end")]);
    const [request, answer] = [REQUEST.length + 4, ANSWER.length + 4];
    const [probe, server] = ["192.0.2.1:49152", "203.0.113.7:8080"];
    expect(read.packets.map(shape)).toEqual([
      `${probe} S 0 0`,
      `${server} SA 0 1`,
      `${probe} A 1 1`,
      `${probe} PA 1 1`,
      `${server} PA 1 ${1 + request}`,
      `${probe} PA ${1 + request} ${1 + answer}`,
      `${server} FA ${1 + answer} ${1 + request + 11}`,
      `${probe} FA ${1 + request + 11} ${2 + answer}`,
      `${server} A ${2 + answer} ${2 + request + 11}`,
    ]);
  });

  it("has each packet at its time, counted from dialling", () => {
    const { packets } = capture([...HEADS, end(8.2, "end")]);
    const sinceStart = packets.map(({ atMicroseconds }) => atMicroseconds - T * 1_000);
    expect(sinceStart).toEqual([10_000, 11_500, 11_500, 12_000, 15_000, 18_200, 40_000, 40_000]);
  });

  it.each([
    ["203.0.113.7", 4, "192.0.2.1", "203.0.113.7"],
    ["127.0.0.1", 4, "127.0.0.1", "127.0.0.1"],
    ["2001:db8::9", 6, "[2001:db8::1]", "[2001:db8::9]"],
    ["::1", 6, "[::1]", "[::1]"],
  ] as const)("has right checksums between the addresses of a check of %s", (ip, family, a, b) => {
    const odd = frame(6, "received", "odd");
    const read = capture([...HEADS, odd, end(7, "end")], { address: { ip, family } });
    for (const packet of read.packets) {
      expect(packet).toMatchObject({ family, ipChecksumRight: true, tcpChecksumRight: true });
      expect([packet.from, packet.to].sort()).toEqual([`${a}:49152`, `${b}:8080`].sort());
    }
  });

  it("has heads as they were sent, and frames of which sent ones are masked with zero", () => {
    const read = capture([
      ...HEADS,
      frame(6, "sent", "hello"),
      frame(7, "received", "hel", { fin: false }),
      frame(7, "received", "lo", { opcode: 0 }),
      frame(8, "received", "de ad", { opcode: 2, payloadBytes: 2 }, Buffer.from("dead", "hex")),
      frame(8, "received", "(compressed) 4a", { rsv1: true, payloadBytes: 1 }, Buffer.from("J")),
      frame(8, "received", "x".repeat(126)),
    ]);
    expect(contents(read)).toEqual([
      `${REQUEST}\r\n\r\n`,
      `${ANSWER}\r\n\r\n`,
      "\x81\x85\0\0\0\0hello",
      "\x01\x03hel",
      "\x80\x02lo",
      "\x82\x02\xde\xad",
      "\xc1\x01J",
      `\x81\x7e\0\x7e${"x".repeat(126)}`,
    ]);
  });

  it("has cut packets where payloads were cut, and goes on after what is missing", () => {
    const cut = frame(6, "received", "begin…", { payloadBytes: 1_000 });
    const huge = frame(7, "received", "begin…", { payloadBytes: 200_000 });
    const read = capture([...HEADS, cut, huge, frame(8, "received", "next")]);
    const [, , first, second, third] = data(read);
    expect(first?.payload.toString("latin1")).toBe("\x81\x7e\x03\xe8begin");
    expect(first).toMatchObject({ capturedBytes: 54 + 9, originalBytes: 54 + 1_004 });
    expect(second?.payload.toString("latin1")).toBe("\x81\x7f\0\0\0\0\0\x03\x0d\x40begin");
    expect(second?.payloadBytes).toBe(61_440);
    expect(second?.sequence).toBe((first?.sequence ?? 0) + 1_004);
    expect(third?.sequence).toBe((second?.sequence ?? 0) + 200_010);
    expect(third?.payload.toString("latin1")).toBe("\x81\x04next");
    expect(read.comment).toContain("Long payloads are cut.");
  });

  it("spreads a large payload that is known in full over several packets", () => {
    const bytes = Buffer.alloc(150_000, "abc");
    const large = frame(6, "received", "61…", { opcode: 2, payloadBytes: 150_000 }, bytes);
    const sent = data(capture([...HEADS, large])).slice(2);
    expect(sent.map(({ payloadBytes }) => payloadBytes)).toEqual([61_440, 61_440, 27_130]);
    expect(Buffer.concat(sent.map(({ payload }) => payload)).subarray(10)).toEqual(bytes);
    expect(sent.every(({ tcpChecksumRight }) => tcpChecksumRight)).toBe(true);
  });

  it("has what was neither head nor frame as it came", () => {
    const raw = Buffer.from([0xc1, 0xff, 0x00]);
    const violating: TranscriptEntry = {
      atMs: 6,
      direction: "received",
      kind: "data",
      bytes: 3,
      text: "c1 ff 00",
      payload: raw.toString("base64"),
    };
    expect(data(capture([...HEADS, violating])).at(-1)?.payload).toEqual(raw);
  });

  it("ends a head early that was cut, so that it still reads as one", () => {
    const read = capture([head(2, "sent", `${REQUEST}\r\nCookie: a=b; c…`)]);
    expect(contents(read)).toEqual([`${REQUEST}\r\n\r\n`]);
    expect(data(read)[0]?.comment).toBe("Only the beginning of this head was kept.");
  });

  it("ends with a reset where the server reset the connection", () => {
    const { packets } = capture([...HEADS, end(8, "reset")]);
    expect(packets.at(-1)).toMatchObject({ flags: "RA", from: "203.0.113.7:8080" });
  });

  it("carries the probe's remarks as comments of the packets that they precede", () => {
    const read = capture([
      note(0, "Dialling."),
      note(1.5, "TCP connection open."),
      ...HEADS,
      note(9, "No more time to wait for the answer."),
    ]);
    expect(read.packets[0]?.comment).toBe("+0.0 ms: Dialling.\n+1.5 ms: TCP connection open.");
    expect(read.packets.at(-1)?.comment).toBe("+9.0 ms: No more time to wait for the answer.");
  });

  it("has one unanswered packet of a connection that never opened, none where none was tried", () => {
    const entries = [note(0, "Dialling.")];
    const timings = emptyTimings();
    const unanswered = capture(entries, { phase: "connect", blame: "network", timings });
    expect(unanswered.packets.map(({ flags }) => flags)).toEqual(["S"]);
    expect(capture(entries, { phase: "connect", blame: "probe", timings }).packets).toEqual([]);
    expect(capture([], { phase: "dns", blame: "target", timings }).packets).toEqual([]);
  });

  it("shows decrypted bytes on port 80, and says on which they were", () => {
    const read = capture(HEADS, {}, "wss://chat.example.com:8443/ws");
    expect(read.packets[0]?.to).toBe("203.0.113.7:80");
    expect(read.comment).toContain("what it carried on port 8443 is shown on port 80");
    expect(capture(HEADS, {}, "wss://chat.example.com/").comment).toContain("on port 443 is");
  });

  it("says what it is, what is made up, and how much was left out", () => {
    const read = capture(HEADS, { address: null }, "ws://chat.example.com/?token=sesame", 12);
    expect(read).toMatchObject({ linkType: 1, interfaceName: "region eu-central" });
    expect(read.application).toMatch(/^Echoquorum \d/);
    expect(read.comment).toMatch(
      /^Check chat of chat\.example\.com from eu-central at 2026-11-20T/,
    );
    expect(read.comment).toContain("made up");
    expect(read.comment).toContain("12 entries");
    expect(read.comment).not.toContain("sesame");
    expect(read.packets[0]?.to).toBe("192.0.2.2:80");
  });
});
