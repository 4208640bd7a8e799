/** What the client asks for, and how it judges each answer (RFC 6455 §4.1). */
import { describe, expect, it } from "vitest";
import { acceptKey, encodeKey } from "../../../shared/websocket/accept-key.ts";
import { ACCEPT, answer, ByteServer, KEY, type ByteServerOptions } from "./byte-server.ts";
import { chop, concat, hex, utf8 } from "./bytes.ts";
import { text } from "./frame-bytes.ts";

/** The violation that an answer causes, whole and byte by byte. */
function violationOf(bytes: Uint8Array, options: ByteServerOptions = {}) {
  const whole = new ByteServer(options).send(bytes).end();
  const dripped = new ByteServer(options).send(...chop(bytes, 1)).end();
  expect(dripped.events).toEqual(whole.events);
  expect(whole.client.state).toBe("closed");
  expect(whole.events.at(-1)).toEqual({ type: "ended", clean: false });
  expect(whole.takeFrames()).toEqual([]);
  return whole.eventsOf("violation")[0];
}

describe("the request", () => {
  it("asks for an upgrade and nothing else by default", () => {
    expect(new ByteServer().request).toBe(
      "GET /socket HTTP/1.1\r\n" +
        "Host: example.com\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        `Sec-WebSocket-Key: ${KEY}\r\n` +
        "Sec-WebSocket-Version: 13\r\n" +
        "\r\n",
    );
  });

  it("offers subprotocols, origin, user agent and further headers in order", () => {
    const { request } = new ByteServer({
      host: "[::1]:8443",
      target: "/a/b?c=%20d",
      subprotocols: ["mqtt", "v2.stomp"],
      origin: "https://example.org",
      userAgent: "Echoquorum/1 (region=eu)",
      headers: [
        ["Authorization", "Bearer abc"],
        ["X-One", "1"],
        ["X-One", "2"],
      ],
    });
    expect(request).toContain("GET /a/b?c=%20d HTTP/1.1\r\nHost: [::1]:8443\r\n");
    expect(request).toContain(
      "Sec-WebSocket-Protocol: mqtt, v2.stomp\r\n" +
        "Origin: https://example.org\r\n" +
        "User-Agent: Echoquorum/1 (region=eu)\r\n" +
        "Authorization: Bearer abc\r\nX-One: 1\r\nX-One: 2\r\n\r\n",
    );
  });

  it("lets a given User-Agent replace the usual one", () => {
    const { request } = new ByteServer({ userAgent: "ours", headers: [["user-agent", "theirs"]] });
    expect(request).toContain("user-agent: theirs");
    expect(request).not.toContain("ours");
  });

  it.each<[string, ByteServerOptions]>([
    ["a line break in a value", { headers: [["X", "a\r\nHost: evil"]] }],
    ["a line break in the origin", { origin: "https://a\nb" }],
    ["a name that is no token", { headers: [["X Y", "1"]] }],
    ["a header of the handshake", { headers: [["Sec-WebSocket-Key", "1"]] }],
    ["a second Host", { headers: [["host", "other"]] }],
    ["a body", { headers: [["Content-Length", "3"]] }],
    ["a space in the host", { host: "a b" }],
    ["an empty host", { host: "" }],
    ["a target without a slash", { target: "socket" }],
    ["a space in the target", { target: "/a b" }],
    ["a subprotocol with a comma", { subprotocols: ["a,b"] }],
    ["a subprotocol twice", { subprotocols: ["a", "a"] }],
  ])("refuses %s", (_what, options) => {
    expect(() => new ByteServer(options)).toThrow(TypeError);
  });

  it("does not repeat a secret value in its complaint", () => {
    const options = { headers: [["Authorization", "Bearer s3cret\r\n"]] } as const;
    expect(() => new ByteServer(options)).toThrow(/value of the header Authorization has control/);
    expect(() => new ByteServer(options)).not.toThrow(/s3cret/);
  });

  it("needs a key of sixteen bytes", () => {
    expect(() => new ByteServer({ keyBytes: new Uint8Array(15) })).toThrow(RangeError);
  });

  it("derives the accept value of the example in RFC 6455 §1.3", () => {
    expect(encodeKey(utf8("the sample nonce"))).toBe("dGhlIHNhbXBsZSBub25jZQ==");
    expect(acceptKey("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });
});

describe("a correct answer", () => {
  it("opens the connection", () => {
    const server = new ByteServer().send(answer());
    expect(server.client.state).toBe("open");
    expect(server.events.slice(1)).toEqual([
      {
        type: "response",
        status: 101,
        headers: [
          ["Upgrade", "websocket"],
          ["Connection", "Upgrade"],
          ["Sec-WebSocket-Accept", ACCEPT],
        ],
        head: Buffer.from(answer()).toString("latin1"),
      },
      { type: "open", subprotocol: null, extensions: null },
    ]);
  });

  it("is the same in every split, with the first frames in the same bytes", () => {
    const bytes = concat([answer(), text("first"), text("second")]);
    const whole = new ByteServer().send(bytes);
    expect(whole.eventsOf("text").map((event) => event.text)).toEqual(["first", "second"]);
    for (let at = 1; at < bytes.length; at += 1) {
      const split = new ByteServer().send(bytes.slice(0, at), bytes.slice(at));
      expect(split.events).toEqual(whole.events);
    }
    expect(new ByteServer().send(...chop(bytes, 1)).events).toEqual(whole.events);
  });

  it.each<[string, Record<string, string>]>([
    ["names and tokens in any case", { Upgrade: "WebSocket", Connection: "UPGRADE" }],
    ["a list of connection options", { Connection: "keep-alive ,, Upgrade" }],
    ["further headers", { Server: "x", Date: "today", "Set-Cookie": "a=b" }],
    ["no space after the colon, and more than one", { "X-Tab": "\t value \t" }],
  ])("may have %s", (_what, headers) => {
    expect(new ByteServer().send(answer(headers)).client.state).toBe("open");
  });

  it.each([
    "HTTP/1.1 101 ",
    "HTTP/1.1 101",
    "HTTP/1.1 101 Web Socket Protocol Handshake",
    "HTTP/1.1 101 \u00e9tat",
  ])("may have the status line %j", (statusLine) => {
    const head = Buffer.from(Buffer.from(answer({}, statusLine)).toString("utf8"), "latin1");
    expect(new ByteServer().send(head).client.state).toBe("open");
  });

  it("may fold a header over lines, which are joined by one space", () => {
    const folded = answer({ Connection: "keep-alive,\r\n  \tUpgrade", "X-Two": "a\r\n b\r\n\tc" });
    const server = new ByteServer().send(folded);
    expect(server.client.state).toBe("open");
    const [response] = server.eventsOf("response");
    expect(response?.headers).toContainEqual(["Connection", "keep-alive, Upgrade"]);
    expect(response?.headers).toContainEqual(["X-Two", "a b c"]);
  });

  it("may come after interim responses, which its head keeps", () => {
    const interim = utf8("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 \r\n\r\n");
    const server = new ByteServer().send(concat([interim, answer()]));
    expect(server.client.state).toBe("open");
    const [response] = server.eventsOf("response");
    expect(response?.head).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n/);
    expect(response?.headers.map(([name]) => name)).not.toContain("Link");
  });

  it("may choose one of the offered subprotocols", () => {
    const server = new ByteServer({ subprotocols: ["a", "b"] });
    server.send(answer({ "Sec-WebSocket-Protocol": "b" }));
    expect(server.eventsOf("open")).toEqual([{ type: "open", subprotocol: "b", extensions: null }]);
  });
});

describe("a 101 answer that breaks the handshake", () => {
  it.each<[string, Record<string, string | null>, string, string, RegExp]>([
    ["no Upgrade", { Upgrade: null }, "upgrade_header_missing", "§4.1", /no Upgrade header/],
    ["Upgrade: h2c", { Upgrade: "h2c" }, "upgrade_header_missing", "§4.1", /"h2c" instead of/],
    [
      "two values of Upgrade",
      { Upgrade: "websocket, websocket" },
      "upgrade_header_missing",
      "§4.1",
      /"websocket, websocket" instead/,
    ],
    ["no Connection", { Connection: null }, "upgrade_header_missing", "§4.1", /no Connection head/],
    [
      "Connection: close",
      { Connection: "close" },
      "upgrade_header_missing",
      "§4.1",
      /Connection header "close" without "Upgrade"/,
    ],
    [
      "no accept value",
      { "Sec-WebSocket-Accept": null },
      "accept_mismatch",
      "§4.1",
      /no Sec-WebSocket-Accept header/,
    ],
    [
      "a wrong accept value",
      { "Sec-WebSocket-Accept": "AAAA" },
      "accept_mismatch",
      "§4.1",
      /is "AAAA", not "/,
    ],
    [
      "the accept value in another case",
      { "Sec-WebSocket-Accept": ACCEPT.toUpperCase() },
      "accept_mismatch",
      "§4.1",
      /value is/,
    ],
    [
      "the accept value twice",
      { "sec-websocket-accept": ACCEPT },
      "accept_mismatch",
      "§11.3.3",
      /more than one Sec-WebSocket-Accept/,
    ],
    [
      "a subprotocol that was not asked for",
      { "Sec-WebSocket-Protocol": "chat" },
      "subprotocol_mismatch",
      "§4.1",
      /"chat", which was not offered/,
    ],
    [
      "an extension that was not asked for",
      { "Sec-WebSocket-Extensions": "permessage-deflate" },
      "extension_unrequested",
      "§4.1",
      /"permessage-deflate", which was not offered/,
    ],
    [
      "a malformed list of extensions",
      { "Sec-WebSocket-Extensions": "a b" },
      "extension_unrequested",
      "§9.1",
      /"a b" is malformed/,
    ],
    [
      "an empty list of extensions",
      { "Sec-WebSocket-Extensions": "" },
      "extension_unrequested",
      "§9.1",
      /"" is malformed/,
    ],
  ])("is refused: %s", (_what, headers, reason, section, message) => {
    expect(violationOf(answer(headers))).toEqual({
      type: "violation",
      reason,
      section: `RFC 6455 ${section}`,
      closeCode: null,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, Record<string, string>, RegExp, string]>([
    ["none of those offered", {}, /none of the offered subprotocols \(a, b\)/, "§4.1"],
    ["one that differs by case", { "Sec-WebSocket-Protocol": "A" }, /"A", which/, "§4.1"],
    ["two of those offered", { "Sec-WebSocket-Protocol": "a, b" }, /"a, b", which/, "§4.1"],
    [
      "two, each in a header",
      { "Sec-WebSocket-Protocol": "a", "sec-websocket-protocol": "b" },
      /more than one Sec-WebSocket-Protocol/,
      "§11.3.4",
    ],
  ])("is refused when it chooses %s", (_what, headers, message, section) => {
    expect(violationOf(answer(headers), { subprotocols: ["a", "b"] })).toMatchObject({
      reason: "subprotocol_mismatch",
      section: `RFC 6455 ${section}`,
      message: expect.stringMatching(message),
    });
  });

  it("is refused in HTTP/1.0", () => {
    const violation = violationOf(answer({}, "HTTP/1.0 101 Switching Protocols"));
    expect(violation).toMatchObject({
      reason: "upgrade_invalid",
      message: expect.stringMatching(/HTTP\/1\.0/),
    });
  });

  it("shows no more than the beginning of a server's words, and only printable ones", () => {
    const violation = violationOf(answer({ Upgrade: `\u00e9"\\${"x".repeat(500)}` }));
    expect(violation?.message).toContain(String.raw`"\xc3\xa9\"\\xxx`);
    expect(violation?.message).toMatch(/x…" instead/);
    expect(violation?.message.length).toBeLessThan(200);
  });
});

const head = (lines: string) => utf8(`HTTP/1.1 101 Switching\r\n${lines}\r\n\r\n`);
const padded = (bytes: number) => answer({ "X-Pad": "x".repeat(bytes) });

describe("an answer that is not valid HTTP", () => {
  it.each<[string, Uint8Array, RegExp, string]>([
    ["nothing at all", utf8(""), /closed the connection without an answer/, "RFC 6455 §4.1"],
    ["half a head", utf8("HTTP/1.1 101 Swi"), /stops before the end of its head/, "RFC 9112 §8"],
    ["half the word HTTP", utf8("HTT"), /stops before the end/, "RFC 9112 §8"],
    ["another protocol", utf8("SSH-2.0-OpenSSH_9\r\n"), /an SSH server.*"SSH-2.0/, "RFC 9112 §4"],
    ["another protocol, cut off", utf8("+OK"), /begins with "\+OK"/, "RFC 9112 §4"],
    ["a TLS alert", hex("15 03 01 00 02 02 46"), /looks like TLS.*"\\x15"/, "RFC 9112 §4"],
    ["HTTP/2 settings", hex("00 00 12 04 00 00"), /looks like HTTP\/2/, "RFC 9112 §4"],
    ["HTTP/0.9 text", utf8(`<html>${"x".repeat(80)}`), /begins with "<html>/, "RFC 9112 §4"],
    ["HTTP/2 in words", utf8("HTTP/2.0 200 OK\r\n\r\n"), /version is not 1\.1/, "RFC 9112 §4"],
    ["a status of two digits", utf8("HTTP/1.1 20 OK\r\n\r\n"), /malformed stat/, "RFC 9112 §4"],
    ["status 099", utf8("HTTP/1.1 099 OK\r\n\r\n"), /malformed status line/, "RFC 9112 §4"],
    ["two spaces", utf8("HTTP/1.1  200 OK\r\n\r\n"), /malformed status line/, "RFC 9112 §4"],
    [
      "a control character in the reason",
      utf8("HTTP/1.1 200 O\u0001K\r\n\r\n"),
      /\\x01/,
      "RFC 9112 §4",
    ],
    ["line feeds alone", utf8("HTTP/1.1 101 OK\n\n"), /line feed alone/, "RFC 9112 §2.2"],
    ["one line feed alone", head("A: b\nC: d"), /line feed alone/, "RFC 9112 §2.2"],
    ["a carriage return inside", head("A: b\rc"), /control character.*b\\rc/, "RFC 9110 §5.5"],
    ["a NUL in a value", head("A: b\u0000c"), /control character/, "RFC 9110 §5.5"],
    ["a line without a colon", head("Upgrade websocket"), /not a header/, "RFC 9112 §5"],
    ["a space before the colon", head("Upgrade : websocket"), /not a header/, "RFC 9112 §5"],
    ["a header without a name", head(": websocket"), /not a header/, "RFC 9112 §5"],
    ["a fold before any header", head(" Upgrade: websocket"), /white space/, "RFC 9112 §2.2"],
    ["too many headers", head("A: b\r\n".repeat(128) + "A: b"), /more than 128/, "RFC 9110 §5.4"],
    [
      "too many interim responses",
      utf8("HTTP/1.1 100 Continue\r\n\r\n".repeat(9)),
      /more than 8 interim/,
      "RFC 9110 §15.2",
    ],
    ["a head without end", head(`A: ${"x".repeat(20_000)}`), /more than 16384 b/, "RFC 9112 §5.4"],
  ])("is refused: %s", (_what, bytes, message, section) => {
    expect(violationOf(bytes)).toEqual({
      type: "violation",
      reason: "upgrade_invalid",
      section,
      closeCode: null,
      message: expect.stringMatching(message),
    });
  });

  it("is recognised as TLS at its first byte, without waiting for more", () => {
    const server = new ByteServer().send(hex("16"));
    expect(server.eventsOf("violation")).toHaveLength(1);
  });

  it("accepts a head of exactly the limit and refuses one byte more", () => {
    const room = 1_024 - padded(0).length;
    const limits = { headBytesMax: 1_024 };
    expect(new ByteServer({ limits }).send(padded(room)).client.state).toBe("open");
    expect(new ByteServer({ limits }).send(padded(room + 1)).eventsOf("violation")).toHaveLength(1);
    expect(violationOf(padded(room + 1), { limits })?.message).toContain("1024 bytes");
  });
});
