/** Captures of real checks, opened by tshark: plain and TLS, IPv4 and IPv6, healthy and failing. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import type { CheckAnswer } from "../../shared/probe/ask.ts";
import { encodeCapture } from "../../shared/probe/capture.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { issueCertificate } from "../support/certificates.ts";
import { bareSpec } from "../support/check-spec.ts";
import type { ProbeRuntime } from "../support/probe-runtime.ts";
import { startProbe } from "../support/probe-runtime.ts";
import { onRequest, startRawServer, upgrading } from "../support/raw-server.ts";

let probe: ProbeRuntime;
let tls: { cert: string; key: string };
let folder: string;
let files = 0;

beforeAll(async () => {
  const issuer = await issueCertificate({ commonName: "Test Root", authority: true });
  const names = ["localhost", "127.0.0.1", "::1"];
  tls = await issueCertificate({ commonName: "localhost", names, issuer });
  probe = await startProbe({ authority: issuer.cert });
  folder = await mkdtemp(join(tmpdir(), "echoquorum-capture-"));
});
afterAll(async () => {
  await probe.stop();
  await rm(folder, { recursive: true });
});

interface Server extends AsyncDisposable {
  url: string;
}

/** A `ws` server on an address, which compresses when asked. */
async function serve(
  scheme: "ws" | "wss",
  host: "127.0.0.1" | "[::1]",
  onConnection: (socket: WebSocket) => void,
): Promise<Server> {
  const http = scheme === "wss" ? createHttpsServer(tls) : createHttpServer();
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: { threshold: 0 },
  });
  sockets.on("connection", onConnection);
  http.listen(0, host.replaceAll(/[[\]]/g, ""));
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `${scheme}://${host}:${port}/socket`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      http.close();
      await once(http, "close");
    },
  };
}

const echoing = (socket: WebSocket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
};

async function check(spec: Partial<CheckSpec> & { url: string }): Promise<CheckAnswer> {
  const request = { spec: bareSpec({ timeoutMs: 5_000, ...spec }), record: true };
  const { status, answer } = await probe.post<CheckAnswer>("/check", request);
  expect(status).toBe(200);
  return answer;
}

/** The capture of a check: of its whole record, or of the transcript that the log would keep. */
function captureOf(answer: CheckAnswer, url: string, of: "record" | "transcript" = "record") {
  const { record, ...observation } = answer;
  const transcript = of === "record" ? record : observation.transcript;
  if (!transcript) throw new Error(`the check has no ${of}`);
  return encodeCapture({ observation, transcript, url });
}

const FIELDS = ["frame.number", "tcp.dstport", "websocket.opcode", "websocket.fin"];
const OUTPUT = { maxBuffer: 16 * 1_048_576 };
const DISSECTION = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];

/** Rows of fields that tshark reads in a capture. */
async function tshark(capture: Uint8Array, filter: string, fields: readonly string[]) {
  files += 1;
  const path = join(folder, `${files}.pcapng`);
  await writeFile(path, capture);
  const shown = fields.flatMap((field) => ["-e", field]);
  const args = ["-r", path, ...DISSECTION, "-Y", filter, "-T", "fields", ...shown];
  const { stdout } = await promisify(execFile)("/usr/bin/tshark", args, OUTPUT);
  const rows = stdout.split("\n").filter((line) => line !== "");
  return rows.map((line) => line.split("\t"));
}

/** Frames as tshark sees them, such as `→ 1 fin mask hello`. */
async function frames(capture: Uint8Array): Promise<string[]> {
  const rows = await tshark(capture, "websocket", [
    ...FIELDS,
    "websocket.mask",
    "websocket.pmc",
    "websocket.payload.text",
    "websocket.payload.close.status_code",
  ]);
  return rows.map(([, port, opcode, fin, mask, pmc, text, code]) =>
    [
      port === "49152" ? "←" : "→",
      opcode,
      ...(fin === "1" ? ["fin"] : []),
      ...(mask === "1" ? ["mask"] : []),
      ...(pmc === "1" ? ["compressed"] : []),
      text || code || "",
    ]
      .join(" ")
      .trim(),
  );
}

/** Packets in which something is wrong by tshark: checksums, sequence numbers, malformed content. */
async function faults(capture: Uint8Array): Promise<string[][]> {
  const filter =
    "_ws.malformed or tcp.checksum.status == 0 or ip.checksum.status == 0 or tcp.analysis.flags";
  return await tshark(capture, filter, ["frame.number", "_ws.col.Info"]);
}

const DIALOGUE: CheckSpec["dialogue"] = [
  { send: "hello" },
  { expect: { equals: "hello" } },
  { ping: { count: 1 } },
];

