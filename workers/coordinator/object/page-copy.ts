/**
 * The object's copy of the pages' settings, as text: for the Worker while it cannot read D1. It is
 * kept in the object's storage, so that an object that begins a new life still has it.
 */

/** Where the copy lies in the object's storage. */
const KEY = "page-settings";

/** What the copy is read from and kept in. */
export interface PageCopyPorts {
  /** The settings that are stored now. */
  load: () => Promise<string[]>;
  get: (key: string) => Promise<unknown>;
  put: (key: string, value: string[]) => Promise<void>;
}

/** The copy. */
export class PageCopy {
  readonly #ports: PageCopyPorts;
  #known: string[] | null = null;

  constructor(ports: PageCopyPorts) {
    this.#ports = ports;
  }

  /** Brings it up to date; while D1 cannot be read it stays as it is. */
  async refresh(): Promise<void> {
    const known = await this.get();
    const present = await this.#ports.load();
    if (known !== null && JSON.stringify(known) === JSON.stringify(present)) return;
    await this.#ports.put(KEY, present);
    this.#known = present;
  }

  /** The settings; null: they were never read. */
  async get(): Promise<string[] | null> {
    this.#known ??= ((await this.#ports.get(KEY)) as string[] | undefined) ?? null;
    return this.#known;
  }
}
