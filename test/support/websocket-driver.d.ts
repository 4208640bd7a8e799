/** The parts of two untyped packages that the tests use. */
declare module "websocket-driver" {
  import type { Duplex } from "node:stream";

  export interface ServerDriver {
    /** Both directions of the connection's bytes. */
    io: Duplex;
    on(event: "connect" | "close", listen: () => void): void;
    on(event: "message", listen: (event: { data: string | Buffer }) => void): void;
    addExtension(extension: object): void;
    start(): boolean;
    text(message: string): boolean;
    binary(message: Buffer): boolean;
    close(reason: string, code: number): boolean;
  }

  const driver: {
    /** A server's end of one connection, from its first byte. */
    server(options: { maxLength?: number; protocols?: string[] }): ServerDriver;
  };
  export default driver;
}

declare module "permessage-deflate" {
  const deflate: {
    configure(options: {
      noContextTakeover?: boolean;
      requestNoContextTakeover?: boolean;
      requestMaxWindowBits?: number;
    }): object;
  };
  export default deflate;
}
