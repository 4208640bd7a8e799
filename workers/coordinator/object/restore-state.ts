/** How far a restore has come, as it is stored and told. Types and names only. */
import type { BackupHeader, ReadingState } from "../../../shared/backup-file.ts";

/** Under which the state is packed. */
export const RESTORE_NAME = "restore";
/** Why none begins while one is being carried out, by whichever coordinator. */
export const RESTORE_BUSY = "Another restore is being carried out.";

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
  /** Whether a monitor's header is in the open; absent: an older release did not look. */
  hasOpenHeaders?: boolean;
  /** What the file's rows were written for; absent: an older release did not note it. */
  origin?: RestoreOrigin;
  /** Whether D1 was about to be changed for it; from then on it is not refused any more. */
  isBegun?: boolean;
  /** Whether D1's own history is gone. */
  isCleared: boolean;
  /** Whether of one that was given up nothing is left here. */
  isForgotten?: boolean;
  /** When anybody last did anything about it (UTC epoch milliseconds). */
  touchedAtMs: number;
}

/** D1's migration and the version of the object's storage that a file's rows were written for. */
export type RestoreOrigin = Pick<BackupHeader, "migration" | "storage">;

/** What becomes of a step of a restore; refused: nothing has changed. */
export type RestoreStep = RestoreStatus | { refused: string };
