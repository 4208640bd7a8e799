/** What the runtime lends to requests: work that goes on behind their answers. A test waits for it. */

/** The execution of some requests. */
export class Execution {
  readonly #work: Array<Promise<unknown>> = [];
  /** To be given to the routes. */
  readonly context = {
    waitUntil: (promise: Promise<unknown>) => void this.#work.push(promise),
  } as unknown as ExecutionContext;

  /** Waits for what the requests left to be done, and for what that leaves in turn. */
  async settle(): Promise<void> {
    for (let work = this.#work.splice(0); work.length > 0; work = this.#work.splice(0)) {
      await Promise.all(work);
    }
  }
}
