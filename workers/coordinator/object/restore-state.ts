/** How far a restore has come, as it is stored and told. Types and names only. */
import type { ReadingState } from "../../../shared/backup-file.ts";

/** Under which the state is packed. */
export const RESTORE_NAME = "restore";

/**
 * `staging`: parts are taken in, and nothing has changed; `committing`: the network's state is being
 * replaced, whatever happens meanwhile; `done`; `failed`: given up, with the reason.
 */
export interface RestoreStatus {
  id: string;
  state: "staging" | "committing" | "done" | "failed";
  /** Null: nothing went wrong last. */
  error: string | null;
  /** Attempts to commit that failed since the last that came further. */
  failures: number;
  /** Parts of the file whose rows are still to be written to D1. */
  partsLeft: number;
}

/** The same as it is stored, with what it takes to go on. */
export interface StoredRestore extends RestoreStatus {
  /** Number of the part that comes next. */
  part: number;
  reading: ReadingState;
  /** Whether there are secrets in the open, which only a network with a key may take. */
  hasSecrets: boolean;
  /** Whether D1's own history is gone. */
  isCleared: boolean;
  /** When anybody last did anything about it (UTC epoch milliseconds). */
  touchedAtMs: number;
}

/** What becomes of a step of a restore; refused: nothing has changed. */
export type RestoreStep = RestoreStatus | { refused: string };
