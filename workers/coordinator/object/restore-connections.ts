/**
 * Connects a restore to the platform: D1, the keys, the other coordinators of the network.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { sealRestored, sealRestoredRow } from "../channels/carried-channel.ts";
import {
  clearHistory,
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
    clear: () => clearHistory(env.DB),
    saveHistory: (table, rows) => saveHistoryRows(env.DB, table, rows),
    stageConfiguration: (table, rows) => stageConfigurationRows(env.DB, table, rows),
    replaceConfiguration: (id) => replaceConfiguration(env.DB, id, networkOf(env), Date.now()),
    sealRow: (entry) => sealRow(env, entry),
  };
}

/**
 * What the others have to do with D1: they wait until its part is there, for in the configuration that
 * is still there they would not find what they have restored.
 */
function restoreBesideD1(env: Env): DatabaseTarget {
  return {
    clear: async () => true,
    saveHistory: async () => undefined,
    stageConfiguration: async () => undefined,
    replaceConfiguration: async (id) => {
      const [first] = coordinatorsOf(env);
      const status = await first?.restoreStatus(id);
      if (status?.state !== "done") throw new RestoreWaits(status?.state ?? "unknown");
    },
    sealRow: async ({ row }) => row,
  };
}

/** The first coordinator has not carried a restore out yet. */
class RestoreWaits extends Error {
  readonly isUnderWay: boolean;

  constructor(state: string) {
    super(`the first coordinator's restore is ${state}`);
    this.isUnderWay = state === "committing";
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
