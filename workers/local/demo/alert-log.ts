/**
 * What the alert receiver remembers: one entry per message, kept in the data folder as JSON lines.
 *
 * Senders deliver at least once; repetitions of a message are counted, not stored again.
 */
import { appendFileSync, readFileSync } from "node:fs";

/** One message that arrived. */
export interface ReceivedAlert {
  /** Idempotency key: the header `webhook-id`. */
  id: string;
  /** First arrival, ISO 8601. */
  receivedAt: string;
  /** Whether the signature was that of the receiver's own secret. */
  verified: boolean;
  /** How often it arrived. */
  arrivals: number;
  /** Body as it was sent; text where it was not JSON. */
  payload: unknown;
}

/** Entries that are kept in memory. */
const ENTRIES_MAX = 500;

/** The log. */
export class AlertLog {
  readonly #path: string;
  readonly #alerts = new Map<string, ReceivedAlert>();

  /** @param path file that keeps it; lines that are damaged are passed over */
  constructor(path: string) {
    this.#path = path;
    for (const alert of readLines(path)) this.#remember(alert);
  }

  /** Newest first. */
  list(): ReceivedAlert[] {
    return [...this.#alerts.values()].reverse();
  }

  add(alert: Omit<ReceivedAlert, "arrivals">): void {
    const entry = { ...alert, arrivals: 1 };
    this.#remember(entry);
    // A line break first: the last line may have been cut short when the process was killed.
    appendFileSync(this.#path, `\n${JSON.stringify(entry)}`);
  }

  #remember(alert: ReceivedAlert): void {
    const known = this.#alerts.get(alert.id);
    // An unverified message must not count as a repetition of a verified one, nor replace it.
    if (known !== undefined && known.verified === alert.verified) {
      known.arrivals += alert.arrivals;
      return;
    }
    this.#alerts.set(known === undefined ? alert.id : `${alert.id} (unverified)`, alert);
    const [oldest] = this.#alerts.keys();
    if (this.#alerts.size > ENTRIES_MAX && oldest !== undefined) this.#alerts.delete(oldest);
  }
}

function readLines(path: string): ReceivedAlert[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // A fresh data folder.
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as ReceivedAlert];
    } catch {
      // The process was killed while it wrote this line.
      return [];
    }
  });
}
