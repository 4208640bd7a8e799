/**
 * The coordinator's status, asked for at most once per freshness period and isolate, whatever pages,
 * languages and documents are made of it meanwhile. Knows no network: the caller says how to ask.
 */
import type { NetworkStatus } from "../object/rpc.ts";
import { essenceOf } from "./live-events.ts";

/** Shortest and longest time for which a status counts as fresh, in milliseconds. */
const FRESH_MS = { min: 1_000, max: 10_000 } as const;

/** How long a status is fresh: a sixth of the shortest interval on the page, in milliseconds. */
export function statusFreshMs(intervalMs: number): number {
  return Math.max(FRESH_MS.min, Math.min(FRESH_MS.max, intervalMs / 6));
}

/** The last status. */
export class FreshStatus {
  readonly #patienceMs: number;
  #known: { status: NetworkStatus; atMs: number; untilMs: number } | null = null;
  #essence: string | null = null;
  #changedAtMs = -Infinity;
  #asked: { answer: Promise<NetworkStatus>; atMs: number } | null = null;

  /** @param patienceMs how long others wait for an answer before they ask themselves */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** When it was first seen that what pages show has changed; pages made before are out of date. */
  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  /** How long the last status counts as fresh, in milliseconds. */
  get freshMs(): number {
    return this.#known === null ? FRESH_MS.min : this.#known.untilMs - this.#known.atMs;
  }

  /**
   * The status, if it is fresh; else what `ask` answers, once for all that ask at a time.
   *
   * @param ageMaxMs the oldest that is of use, in milliseconds
   */
  get(
    ask: () => Promise<NetworkStatus>,
    nowMs: number,
    ageMaxMs = Infinity,
  ): Promise<NetworkStatus> {
    const known = this.#known;
    if (known !== null && nowMs < Math.min(known.untilMs, known.atMs + ageMaxMs)) {
      return Promise.resolve(known.status);
    }
    if (this.#asked !== null && nowMs < this.#asked.atMs + this.#patienceMs) {
      return this.#asked.answer;
    }
    const asked = { answer: this.#ask(ask, nowMs), atMs: nowMs };
    this.#asked = asked;
    const forget = () => {
      if (this.#asked === asked) this.#asked = null;
    };
    asked.answer.then(forget, forget);
    return asked.answer;
  }

  async #ask(ask: () => Promise<NetworkStatus>, nowMs: number): Promise<NetworkStatus> {
    const status = await ask();
    const intervals = status.monitors.map(({ intervalMs }) => intervalMs);
    const intervalMs = Math.min(...intervals, status.config.defaultIntervalMs);
    const essence = essenceOf(status);
    if (this.#essence !== null && essence !== this.#essence) this.#changedAtMs = nowMs;
    this.#essence = essence;
    this.#known = { status, atMs: nowMs, untilMs: nowMs + statusFreshMs(intervalMs) };
    return status;
  }
}
