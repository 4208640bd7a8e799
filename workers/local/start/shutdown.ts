/**
 * Stops everything that was started, in reverse order, once: on SIGINT, SIGTERM, SIGHUP, or when the
 * npm that started this process is gone.
 */

/** Longest that stopping may take, in milliseconds; what is left then dies with the process. */
const STOP_DEADLINE_MS = 5_000;
/** How often to look whether npm is still there, in milliseconds. */
const PARENT_CHECK_MS = 1_000;

/** What has to be stopped. */
export class Shutdown {
  readonly #closers: Array<() => Promise<void> | void> = [];
  #stopping: Promise<void> | null = null;

  /** Whether stopping has begun: whatever is still being started need not go on. */
  get begun(): boolean {
    return this.#stopping !== null;
  }

  /** Registers something to stop, before what was registered earlier. */
  add(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Stops everything, within a deadline. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_DEADLINE_MS);
    });
    await Promise.race([this.#closeInTurn(), deadline]);
    clearTimeout(timer);
  }

  async #closeInTurn(): Promise<void> {
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        process.stderr.write(`While stopping: ${String(error)}\n`);
      }
    }
  }
}

/**
 * Stops and exits with 0 when the person, or the system, asks for it.
 *
 * @param onSignal called before stopping begins
 */
export function stopOnSignals(shutdown: Shutdown, onSignal: () => void): void {
  const stop = () => {
    if (shutdown.begun) return;
    onSignal();
    void shutdown.stop().then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

  // npm that is killed outright leaves its script behind, holding the port: follow it.
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, PARENT_CHECK_MS).unref();
}
