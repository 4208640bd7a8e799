/**
 * How often somebody may try to sign in: by address and page, in each isolate, and where the Worker is
 * bound to a rate limit in the whole data centre. Times are UTC epoch milliseconds.
 */
import { clientNetwork } from "../client-network.ts";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";

/** Attempts within a window, and its length in milliseconds; as in `wrangler.toml`. */
export const ATTEMPTS_MAX = 10;
const WINDOW_MS = 60_000;
/** Windows that are remembered; of more the oldest are forgotten. */
const WINDOWS_MAX = 5_000;
/** Longest wait for the data centre's limit, in milliseconds. */
const DEADLINE_MS = 1_000;

/** Attempts to sign in. */
export class LoginLimit {
  /** Oldest window first. */
  readonly #windows = new Map<string, { endMs: number; attempts: number }>();

  /** Counts an attempt; false: it is one too many. */
  async allow(env: Env, page: string, address: string | null, nowMs: number): Promise<boolean> {
    const key = `${page} ${clientNetwork(address)}`;
    if (!this.#count(key, nowMs)) return false;
    const limit = env.LOGIN_LIMIT;
    if (limit === undefined) return true;
    // A limit that cannot be asked must not keep everybody out.
    const answer = await within(DEADLINE_MS, () => limit.limit({ key })).catch(() => null);
    return answer?.success ?? true;
  }

  #count(key: string, nowMs: number): boolean {
    const known = this.#windows.get(key);
    const isOpen = known !== undefined && nowMs < known.endMs;
    const window = isOpen ? known : { endMs: nowMs + WINDOW_MS, attempts: 0 };
    window.attempts += 1;
    if (!isOpen) {
      this.#windows.delete(key);
      this.#windows.set(key, window);
    }
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > WINDOWS_MAX && oldest !== undefined) this.#windows.delete(oldest);
    return window.attempts <= ATTEMPTS_MAX;
  }
}
