/**
 * Connects a restore to the platform: D1, the keys, the other coordinators of the network.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { sealRestored, sealRestoredRow } from "../channels/carried-channel.ts";
import {
  clearHistory,
  isConfigurationOf,
  newestMigration,
  replaceConfiguration,
  saveHistoryRows,
  stageConfigurationRows,
} from "../db/backup-store.ts";
import { sealMonitorRow } from "../db/monitor-row.ts";
import type { Env } from "../env.ts";
import { coordinatorsOf, monitorKeysOf, networkOf, sealingKeysOf } from "../env.ts";
import { sealSubscriptionRow } from "../subscriptions/sealed-subscription.ts";
import { describeError, withDeadline } from "./background.ts";
import { clock, print } from "./connections.ts";
import type { Restore, RestoreTarget } from "./restore.ts";
import type { RestoreStatus } from "./restore-state.ts";
import { OTHER_RELEASE, RestoreRefused } from "./restore.ts";

/** What a restore has to do with D1. */
type DatabaseTarget = Omit<RestoreTarget, "sealChannel" | "nowMs">;

/** After how long carrying a restore out pauses until the next alarm, in milliseconds. */
const RESTORE_SLICE_MS = 10_000;
/** Longest that this may take with all that D1 still has to do, in milliseconds. */
const RESTORE_DEADLINE_MS = 120_000;

/** A row of D1's configuration as it is stored here. */
async function sealRow(env: Env, { table, row }: BackupRow): Promise<BackupRow["row"]> {
  const keys = sealingKeysOf(env);
  if (table === "monitors") return sealMonitorRow(row, monitorKeysOf(env));
  if (table === "channels") return sealRestoredRow(row, keys);
  return table === "subscriptions" ? sealSubscriptionRow(row, keys) : row;
}

/** What is written of a restore to D1, by the first coordinator alone. */
function restoreToD1(env: Env): DatabaseTarget {
  return {
    prepare: async (id, migration) => {
      if (migration !== undefined && migration !== (await newestMigration(env.DB))) {
        throw new RestoreRefused(OTHER_RELEASE);
      }
      await haveOthersCommit(env, id);
    },
    clear: () => clearHistory(env.DB),
    saveHistory: (table, rows) => saveHistoryRows(env.DB, table, rows),
    stageConfiguration: (table, rows) => stageConfigurationRows(env.DB, table, rows),
    replaceConfiguration: (id) => replaceConfiguration(env.DB, id, networkOf(env), Date.now()),
    sealRow: (entry) => sealRow(env, entry),
  };
}

/** What was committed here may not have reached the others: without them nothing is changed. */
async function haveOthersCommit(env: Env, id: string): Promise<void> {
  for (const other of coordinatorsOf(env).slice(1)) {
    const step = await other.commitRestore(id);
    if ("refused" in step) throw new RestoreRefused(step.refused);
    if (step.state === "failed") throw new RestoreRefused(step.error ?? OTHER_RELEASE);
  }
}

/**
 * What the others have to do with D1: they wait until its part is there, for in the configuration that
 * is still there they would not find what they have restored.
 */
function restoreBesideD1(env: Env): DatabaseTarget {
  return {
    prepare: async () => undefined,
    clear: async () => true,
    saveHistory: async () => undefined,
    stageConfiguration: async () => undefined,
    replaceConfiguration: async (id) => {
      const state = await firstState(env, id);
      if (state === "done") return;
      // The first may have forgotten it, or may not answer: D1 knows whether its part is there.
      if (state !== "committing" && (await isConfigurationOf(env.DB, id))) return;
      if (state === "failed") throw new RestoreRefused("The first coordinator has given it up.");
      throw new RestoreWaits(state);
    },
    sealRow: async ({ row }) => row,
  };
}

/** How far the first coordinator has come with a restore. */
async function firstState(env: Env, id: string): Promise<RestoreStatus["state"] | Unknown> {
  const [first] = coordinatorsOf(env);
  try {
    return (await first?.restoreStatus(id))?.state ?? "unknown";
  } catch {
    return "away";
  }
}

type Unknown = "unknown" | "away";

/** The first coordinator has not carried a restore out yet. */
class RestoreWaits extends Error {
  /** It is only a matter of time. */
  readonly isUnderWay: boolean;

  constructor(state: string) {
    super(`the first coordinator's restore is ${state}`);
    this.isUnderWay = state === "committing" || state === "away";
  }
}

/**
 * Carries a restore out, or some of it.
 *
 * @returns whether it is done, or what went wrong, without any value
 */
export async function performRestore(
  env: Env,
  restore: Restore,
  coordinator: Shard,
): Promise<boolean | string> {
  const keys = sealingKeysOf(env);
  const untilMs = Date.now() + RESTORE_SLICE_MS;
  try {
    const performing = restore.perform(
      {
        ...(coordinator.index === 0 ? restoreToD1(env) : restoreBesideD1(env)),
        sealChannel: (channel) => sealRestored(channel, keys),
        nowMs: () => Date.now(),
      },
      () => Date.now() >= untilMs,
    );
    const isDone = await withDeadline(clock, RESTORE_DEADLINE_MS, "restore", performing);
    if (isDone) print({ event: "restored" });
    return isDone;
  } catch (error) {
    if (error instanceof RestoreWaits && error.isUnderWay) return false;
    const reason = describeError(error);
    print({ event: "failure", what: "restore", error: reason });
    return reason;
  }
}
