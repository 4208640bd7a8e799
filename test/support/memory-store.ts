/** A store of made answers in memory: stands in for a data centre's cache, which isolates share. */
import type { AnswerStore } from "../../workers/coordinator/pages/page-cache.ts";

/** Keeps what it is given, or fails. */
export class MemoryStore implements AnswerStore {
  readonly kept = new Map<string, Response>();
  broken = false;

  match(key: RequestInfo | URL): Promise<Response | undefined> {
    if (this.broken) return Promise.reject(new Error("cache unreachable"));
    return Promise.resolve(this.kept.get(String(key))?.clone());
  }

  put(key: RequestInfo | URL, response: Response): Promise<void> {
    if (this.broken) return Promise.reject(new Error("cache unreachable"));
    this.kept.set(String(key), response);
    return Promise.resolve();
  }
}
