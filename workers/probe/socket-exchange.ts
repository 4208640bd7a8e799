/**
 * Drives an exchange over an open socket: reads, writes and lets time pass, until the exchange is
 * finished. Every wait ends at the exchange's own deadlines.
 */
import type { Exchange } from "../../shared/probe/exchange.ts";
import { DeadlineTimer, monotonicNowMs } from "./deadline.ts";
import type { OpenSocket } from "./sockets.ts";

/** Bytes that may wait to be written before reading pauses: a server that only sends cannot
 *  make the answers to its pings pile up. */
const UNWRITTEN_BYTES_MAX = 262_144;
/** Longest wait for the last frames to be written, in milliseconds. */
const FLUSH_MAX_MS = 100;

/** Runs the exchange to its end. Never rejects for what a server does. */
export async function runExchange(
  exchange: Exchange,
  socket: OpenSocket,
  dialledAtMs: number,
): Promise<void> {
  const timer = new DeadlineTimer();
  try {
    await exchangeBytes(exchange, socket, timer, dialledAtMs);
  } finally {
    timer.stop();
  }
}

async function exchangeBytes(
  exchange: Exchange,
  socket: OpenSocket,
  timer: DeadlineTimer,
  dialledAtMs: number,
): Promise<void> {
  const writes = new Writes(socket.writer);
  let reading: ReturnType<typeof socket.reader.read> | null = null;
  exchange.start(monotonicNowMs(), dialledAtMs);
  for (;;) {
    writes.add(exchange.takeOutput());
    if (exchange.finished) break;
    if (writes.unwrittenBytes > UNWRITTEN_BYTES_MAX) {
      await timer.settleBy(writes.written, exchange.waitUntilMs);
      exchange.tick(monotonicNowMs());
      if (writes.unwrittenBytes > UNWRITTEN_BYTES_MAX) continue;
    }
    reading ??= socket.reader.read();
    const settled = await timer.settleBy(reading, exchange.waitUntilMs);
    const nowMs = monotonicNowMs();
    if (settled.type === "value") {
      reading = null;
      if (settled.value.done) exchange.receiveEnd(false, nowMs);
      else exchange.receive(settled.value.value, nowMs);
    } else if (settled.type === "error") {
      exchange.receiveEnd(true, nowMs);
    }
    exchange.tick(nowMs);
  }
  if (writes.unwrittenBytes === 0) return;
  await timer.settleBy(writes.written, monotonicNowMs() + FLUSH_MAX_MS);
}

/** Writes in order without holding up reading. */
class Writes {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #unwrittenBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>) {
    this.#writer = writer;
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** Resolves when all that was added so far is written, or cannot be. */
  get written(): Promise<void> {
    return this.#last;
  }

  add(chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return;
    const bytes = chunks.length === 1 ? chunks[0] : joined(chunks);
    if (bytes === undefined) return;
    this.#unwrittenBytes += bytes.length;
    this.#last = this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
    } catch {
      // It shows as the end of the stream on the reading side, with what the server said before.
    } finally {
      this.#unwrittenBytes -= bytes.length;
    }
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
