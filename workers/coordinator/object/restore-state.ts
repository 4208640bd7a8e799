/** How far a restore has come, as it is stored and told. Types and names only. */

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
  /** Attempts to commit that failed. */
  failures: number;
}

/** What becomes of a step of a restore; refused: nothing has changed. */
export type RestoreStep = RestoreStatus | { refused: string };
