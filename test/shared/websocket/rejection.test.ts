/** Answers that refuse the upgrade: what is kept of them, however they are framed (RFC 9112 §6). */
import { describe, expect, it } from "vitest";
import { ByteServer, type ByteServerOptions } from "./byte-server.ts";
import { chop, concat, hex, utf8 } from "./bytes.ts";
import { text } from "./frame-bytes.ts";

function refusal(headers: string, body: string | Uint8Array, status = "503 Service Unavailable") {
  const bytes = typeof body === "string" ? utf8(body) : body;
  return concat([utf8(`HTTP/1.1 ${status}\r\n${headers}\r\n`), bytes]);
}

/** The body that is reported without the connection ending; null: it is still awaited. */
function bodyBeforeEnd(bytes: Uint8Array, options: ByteServerOptions = {}): string | null {
  const whole = new ByteServer(options).send(bytes);
  const dripped = new ByteServer(options).send(...chop(bytes, 1));
  expect(dripped.events).toEqual(whole.events);
  return whole.eventsOf("rejected")[0]?.body ?? null;
}

describe("a refusal", () => {
  it("is reported with status, headers and body, after its head", () => {
    const server = new ByteServer().send(refusal("Content-Length: 4\r\nX-A: b\r\n", "busy"));
    const headers = [
      ["Content-Length", "4"],
      ["X-A", "b"],
    ];
    expect(server.events.slice(1)).toMatchObject([
      { type: "response", status: 503, headers },
      { type: "rejected", status: 503, headers, body: "busy" },
    ]);
    expect(server.client.state).toBe("closed");
  });

  it("tells its head before its body has come", () => {
    const server = new ByteServer().send(refusal("Content-Length: 400\r\n", "b"));
    expect(server.eventsOf("response")).toHaveLength(1);
    expect(server.eventsOf("rejected")).toEqual([]);
    expect(server.client.state).toBe("connecting");
  });

  it.each<[string, Uint8Array, string | null]>([
    ["a length", refusal("Content-Length: 2\r\n", "ok and more"), "ok"],
    ["a length of zero", refusal("Content-Length: 0\r\n", ""), ""],
    ["the same length twice", refusal("Content-Length: 2\r\nContent-Length: 2\r\n", "ok!"), "ok"],
    ["two lengths", refusal("Content-Length: 1\r\nContent-Length: 2\r\n", "ok"), null],
    ["a length that is no number", refusal("Content-Length: two\r\n", "ok"), null],
    ["no length", refusal("", "ok"), null],
    ["no body by its status", refusal("Content-Length: 9\r\n", "", "304 Not Modified"), ""],
    ["no content", refusal("", "", "204 No Content"), ""],
    [
      "chunks",
      refusal("Transfer-Encoding: chunked\r\n", "4\r\nbusy\r\n1;x=y\r\n!\r\n0\r\n\r\n"),
      "busy!",
    ],
    ["chunks under way", refusal("Transfer-Encoding: gzip, Chunked\r\n", "4\r\nbu"), null],
    [
      "chunks with a bad size",
      refusal("Transfer-Encoding: chunked\r\n", "2\r\nok\r\nzz\r\n"),
      "ok",
    ],
    [
      "chunks with an endless size line",
      refusal("Transfer-Encoding: chunked\r\n", `2\r\nok\r\n${"1".repeat(300)}`),
      "ok",
    ],
    [
      "chunks, and a length that does not count",
      refusal("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "2\r\nok\r\n0\r\n"),
      "ok",
    ],
    [
      "another coding, and a length that does not count",
      refusal("Transfer-Encoding: gzip\r\nContent-Length: 2\r\n", "ok"),
      null,
    ],
  ])("is complete after %s", (_what, bytes, body) => {
    expect(bodyBeforeEnd(bytes)).toBe(body);
  });

  it.each(["HTTP/1.1 200 OK", "HTTP/1.0 404 Not Found", "HTTP/1.1 999 Denied", "HTTP/1.1 600 "])(
    "may have the status line %j",
    (statusLine) => {
      const server = new ByteServer().send(utf8(`${statusLine}\r\nContent-Length: 0\r\n\r\n`));
      expect(server.eventsOf("rejected")).toHaveLength(1);
    },
  );

  it("counts with what arrived when the connection ends", () => {
    const server = new ByteServer().send(refusal("Content-Length: 99\r\n", "sorry")).end();
    expect(server.eventsOf("rejected")).toMatchObject([{ status: 503, body: "sorry" }]);
    expect(server.events.at(-1)).toEqual({ type: "ended", clean: false });
    expect(server.eventsOf("violation")).toEqual([]);
  });

  it("is cut at the limit, in every framing", () => {
    const limits = { rejectionBodyBytesMax: 8 };
    const words = "0123456789";
    expect(bodyBeforeEnd(refusal("", words), { limits })).toBe("01234567");
    expect(bodyBeforeEnd(refusal("Content-Length: 10\r\n", words), { limits })).toBe("01234567");
    const chunks = refusal("Transfer-Encoding: chunked\r\n", `a\r\n${words}\r\n0\r\n\r\n`);
    expect(bodyBeforeEnd(chunks, { limits })).toBe("01234567");
  });

  it("shows a body that is not UTF-8 as far as it can be read", () => {
    expect(bodyBeforeEnd(refusal("Content-Length: 3\r\n", hex("61 ff 62")))).toBe("a\ufffdb");
  });

  it("leaves out a character that the limit cuts", () => {
    const limits = { rejectionBodyBytesMax: 4 };
    expect(bodyBeforeEnd(refusal("", "abc\u00e9"), { limits })).toBe("abc");
  });

  it("is the end: nothing after it is looked at", () => {
    const server = new ByteServer().send(refusal("Content-Length: 0\r\n", ""), text("hello"));
    expect(server.eventsOf("text")).toEqual([]);
    server.end();
    expect(server.events.at(-1)).toEqual({ type: "ended", clean: false });
    expect(server.takeFrames()).toEqual([]);
  });
});
