/**
 * The working copy and its storage as one: the only way to change either is a transaction, which
 * commits first and then takes over. If the commit fails nothing has changed anywhere.
 */
import { Draft } from "./draft.ts";
import type { History } from "./history.ts";
import type { Changes, State } from "./state.ts";
import type { Store } from "./store.ts";

/** What the object remembers. */
export class Memory {
  readonly #store: Store;
  readonly #state: State;
  readonly #listeners: Array<(changes: Changes) => void> = [];
  readonly #finishers: Array<(draft: Draft) => void> = [];

  constructor(store: Store) {
    this.#store = store;
    this.#state = store.load();
  }

  /** The working copy, to be read only. */
  get state(): Readonly<State> {
    return this.#state;
  }

  /** What is stored beyond the working copy. */
  get history(): History {
    return this.#store.history;
  }

  /** Has `finisher` add to each transaction what follows from all that happened in it. */
  beforeCommit(finisher: (draft: Draft) => void): void {
    this.#finishers.push(finisher);
  }

  /** Calls `listener` with what each transaction has committed. */
  onCommit(listener: (changes: Changes) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Runs one step: synchronous, all or nothing.
   *
   * @throws what `action` or the storage throws; then nothing has changed
   */
  transact<T>(action: (draft: Draft) => T): T {
    const draft = new Draft(this.#state, this.#store.history);
    const result = action(draft);
    for (const finisher of this.#finishers) finisher(draft);
    const changes = draft.finish();
    if (changes !== null) this.#store.commit(changes);
    draft.apply();
    if (changes !== null) for (const listener of this.#listeners) listener(changes);
    return result;
  }

  /** Forgets what is too old to be needed; not while a backup is being read. */
  forget(horizons: Parameters<History["prune"]>[0]): void {
    if (this.#store.history.isHeld) return;
    this.#store.history.prune(horizons);
    const { seen } = this.#state;
    for (const [key, scheduledAtMs] of seen) if (scheduledAtMs < horizons.seenMs) seen.delete(key);
  }
}
