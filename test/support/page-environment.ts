/** The coordinator's bindings as the pages use them, answered by the test. */
import type { Rollup } from "../../shared/monitor/rollup.ts";
import type { Env } from "../../workers/coordinator/env.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
} from "../../workers/coordinator/object/rpc.ts";
import type { ImageName, Page } from "../../workers/coordinator/page-settings/page.ts";

/** Pages that somebody has set up, with their pictures as `data:` URLs. */
export type SetUpPage = { page: Page } & Partial<Record<ImageName, string>>;

/** What the bindings answer. */
export interface PageAnswers {
  /** Pages that D1 has; an Error: it fails; absent: none. */
  pages?: readonly SetUpPage[] | Error;
  /** The coordinator's copy of them; absent: it has none. */
  pagesCopy?: readonly SetUpPage[];
  /** The coordinator's answer; an Error: it fails; a promise that never settles: it hangs. */
  status: () => NetworkStatus | Error | Promise<NetworkStatus>;
  /** Incidents that the coordinator keeps beyond those of the status. */
  archive?: readonly IncidentWithTimeline[];
  /** The snapshot in D1; null: none; an Error: D1 fails. */
  snapshot?: string | null | Error;
  /** The coordinator's rollups of each monitor. */
  rollups?: (monitor: string) => Rollup[];
  /** What the coordinator has of one monitor, where the status has less. */
  monitor?: (id: string) => MonitorStatus | null;
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
    monitorStatus: async (id: string) => answers.monitor?.(id) ?? null,
    rollups: async (monitor: string) => answers.rollups?.(monitor) ?? [],
    pageSettings: async () => answers.pagesCopy?.map(({ page }) => JSON.stringify(page)) ?? null,
  };
  const rows = (id: unknown) => {
    if (answers.pages instanceof Error) throw answers.pages;
    return (answers.pages ?? []).flatMap(({ page, ...images }) => {
      const isAsked = id === undefined || id === page.id;
      return isAsked ? [{ definition: JSON.stringify(page), ...images }] : [];
    });
  };
  const snapshots = () => {
    const snapshot = answers.snapshot ?? null;
    if (snapshot instanceof Error) throw snapshot;
    return snapshot === null ? [] : [{ body: snapshot }];
  };
  const db = {
    prepare: (sql: string) => {
      let id: unknown;
      const statement = {
        bind: (bound?: unknown) => {
          id = bound;
          return statement;
        },
        all: async () => ({ results: sql.includes("FROM snapshots") ? snapshots() : rows(id) }),
        raw: async () => [],
        first: async () => null,
      };
      return statement;
    },
    batch: async (statements: unknown[]) => {
      const results = answers.batch?.() ?? statements.map(() => ({ results: [] }));
      if (results instanceof Error) throw results;
      return results;
    },
  };
  return { DB: db, COORDINATOR: { getByName: () => coordinator } } as unknown as Env;
}
