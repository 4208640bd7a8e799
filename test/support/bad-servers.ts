/**
 * The gallery of bad servers: one factory per misbehaviour, on raw sockets on loopback. What a check
 * must say of each stands in the table test beside the probe.
 */
import type { Socket } from "node:net";
import { deflateRawSync } from "node:zlib";
import type { AfterUpgrade, OnConnection, RunningServer } from "./raw-server.ts";
import { onRequest, startLateAccepting, startRawServer, upgrading } from "./raw-server.ts";
import type { ServerFrame } from "./server-frames.ts";
import { closePayload, serverFrame, switchingAnswer } from "./server-frames.ts";

const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

type Factory = () => Promise<RunningServer>;

const raw =
  (onConnection: OnConnection): Factory =>
  async () =>
    await startRawServer(onConnection);
const upgraded = (after: AfterUpgrade): Factory => raw(upgrading(after));
const answering = (answer: string | ((request: string) => string)): Factory =>
  raw((socket) =>
    onRequest(socket, (request) =>
      socket.end(typeof answer === "string" ? answer : answer(request)),
    ),
  );
const status = (line: string, headers = "", body = ""): Factory =>
  answering(
    `HTTP/1.1 ${line}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
  );
/** Sends frames right after the upgrade. */
const frames = (...sent: readonly ServerFrame[]): Factory =>
  upgraded({ open: (socket) => socket.write(Buffer.concat(sent.map(serverFrame))) });

/** Echoes messages, answers pings and close frames; parts can be replaced. */
export function echoing(
  overrides: {
    message?: (text: Buffer, socket: Socket) => void;
    ping?: (payload: Buffer, socket: Socket) => void;
    close?: (payload: Buffer, socket: Socket) => void;
    open?: (socket: Socket) => void;
  } = {},
): OnConnection {
  const {
    message = (payload, socket) => socket.write(serverFrame({ opcode: TEXT, payload })),
    ping = (payload, socket) => socket.write(serverFrame({ opcode: PONG, payload })),
    close = (payload, socket) => socket.end(serverFrame({ opcode: CLOSE, payload })),
  } = overrides;
  return upgrading({
    ...(overrides.open === undefined ? {} : { open: overrides.open }),
    frame: ({ opcode, payload }, socket) => {
      if (opcode === TEXT || opcode === BINARY) message(payload, socket);
      else if (opcode === PING) ping(payload, socket);
      else if (opcode === CLOSE) close(payload, socket);
    },
  });
}

/** Writes a piece again and again until the socket is gone. */
function forever(socket: Socket, piece: (turn: number) => Buffer | string, everyMs: number): void {
  let turn = 0;
  const timer = setInterval(() => {
    if (socket.writable) socket.write(piece(turn));
    turn += 1;
  }, everyMs);
  socket.on("close", () => clearInterval(timer));
}

const DEFLATE = { "Sec-WebSocket-Extensions": "permessage-deflate" };
const ZEROES_BYTES = 16 * 1_048_576;

/** Never answer, or not with HTTP. */
export const NOT_HTTP = {
  neverAccepting: () => startLateAccepting(),
  silent: raw(() => undefined),
  closesAtOnce: raw((socket) => socket.end()),
  closesOnRequest: raw((socket) => onRequest(socket, () => socket.end())),
  resetsOnRequest: raw((socket) => onRequest(socket, () => socket.resetAndDestroy())),
  closesInTheHead: answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"),
  speaksSsh: raw((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n")),
  speaksTls: answering("\u0015\u0003\u0001\u0000\u0002\u0002\u0046"),
  dripsTheHead: raw((socket) =>
    onRequest(socket, () =>
      forever(socket, (turn) => "HTTP/1.1 101 Switching Protocols\r\nX: yyy".charAt(turn), 20),
    ),
  ),
  endlessHeader: raw((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nX-Long: ");
      forever(socket, () => "a".repeat(4_096), 1);
    }),
  ),
  endlessInterim: raw((socket) =>
    onRequest(socket, () => forever(socket, () => "HTTP/1.1 100 Continue\r\n\r\n", 1)),
  ),
} satisfies Record<string, Factory>;

/** Answer with HTTP, but do not upgrade. */
export const REJECTIONS = {
  ok: status("200 OK", "", "<html><body>It works!</body></html>"),
  badRequest: status("400 Bad Request", "", "missing upgrade"),
  unauthorized: status("401 Unauthorized", "WWW-Authenticate: Bearer realm=chat\r\n"),
  forbidden: status("403 Forbidden", "", "origin not allowed"),
  notFound: status("404 Not Found"),
  upgradeRequired: status("426 Upgrade Required", "Upgrade: websocket\r\n"),
  tooMany: status("429 Too Many Requests", "Retry-After: 5\r\n"),
  serverError: status("500 Internal Server Error"),
  badGateway: status("502 Bad Gateway"),
  unavailable: status("503 Service Unavailable", "", "no healthy upstream"),
  redirects: status("302 Found", "Location: https://login.example.com/?next=private\r\n"),
  endlessBody: raw((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      forever(socket, () => "a".repeat(65_536), 1);
    }),
  ),
  neverEndingBody: raw((socket) =>
    onRequest(socket, () => {
      socket.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\nbusy");
    }),
  ),
} satisfies Record<string, Factory>;

/** Answer 101, but not rightly. */
export const WRONG_UPGRADES = {
  noUpgradeHeader: upgraded({ headers: { Upgrade: null } }),
  wrongUpgradeHeader: upgraded({ headers: { Upgrade: "h2c" } }),
  noConnectionHeader: upgraded({ headers: { Connection: "keep-alive" } }),
  noAccept: upgraded({ headers: { "Sec-WebSocket-Accept": null } }),
  wrongAccept: upgraded({ headers: { "Sec-WebSocket-Accept": "dGhpcyBpcyBub3QgcmlnaHQ=" } }),
  acceptOfAnotherKey: answering((request) =>
    switchingAnswer(request.replace(/sec-websocket-key: .*/i, "Sec-WebSocket-Key: AAAA")),
  ),
  otherSubprotocol: upgraded({ headers: { "Sec-WebSocket-Protocol": "mqtt" } }),
  unrequestedExtension: upgraded({ headers: { "Sec-WebSocket-Extensions": "x-webkit-magic" } }),
  unrequestedDeflate: upgraded({ headers: DEFLATE }),
  otherHeader: upgraded({ headers: { "X-Backend": "green" } }),
  headerTooMuch: upgraded({ headers: { "Set-Cookie": "session=4711-secret" } }),
  olderSubprotocol: upgraded({ headers: { "Sec-WebSocket-Protocol": "chat.v1" } }),
  spaceBeforeColon: upgraded({ headers: { "X-Odd ": "1" } }),
} satisfies Record<string, Factory>;

/** Upgrade rightly, then break the framing. */
export const WRONG_FRAMES = {
  masked: frames({ opcode: TEXT, payload: "hello", masked: true }),
  reservedBit2: frames({ opcode: TEXT, payload: "hello", reserved: 0x20 }),
  compressedUnasked: frames({ opcode: TEXT, payload: "hello", reserved: 0x40 }),
  unknownOpcode: frames({ opcode: 0x3, payload: "hello" }),
  unknownControl: frames({ opcode: 0xb }),
  http: upgraded({ open: (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n") }),
  fragmentedPing: frames({ opcode: PING, fin: false }),
  longPing: frames({ opcode: PING, payload: "x".repeat(126) }),
  lengthIn2Bytes: frames({ opcode: TEXT, payload: "short", lengthBytes: 2 }),
  lengthIn8Bytes: frames({ opcode: TEXT, payload: "x".repeat(200), lengthBytes: 8 }),
  lengthWithSign: frames({ opcode: BINARY, lengthBytes: 8, claimedBytes: 1n << 63n }),
  continuationFirst: frames({ opcode: 0x0, payload: "lost" }),
  messageInMessage: frames(
    { opcode: TEXT, payload: "one", fin: false },
    { opcode: TEXT, payload: "two" },
  ),
  latin1: frames({ opcode: TEXT, payload: Buffer.from("caf\u00e9", "latin1") }),
  cutCharacter: frames({ opcode: TEXT, payload: Buffer.from("€").subarray(0, 2) }),
  badTextInFragment: upgraded({
    open: (socket) => {
      socket.write(serverFrame({ opcode: TEXT, payload: Buffer.from([0xff]), fin: false }));
    },
  }),
  closeCode1005: frames({ opcode: CLOSE, payload: closePayload(1005) }),
  closeCode999: frames({ opcode: CLOSE, payload: closePayload(999) }),
  closeOneByte: frames({ opcode: CLOSE, payload: Buffer.from([3]) }),
  closeReasonNotText: frames({
    opcode: CLOSE,
    payload: closePayload(1000, Buffer.from([0xc3, 0x28])),
  }),
  hugeMessage: frames({ opcode: BINARY, lengthBytes: 8, claimedBytes: 1n << 40n }),
  endlessMessage: upgraded({
    open: (socket) => {
      socket.write(serverFrame({ opcode: BINARY, payload: "x", fin: false }));
      const part = serverFrame({ opcode: 0x0, payload: "x".repeat(60_000), fin: false });
      forever(socket, () => Buffer.concat(Array.from({ length: 8 }, () => part)), 1);
    },
  }),
  notDeflated: upgraded({
    headers: DEFLATE,
    open: (socket) =>
      socket.write(
        serverFrame({ opcode: TEXT, payload: Buffer.from([7, 7, 7, 7]), reserved: 0x40 }),
      ),
  }),
  zipBomb: upgraded({
    headers: DEFLATE,
    open: (socket) =>
      socket.write(
        serverFrame({
          opcode: BINARY,
          payload: deflateRawSync(Buffer.alloc(ZEROES_BYTES)),
          reserved: 0x40,
        }),
      ),
  }),
} satisfies Record<string, Factory>;

/** Frame rightly, but do not keep up the dialogue. */
export const WRONG_DIALOGUES = {
  silentAfterUpgrade: upgraded({}),
  greetsOnly: frames({ opcode: TEXT, payload: "welcome" }),
  dripsAMessage: upgraded({
    open: (socket) => {
      socket.write(serverFrame({ opcode: TEXT, claimedBytes: 1_000n, lengthBytes: 2 }));
      forever(socket, () => "x", 20);
    },
  }),
  shouts: raw(
    echoing({
      message: (text, socket) =>
        socket.write(serverFrame({ opcode: TEXT, payload: text.toString().toUpperCase() })),
    }),
  ),
  cutsShort: raw(
    echoing({
      message: (text, socket) =>
        socket.write(serverFrame({ opcode: TEXT, payload: text.subarray(0, 12) })),
    }),
  ),
  losesTheThird: raw((socket) => {
    let count = 0;
    echoing({
      message: (payload) => {
        count += 1;
        if (count !== 3) socket.write(serverFrame({ opcode: TEXT, payload }));
      },
    })(socket);
  }),
  swapsPairs: raw((socket) => {
    let kept: Buffer | null = null;
    echoing({
      message: (payload) => {
        const frame = serverFrame({ opcode: TEXT, payload });
        if (kept === null) kept = frame;
        else {
          socket.write(Buffer.concat([frame, kept]));
          kept = null;
        }
      },
    })(socket);
  }),
  changesTheThird: raw((socket) => {
    let count = 0;
    echoing({
      message: (payload) => {
        count += 1;
        if (count === 3) payload[payload.length - 1] = 0x21;
        socket.write(serverFrame({ opcode: TEXT, payload }));
      },
    })(socket);
  }),
  complains: raw(
    echoing({
      message: (_text, socket) =>
        socket.write(serverFrame({ opcode: TEXT, payload: '{"error":"not today"}' })),
    }),
  ),
  answersInBinary: raw(
    echoing({
      message: (text, socket) => socket.write(serverFrame({ opcode: BINARY, payload: text })),
    }),
  ),
  noPong: raw(echoing({ ping: () => undefined })),
  otherPong: raw(
    echoing({ ping: (_payload, socket) => socket.write(serverFrame({ opcode: PONG })) }),
  ),
  floods: upgraded({
    open: (socket) => forever(socket, () => serverFrame({ opcode: TEXT, payload: "tick" }), 1),
  }),
  floodsPings: upgraded({
    open: (socket) =>
      forever(
        socket,
        () =>
          Buffer.concat(
            Array.from({ length: 200 }, () =>
              serverFrame({ opcode: PING, payload: "x".repeat(125) }),
            ),
          ),
        1,
      ),
  }),
  closesWith1011: frames({ opcode: CLOSE, payload: closePayload(1011, "database is down") }),
  closesWith4001: frames({ opcode: CLOSE, payload: closePayload(4001, "token expired") }),
  closesWithoutCode: frames({ opcode: CLOSE }),
  endsWithoutClose: upgraded({ open: (socket) => socket.end() }),
  resets: raw(echoing({ message: (_text, socket) => socket.resetAndDestroy() })),
} satisfies Record<string, Factory>;

/** Do everything rightly but the end. */
export const WRONG_CLOSES = {
  ignoresClose: raw(echoing({ close: () => undefined })),
  keepsConnection: raw(
    echoing({
      close: (payload, socket) => socket.write(serverFrame({ opcode: CLOSE, payload })),
    }),
  ),
  endsInsteadOfClose: raw(echoing({ close: (_payload, socket) => socket.end() })),
} satisfies Record<string, Factory>;

/** Odd, but within the rules. */
export const ODD_BUT_RIGHT = {
  byteByByte: raw((socket) => {
    // Everything that the echoing server writes, one byte per turn of the event loop.
    const pending: number[] = [];
    const write = socket.write.bind(socket);
    const ended = { value: false };
    const timer = setInterval(() => {
      for (let index = 0; index < 8; index += 1) {
        const byte = pending.shift();
        if (byte !== undefined) write(Buffer.from([byte]));
      }
      if (pending.length === 0 && ended.value) {
        clearInterval(timer);
        socket.destroySoon();
      }
    }, 1);
    socket.on("close", () => clearInterval(timer));
    socket.setNoDelay(true);
    const slow = new Proxy(socket, {
      get(target, property) {
        if (property === "write") {
          return (bytes: Buffer | string) => pending.push(...Buffer.from(bytes)) > 0;
        }
        if (property === "end") {
          return (bytes: Buffer) => {
            pending.push(...bytes);
            ended.value = true;
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    echoing()(slow);
  }),
  interimFirst: raw((socket) => {
    socket.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    echoing()(socket);
  }),
  fragmentsWithPings: raw(
    echoing({
      message: (text, socket) => {
        const half = Math.floor(text.length / 2);
        socket.write(
          Buffer.concat([
            serverFrame({ opcode: TEXT, payload: text.subarray(0, half), fin: false }),
            serverFrame({ opcode: PING, payload: "still there?" }),
            serverFrame({ opcode: 0x0, payload: "", fin: false }),
            serverFrame({ opcode: PONG }),
            serverFrame({ opcode: 0x0, payload: text.subarray(half) }),
          ]),
        );
      },
    }),
  ),
  doubles: raw(
    echoing({
      message: (payload, socket) => {
        const frame = serverFrame({ opcode: TEXT, payload });
        socket.write(Buffer.concat([frame, frame]));
      },
    }),
  ),
  chatty: raw(
    echoing({ open: (socket) => socket.write(serverFrame({ opcode: TEXT, payload: "welcome" })) }),
  ),
} satisfies Record<string, Factory>;
