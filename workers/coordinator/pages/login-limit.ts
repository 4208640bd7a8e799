/**
 * How often somebody may try to sign in: by address and page, in each isolate, and where the Worker is
 * bound to a rate limit in the whole data centre. Times are UTC epoch milliseconds.
 */
import type { Env } from "../env.ts";

/** Attempts within a window, and its length in milliseconds; as in `wrangler.toml`. */
export const ATTEMPTS_MAX = 10;
const WINDOW_MS = 60_000;
/** Windows that are remembered; of more the oldest are forgotten. */
const WINDOWS_MAX = 5_000;

/** Attempts to sign in. */
export class LoginLimit {
  /** Oldest window first. */
  readonly #windows = new Map<string, { endMs: number; attempts: number }>();

  /** Counts an attempt; false: it is one too many. */
  async allow(env: Env, page: string, address: string, nowMs: number): Promise<boolean> {
    const key = `${page} ${networkOf(address)}`;
    if (!this.#count(key, nowMs)) return false;
    if (env.LOGIN_LIMIT === undefined) return true;
    // A limit that cannot be asked must not keep everybody out.
    const answer = await env.LOGIN_LIMIT.limit({ key }).catch(() => ({ success: true }));
    return answer.success;
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

/** Of an IPv6 address the network, of which one visitor has all. */
function networkOf(address: string): string {
  return address.includes(":") ? address.split(":").slice(0, 4).join(":") : address;
}
