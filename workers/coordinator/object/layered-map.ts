/**
 * A map with changes over it that can be settled into it later: a step reads through both, and while it
 * may still fail what is below stays as it was. Nothing is copied.
 */

/** Changes over a map; nothing is ever removed. */
export class LayeredMap<T> implements ReadonlyMap<string, T> {
  readonly #base: ReadonlyMap<string, T>;
  readonly #changed = new Map<string, T>();
  /** Entries that are only among the changes. */
  #added = 0;

  constructor(base: ReadonlyMap<string, T>) {
    this.#base = base;
  }

  get size(): number {
    return this.#base.size + this.#added;
  }

  get(key: string): T | undefined {
    return this.#changed.get(key) ?? this.#base.get(key);
  }

  has(key: string): boolean {
    return this.#changed.has(key) || this.#base.has(key);
  }

  set(key: string, value: T): void {
    if (!this.has(key)) this.#added += 1;
    this.#changed.set(key, value);
  }

  /** In the order in which one map would have them. */
  forEach(call: (value: T, key: string, map: ReadonlyMap<string, T>) => void): void {
    const [base, changed] = [this.#base, this.#changed];
    base.forEach((value, key) => call(changed.get(key) ?? value, key, this));
    if (this.#added === 0) return;
    changed.forEach((value, key) => {
      if (!base.has(key)) call(value, key, this);
    });
  }

  entries(): MapIterator<[string, T]> {
    const all: Array<[string, T]> = [];
    this.forEach((value, key) => all.push([key, value]));
    return new Map(all).entries();
  }

  keys(): MapIterator<string> {
    return new Map(this.entries()).keys();
  }

  values(): MapIterator<T> {
    return new Map(this.entries()).values();
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  /** Takes the changes over into what is below, for good, and returns that. */
  settle(): ReadonlyMap<string, T> {
    const base = this.#base instanceof Map ? (this.#base as Map<string, T>) : new Map(this.#base);
    this.#changed.forEach((value, key) => base.set(key, value));
    return base;
  }
}
