/**
 * Connects the engine to the platform: D1, the object's SQLite, the probes' service bindings, `fetch`
 * and the clock.
 */
import type { Delivery, DeliveryOutcome } from "../../../shared/alert/delivery.ts";
import { failure } from "../channels/http-exchange.ts";
import type { SealingKeys } from "../../sealing.ts";
import { SealError } from "../../sealing.ts";
import type { SendOptions } from "../channels/send.ts";
import { sendDelivery } from "../channels/send.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { openChannel } from "../channels/stored-channel.ts";
import { loadAlertPolicy, loadSilences } from "../db/alert-store.ts";
import { loadChannels } from "../db/channel-store.ts";
import { PublishedReader, ensurePublished } from "../db/config-store.ts";
import { loadBlocks, loadVerdictChanges } from "../db/history-store.ts";
import type { PublishedPart } from "../db/placement-store.ts";
import { PartReader, settlePlacements } from "../db/placement-store.ts";
import { loadListedWritten } from "../db/written-incident-store.ts";
import type { Env } from "../env.ts";
import { coordinatorsOf, networkOf, probeOf, sealingKeysOf } from "../env.ts";
import { pruneBlocks, writeHistory } from "../log/history-mirror.ts";
import { appendRuns, loadRuns, pruneRuns } from "../log/run-log.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { isWhole } from "../../../shared/monitor/shard.ts";
import type { AskAnswer, AskRequest } from "../../../shared/probe/ask.ts";
import { laneShard } from "../../../shared/probe/run.ts";
import { probeName } from "../../../shared/regions.ts";
import { subscribersPort } from "../subscriptions/subscribers-port.ts";
import type { ObjectDatabase, SqlRow } from "./database.ts";
import { DELIVERY_DEADLINE_MS } from "./limits.ts";
import type { AskOrder, ClockPort, LogLine, PeersPort, Ports } from "./ports.ts";

/** Real time. */
export const clock: ClockPort = {
  nowMs: () => Date.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, durationMs);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** Writes a line of the structured log. */
export function print(line: LogLine): void {
  // oxlint-disable-next-line no-console -- the structured log is what this is
  console.log(JSON.stringify(line));
}

/** Asks the probe of which the order's lane is; the deadline also ends the request. */
async function askProbe(
  env: Env,
  region: string,
  order: AskOrder,
  deadlineMs: number,
): Promise<AskAnswer> {
  const shard = laneShard(order.lane);
  const name = probeName(region, shard);
  const probe = probeOf(env, region, shard);
  if (probe === undefined) throw new Error(`no probe is bound for ${name}`);
  const request: AskRequest = order;
  const response = await probe.fetch("https://probe/ask", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(deadlineMs),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the probe of ${name} answered HTTP ${response.status}`);
  }
  return await response.json<AskAnswer>();
}

/** Opens a channel and sends; one that cannot be opened is tried again: its key may come back. */
async function sendStored(
  stored: StoredChannel,
  keys: SealingKeys,
  delivery: Delivery,
  options: SendOptions,
): Promise<DeliveryOutcome> {
  try {
    return await sendDelivery(await openChannel(stored, keys), delivery, options);
  } catch (error) {
    const why = error instanceof SealError ? error.message : "its settings are damaged";
    return failure(`the channel cannot be opened: ${why}`, false);
  }
}

/** The database of a Durable Object. */
export function durableDatabase(storage: DurableObjectStorage): ObjectDatabase {
  return {
    query: (sql, ...values) => storage.sql.exec<SqlRow>(sql, ...values).toArray(),
    transaction: (action) => storage.transactionSync(action),
  };
}

/**
 * Settles where monitors of coordinators are that there are not any more, whenever something was
 * published, because that is when one is placed.
 */
function placementSettler(db: D1Database, { index, count }: Shard) {
  let settled: PublishedConfig | null = null;
  return async ({ config }: PublishedPart): Promise<void> => {
    if (index > 0 || settled === config) return;
    await settlePlacements(db, count);
    settled = config;
  };
}

/** Reads what a coordinator works by: everything, or its part and the list of all monitors. */
function configReader(db: D1Database, coordinator: Shard): () => Promise<PublishedPart | null> {
  if (!isWhole(coordinator)) {
    const parts = new PartReader(db, coordinator);
    return () => parts.load();
  }
  const published = new PublishedReader(db);
  return async () => {
    const config = await published.load();
    return config && { config, roster: [] };
  };
}

/** The ports of a deployed coordinator. */
export function connect(env: Env, coordinator: Shard): Ports {
  const network = networkOf(env);
  const keys = sealingKeysOf(env);
  const load = configReader(env.DB, coordinator);
  const settle = placementSettler(env.DB, coordinator);
  const isFirst = coordinator.index === 0;
  return {
    log: {
      loadRuns: (query) => loadRuns(env.DB, query),
      appendRuns: (runs) => appendRuns(env.DB, runs),
      pruneRuns: (beforeMs, runsMax) => pruneRuns(env.DB, beforeMs, runsMax),
    },
    probes: { ask: (region, order, deadlineMs) => askProbe(env, region, order, deadlineMs) },
    sender: {
      send: (channel, delivery, thread) =>
        sendStored(channel, keys, delivery, {
          fetch: (url, init) => fetch(url, init),
          nowMs: Date.now(),
          timeoutMs: DELIVERY_DEADLINE_MS,
          allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === "1",
          thread,
        }),
    },
    config: {
      load: async () => {
        await ensurePublished(env.DB, network, Date.now());
        const [part, channels, alertPolicy, silences, writtenIncidents] = await Promise.all([
          load(),
          loadChannels(env.DB),
          loadAlertPolicy(env.DB),
          loadSilences(env.DB, Date.now()),
          // One of the coordinators tells of them.
          isFirst ? loadListedWritten(env.DB, Date.now()) : [],
        ]);
        if (part !== null) await settle(part);
        const { config, roster } = part ?? { config: null, roster: [] };
        return { config, roster, channels, alertPolicy, silences, writtenIncidents };
      },
    },
    mirror: {
      write: (batch) => writeHistory(env.DB, batch, coordinator),
      pruneBlocks: (resolution, beforeMs, blocksMax) =>
        pruneBlocks(env.DB, resolution, beforeMs, blocksMax),
      loadChanges: (monitors, fromMs, toMs) => loadVerdictChanges(env.DB, monitors, fromMs, toMs),
      loadBlocks: (monitors, fromMs, toMs) => loadBlocks(env.DB, monitors, fromMs, toMs),
    },
    ...(isFirst && coordinator.count > 1 ? { peers: peersOf(env) } : {}),
    subscribers: subscribersPort(env),
    clock,
    random: () => Math.random(),
    print,
  };
}

/** The coordinators beside the first. */
function peersOf(env: Env): PeersPort {
  return {
    readToMs: async () => {
      const asked = coordinatorsOf(env)
        .slice(1)
        .map((peer) => peer.readToMs());
      return Math.min(...(await Promise.all(asked)));
    },
  };
}