describe("the capture of a healthy check", () => {
  it.each([
    ["ws", "127.0.0.1"],
    ["ws", "[::1]"],
    ["wss", "127.0.0.1"],
    ["wss", "[::1]"],
  ] as const)("over %s to %s has every frame of the exchange", async (scheme, host) => {
    await using server = await serve(scheme, host, echoing);
    const answer = await check({ url: server.url, dialogue: DIALOGUE });
    expect(answer).toMatchObject({ status: "up", transcript: null });
    const capture = captureOf(answer, server.url);
    expect(await frames(capture)).toEqual([
      "→ 1 fin mask hello",
      "← 1 fin hello",
      "→ 9 fin mask",
      "← 10 fin",
      "→ 8 fin mask 1000",
      "← 8 fin 1000",
    ]);
    expect(await faults(capture)).toEqual([]);
    const http = await tshark(capture, "http", ["http.request.uri", "http.response.code"]);
    expect(http).toEqual([
      ["/socket", ""],
      ["", "101"],
    ]);
    const ip = host === "[::1]" ? "ipv6" : "ip";
    expect(await tshark(capture, `tcp.flags.syn == 1 and ${ip}`, ["tcp.flags.ack"])).toEqual([
      ["0"],
      ["1"],
    ]);
  });

  it("has large and compressed messages whole, and tshark inflates them", async () => {
    const text = Array.from({ length: 30_000 }, (_, index) => index).join(" ");
    await using server = await serve("ws", "127.0.0.1", (socket) => {
      socket.send(text);
      echoing(socket);
    });
    const plain = await check({ url: server.url, dialogue: DIALOGUE });
    expect(plain.status).toBe("up");
    const capture = captureOf(plain, server.url);
    const [large, ...more] = await tshark(capture, "websocket.payload_length_ext_64", [
      "websocket.payload_length_ext_64",
      "websocket.payload.text",
    ]);
    expect([large, more]).toEqual([[`${text.length}`, text], []]);
    expect(await faults(capture)).toEqual([]);
    const short = { dialogue: DIALOGUE, compression: true };
    const compressed = await check({ url: server.url, ...short });
    const seen = await frames(captureOf(compressed, server.url));
    expect(seen).toContain("→ 1 fin mask compressed hello");
    expect(seen).toContain("← 1 fin compressed hello");
  });
});

describe("the capture of a failing check", () => {
  it.each([
    ["ws", "127.0.0.1"],
    ["wss", "[::1]"],
  ] as const)("over %s to %s shows how the server closed", async (scheme, host) => {
    await using server = await serve(scheme, host, (socket) => socket.close(4_001, "go away"));
    const answer = await check({ url: server.url, dialogue: DIALOGUE });
    expect(answer.reason).toBe("closed_by_peer");
    for (const of of ["record", "transcript"] as const) {
      const capture = captureOf(answer, server.url, of);
      expect((await frames(capture)).at(-1)).toBe("→ 8 fin mask 4001");
      expect(await frames(capture)).toContain("← 8 fin 4001");
      expect(await faults(capture)).toEqual([]);
    }
  });

  it("shows the frame that broke the rules, and what was said before it", async () => {
    const server = await startRawServer(
      upgrading({
        open: (socket) => {
          socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
          // Reserved bit 2, which nothing explains.
          socket.write(Buffer.from([0xa1, 3, 0x6f, 0x68, 0x21]));
        },
      }),
    );
    const answer = await check({ url: server.url, dialogue: [{ expect: { equals: "never" } }] });
    await server.close();
    expect(answer.reason).toBe("frame_reserved_bits");
    for (const of of ["record", "transcript"] as const) {
      const capture = captureOf(answer, server.url, of);
      expect(await frames(capture)).toEqual(["← 1 fin hi", "← 1 fin oh!", "→ 8 fin mask 1002"]);
      expect(await tshark(capture, "websocket.rsv == 2", ["frame.number"])).toHaveLength(1);
    }
  });

  it("goes on after a payload that the log cuts", async () => {
    await using server = await serve("ws", "127.0.0.1", (socket) => {
      socket.send(Buffer.alloc(100_000), () => socket.send("after it", () => socket.close(1_011)));
    });
    const answer = await check({ url: server.url, dialogue: [{ expect: { equals: "never" } }] });
    expect(answer.reason).toBe("closed_by_peer");
    const seen = await frames(captureOf(answer, server.url, "transcript"));
    expect(seen).toEqual(["← 2 fin", "← 1 fin after it", "← 8 fin 1011", "→ 8 fin mask 1011"]);
  });

  it("shows a refusal with its body, and a server that speaks something else", async () => {
    const refusing = await startRawServer((socket) =>
      onRequest(socket, () => {
        const body = "come back later";
        socket.end(`HTTP/1.1 503 Busy\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      }),
    );
    const refused = await check({ url: refusing.url });
    await refusing.close();
    const rows = await tshark(captureOf(refused, refusing.url, "transcript"), "http.response", [
      "http.response.code",
      "http.file_data",
    ]);
    expect(rows).toEqual([["503", "come back later"]]);
    const greeting = await startRawServer((socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n"));
    const puzzled = await check({ url: greeting.url, timeoutMs: 1_000 });
    await greeting.close();
    const capture = captureOf(puzzled, greeting.url, "transcript");
    const [payload] = await tshark(capture, "tcp.srcport != 49152 and tcp.len > 0", [
      "tcp.payload",
    ]);
    expect(Buffer.from(payload?.[0] ?? "", "hex").toString()).toBe("SSH-2.0-OpenSSH_9.9\r\n");
  });

  it("holds no secret", async () => {
    await using server = await serve("ws", "127.0.0.1", (socket) => {
      socket.send("who is s3cr3t-token?", () => socket.close(4_003, "not sesame-open"));
    });
    const url = `${server.url}?key=sesame-open`;
    const headers: Array<[string, string]> = [["Authorization", "Bearer s3cr3t-token"]];
    const dialogue: CheckSpec["dialogue"] = [{ expect: { equals: "never" } }];
    const answer = await check({ url, headers, dialogue });
    const capture = captureOf(answer, url);
    expect(Buffer.from(capture).toString("latin1")).not.toMatch(/s3cr3t|sesame/);
    expect(await frames(capture)).toContain(`← 1 fin who is ${"*".repeat(12)}?`);
  });
});
