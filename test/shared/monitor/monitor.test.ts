/** What a monitor comes down to: the check that the probes are given. */
import { describe, expect, it } from "vitest";
import { checkSpec, monitorSchema } from "../../../shared/monitor/monitor.ts";
import { checkSpecSchema } from "../../../shared/probe/ask.ts";

const CHAT = { id: "chat", name: "Chat", url: "wss://chat.example.com/socket" };

describe("the check of a monitor", () => {
  it("expects nothing of the handshake unless the monitor does", () => {
    expect(checkSpec(monitorSchema.parse(CHAT))).not.toHaveProperty("handshake");
  });

  it("brings the expected headers and subprotocol to the probe", () => {
    const monitor = monitorSchema.parse({
      ...CHAT,
      subprotocols: ["chat.v2"],
      expect: { headers: { "X-Backend": " blue ", "X-Debug": null }, subprotocol: "chat.v2" },
    });
    const sent: unknown = JSON.parse(JSON.stringify(checkSpec(monitor)));
    expect(checkSpecSchema.parse(sent).handshake).toEqual({
      headers: [
        ["X-Backend", "blue"],
        ["X-Debug", null],
      ],
      subprotocol: "chat.v2",
    });
  });
});
