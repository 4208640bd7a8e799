/**
 * A Worker that does many exchanges in one invocation, so that what an invocation takes over HTTP
 * does not count: the probe's whole check, or the bare bytes of the exchange for what the runtime
 * itself takes. The bytes are not looked at and have no deadlines.
 */
import { connect } from "cloudflare:sockets";
import { checkSpecSchema } from "../../shared/probe/ask.ts";
import { performSingleCheck } from "../../workers/probe/single-check.ts";
import type { WorkRequest } from "./check-exchange.ts";
import { ECHO_TEXT, PING_TEXT, checkOf } from "./check-exchange.ts";

const encoder = new TextEncoder();
const CONTEXT = {
  region: "bench",
  colo: null,
  resolvers: [],
  privateReachable: true,
  keepTranscript: false,
};

/** One check as the probe makes it: from the spec as it comes in to the observation that goes out. */
async function check(url: URL): Promise<void> {
  const spec = checkSpecSchema.parse(checkOf(url.href));
  const observation = await performSingleCheck(spec, CONTEXT);
  if (observation.status !== "up") throw new Error(observation.message);
  JSON.stringify(observation);
}

/** A client's frame, masked with zeroes: allowed on the wire, and free. */
function frame(opcode: number, payload: Uint8Array): Uint8Array {
  return new Uint8Array([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}

const ECHO = frame(0x1, encoder.encode(ECHO_TEXT));
const PING = frame(0x9, encoder.encode(PING_TEXT));
const CLOSE = frame(0x8, new Uint8Array([0x03, 0xe8]));

/** The same bytes there and back, and nothing else: the least that a check can take here. */
async function exchangeBytes({ hostname, port, host }: URL): Promise<void> {
  const socket = connect({ hostname, port: Number(port) }, { allowHalfOpen: true });
  await socket.opened;
  const reader = socket.readable.getReader();
  const writer = socket.writable.getWriter();
  const request = encoder.encode(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  for (const bytes of [request, ECHO, PING, CLOSE]) {
    const written = writer.write(bytes);
    if ((await reader.read()).done) throw new Error("the server ended early");
    await written;
  }
  if (!(await reader.read()).done) throw new Error("the server sent more than was expected");
  await socket.close();
}

export default {
  async fetch(request) {
    const { url, count, atOnce, what } = await request.json<WorkRequest>();
    const target = new URL(url);
    const perform = what === "check" ? check : exchangeBytes;
    let left = count;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        await perform(target);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return Response.json({ count });
  },
} satisfies ExportedHandler;
