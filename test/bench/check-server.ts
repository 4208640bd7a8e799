/**
 * The server of the check benchmark, a process of its own: `ws` as most services run it, echoing.
 * Tells its parent the port, and ends with it.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
  socket.on("error", (error) => {
    throw error;
  });
});
await once(server, "listening");
process.on("disconnect", () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
