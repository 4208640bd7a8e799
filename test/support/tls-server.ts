/** TLS servers for tests: Node's own, on a free port of the loopback interface. */
import { once } from "node:events";
import type { AddressInfo, Server as TcpServer, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { createServer as createTlsServer } from "node:tls";

/** A listening server. */
export interface TestServer extends AsyncDisposable {
  port: number;
}

/** Starts a TLS server that accepts connections and says nothing over them. */
export async function startTlsServer(options: TlsOptions & { ocsp?: Buffer }): Promise<TestServer> {
  const server = createTlsServer(options, (socket) => socket.on("error", ignore));
  // Inspectors leave in the middle of the handshake: that is an error to the server.
  server.on("tlsClientError", ignore);
  server.on("OCSPRequest", (_certificate, _issuer, answer) => answer(null, options.ocsp ?? null));
  return await listening(server);
}

/** Starts a TCP server that does with each connection what it is told. */
export async function startTcpServer(serve: (socket: Socket) => void): Promise<TestServer> {
  return await listening(createTcpServer(serve));
}

async function listening(server: TcpServer): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function ignore(): void {
  // What a connection ends with is the test's business, not the server's.
}
