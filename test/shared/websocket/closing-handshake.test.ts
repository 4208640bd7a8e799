/** The closing handshake from either side, and connections that end without one (RFC 6455 §7). */
import { describe, expect, it } from "vitest";
import { closeCodeName, isSendableCloseCode } from "../../../shared/websocket/close-code.ts";
import { answer, ByteServer } from "./byte-server.ts";
import { concat, utf8 } from "./bytes.ts";
import { close, continuation, ping, text } from "./frame-bytes.ts";

describe("a close frame from the server", () => {
  it("is answered with its code, and the connection ends cleanly", () => {
    const server = ByteServer.open().send(close(1001, "restart"));
    expect(server.story).toEqual([{ type: "close", code: 1001, reason: "restart" }]);
    expect(server.client.state).toBe("closing");
    expect(server.takeFrames()).toMatchObject([{ opcode: 8, payload: Uint8Array.of(3, 233) }]);
    server.end();
    expect(server.events.at(-1)).toEqual({ type: "ended", clean: true });
    expect(server.client.state).toBe("closed");
  });

  it("without a code counts as 1005 and is answered without one", () => {
    const server = ByteServer.open().send(close(null));
    expect(server.story).toEqual([{ type: "close", code: 1005, reason: "" }]);
    expect(server.takeFrames()).toMatchObject([{ opcode: 8, payload: new Uint8Array(0) }]);
  });

  it("ends what the server may say: everything after it is discarded", () => {
    const server = ByteServer.open().send(
      concat([close(), text("late"), ping("late"), close(), utf8("\u0000 not even frames")]),
      text("later"),
    );
    expect(server.story).toEqual([{ type: "close", code: 1000, reason: "" }]);
    expect(server.takeFrames()).toHaveLength(1);
  });

  it("may come in the middle of a fragmented message, which is then lost", () => {
    const server = ByteServer.open().send(
      concat([text("part", { fin: false }), close(), continuation("rest")]),
    );
    expect(server.story).toEqual([{ type: "close", code: 1000, reason: "" }]);
  });

  it("lets the client answer a message that came before it in the same bytes", () => {
    const server = ByteServer.open({
      onEvent: (event, client) => {
        if (event.type === "text") client.sendText(`re: ${event.text}`);
      },
    });
    server.send(concat([text("question"), close()]));
    expect(server.takeFrames()).toMatchObject([
      { opcode: 1, payload: utf8("re: question") },
      { opcode: 8 },
    ]);
  });
});

describe("a close by the client", () => {
  it("is sent at once, and is clean when the server answers", () => {
    const server = ByteServer.open();
    server.client.close(4001, "enough");
    expect(server.client.state).toBe("closing");
    expect(server.takeFrames()).toMatchObject([
      { opcode: 8, payload: Uint8Array.of(0x0f, 0xa1, ...utf8("enough")) },
    ]);
    server.send(close(4001)).end();
    expect(server.takeFrames()).toEqual([]);
    expect(server.story).toEqual([
      { type: "close", code: 4001, reason: "" },
      { type: "ended", clean: true },
    ]);
  });

  it("says 1000 when no code is given", () => {
    const server = ByteServer.open();
    server.client.close();
    expect(server.takeFrames()).toMatchObject([{ opcode: 8, payload: Uint8Array.of(3, 232) }]);
  });

  it("happens once", () => {
    const server = ByteServer.open();
    server.client.close();
    server.client.close(1001);
    expect(server.takeFrames()).toHaveLength(1);
  });

  it("still takes messages and answers pings until the server closes too", () => {
    const server = ByteServer.open();
    server.client.close();
    server.send(text("on its way"), ping("p"), close());
    expect(server.story.map(({ type }) => type)).toEqual(["text", "ping", "close"]);
    expect(server.takeFrames().map(({ opcode }) => opcode)).toEqual([8, 10]);
  });

  it("forbids further messages", () => {
    const server = ByteServer.open();
    server.client.close();
    expect(() => server.client.sendText("x")).toThrow("the connection is closing, not open");
    expect(() => server.client.sendBinary(new Uint8Array(1))).toThrow("closing");
    expect(() => server.client.ping(new Uint8Array(1))).toThrow("closing");
  });

  it("before the answer gives up without a frame and without listening", () => {
    const server = new ByteServer();
    server.client.close();
    expect(server.client.state).toBe("closed");
    server.send(answer()).end();
    expect(server.takeFrames()).toEqual([]);
    expect(server.story.slice(1)).toEqual([{ type: "ended", clean: false }]);
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5])(
    "refuses the code %d",
    (code) => {
      expect(() => ByteServer.open().client.close(code)).toThrow(RangeError);
    },
  );

  it("refuses a reason of more than 123 bytes of UTF-8", () => {
    const { client } = ByteServer.open();
    expect(() => client.close(1000, "é".repeat(62))).toThrow(RangeError);
    client.close(1000, `${"é".repeat(61)}x`);
    expect(client.state).toBe("closing");
  });
});

describe("the end of the connection", () => {
  it("without close frames is not clean", () => {
    const server = ByteServer.open().end();
    expect(server.events).toEqual([{ type: "ended", clean: false }]);
    expect(server.takeFrames()).toEqual([]);
  });

  it("inside a frame is not clean, and no violation", () => {
    const server = ByteServer.open().send(text("cut off").slice(0, 5)).end();
    expect(server.events).toEqual([{ type: "ended", clean: false }]);
  });

  it("after the client's close alone is not clean", () => {
    const server = ByteServer.open();
    server.client.close();
    server.end();
    expect(server.events.at(-1)).toEqual({ type: "ended", clean: false });
  });

  it("is reported once, and nothing is taken after it", () => {
    const server = ByteServer.open().end().end().send(text("ghost"));
    expect(server.events).toEqual([{ type: "ended", clean: false }]);
    expect(server.client.state).toBe("closed");
  });

  it("waits for what arrived before it", () => {
    const { client } = ByteServer.open();
    client.receive(concat([text("one"), text("two"), close()]));
    client.receiveEnd();
    const types: string[] = [];
    for (let events = client.takeEvents(); events.length > 0; events = client.takeEvents()) {
      types.push(...events.map(({ type }) => type).filter((type) => type !== "frame"));
    }
    expect(types).toEqual(["text", "text", "close", "ended"]);
  });
});

describe("close codes", () => {
  it("may be sent where RFC 6455 §7.4 and the registry allow it", () => {
    const ranges: string[] = [];
    let from: number | null = null;
    for (let code = 0; code <= 65_536; code += 1) {
      const allowed = isSendableCloseCode(code);
      if (allowed && from === null) from = code;
      if (!allowed && from !== null) {
        ranges.push(`${from}-${code - 1}`);
        from = null;
      }
    }
    expect(ranges).toEqual(["1000-1003", "1007-1014", "3000-4999"]);
  });

  it("have names where they have a meaning", () => {
    expect(closeCodeName(1011)).toBe("internal error");
    expect(closeCodeName(4000)).toBeNull();
  });
});
