/** The coordinator's bindings as the pages use them, answered by the test. */
import type { Rollup } from "../../shared/monitor/rollup.ts";
import type { Env } from "../../workers/coordinator/env.ts";
import type { IncidentWithTimeline, NetworkStatus } from "../../workers/coordinator/object/rpc.ts";

/** What the bindings answer. */
export interface PageAnswers {
  /** The coordinator's answer; an Error: it fails; a promise that never settles: it hangs. */
  status: () => NetworkStatus | Error | Promise<NetworkStatus>;
  /** Incidents that the coordinator keeps beyond those of the status. */
  archive?: readonly IncidentWithTimeline[];
  /** The snapshot in D1; null: none; an Error: D1 fails. */
  snapshot?: string | null | Error;
  /** The coordinator's rollups of each monitor. */
  rollups?: (monitor: string) => Rollup[];
  /** Results of a batch of statements in D1; an Error: D1 fails; absent: nothing is stored. */
  batch?: () => Array<{ results: unknown[] }> | Error;
}

/** An environment with just enough of the bindings for the pages. */
export function pageEnvironment(answers: PageAnswers): Env {
  const coordinator = {
    networkStatus: async () => {
      const status = await answers.status();
      if (status instanceof Error) throw status;
      return status;
    },
    incident: async (id: string) => answers.archive?.find((entry) => entry.id === id) ?? null,
    rollups: async (monitor: string) => answers.rollups?.(monitor) ?? [],
  };
  const statement = {
    bind: () => statement,
    first: async () => {
      const snapshot = answers.snapshot ?? null;
      if (snapshot instanceof Error) throw snapshot;
      return snapshot === null ? null : { body: snapshot };
    },
  };
  const db = {
    prepare: () => statement,
    batch: async (statements: unknown[]) => {
      const results = answers.batch?.() ?? statements.map(() => ({ results: [] }));
      if (results instanceof Error) throw results;
      return results;
    },
  };
  return { DB: db, COORDINATOR: { getByName: () => coordinator } } as unknown as Env;
}
