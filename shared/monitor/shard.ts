/**
 * How a region's monitors are divided over several probe Workers once a minute's work exceeds what
 * one invocation can do. Pure.
 *
 * Every shard computes its own part from the published configuration and its `SHARD` ("2/3": the
 * second of three), without knowing of the others. Rendezvous hashing: adding a shard moves only
 * the monitors that the new one takes.
 */
import type { Monitor } from "./monitor.ts";
import type { PublishedConfig } from "./published-config.ts";

/** Checks that one invocation has under way at once (the platform's limit on connections). */
export const CONNECTIONS_MAX = 6;

/** Most shards that a region may have: `SHARD` has two digits. */
export const SHARDS_MAX = 99;

/** One part of several. */
export interface Shard {
  /** 0 … count − 1; beyond that it is one of more that there were. */
  index: number;
  count: number;
}

/** The whole, undivided. */
export const WHOLE: Shard = { index: 0, count: 1 };

/** Whether it is no part but the whole; one beyond the count, which is not needed any more, is not. */
export function isWhole({ index, count }: Shard): boolean {
  return index === 0 && count === 1;
}

/** Parses `SHARD`, e.g. `2/3`; an empty text is the whole; null: it is neither. */
export function parseShard(text: string): Shard | null {
  if (text === "") return WHOLE;
  const match = /^([1-9]\d?)\/([1-9]\d?)$/.exec(text);
  const [index, count] = [Number(match?.[1]) - 1, Number(match?.[2])];
  return match === null || index >= count ? null : { index, count };
}

/** Lane of a shard's cron runs in the log; the whole's is the lane of unsharded runs. */
export function shardLane(shard: Shard): string {
  return String(shard.index);
}

/** FNV-1a over UTF-16 units, with a final mix so that ids that differ in one digit spread. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * One of several parts of a network, about equally large, to which a monitor falls; with another
 * number of parts most fall to another.
 */
export function partOf(monitorId: string, count: number): number {
  return count <= 1 ? 0 : hash(monitorId) % count;
}

/** The shard that checks a monitor: the one with the highest hash of both. */
export function shardOf(monitorId: string, count: number): number {
  let best = 0;
  let highest = -1;
  for (let index = 0; index < count; index += 1) {
    const weight = hash(`${monitorId}/${index}`);
    if (weight > highest) [best, highest] = [index, weight];
  }
  return best;
}

/** The monitors that fall to a shard, in their order. */
export function shardMonitors(monitors: readonly Monitor[], shard: Shard): Monitor[] {
  if (shard.count === 1) return [...monitors];
  return monitors.filter(({ id }) => shardOf(id, shard.count) === shard.index);
}

/** The configuration once for each shard, with only the monitors that fall to it. */
export function divideConfig(config: PublishedConfig, count: number): PublishedConfig[] {
  if (count === 1) return [config];
  const parts = Array.from({ length: count }, (): Monitor[] => []);
  for (const monitor of config.monitors) parts[shardOf(monitor.id, count)]?.push(monitor);
  return parts.map((monitors) => ({ ...config, monitors }));
}

/**
 * Shards that a region needs: how many invocations the checks of one cron period fill, if each has
 * {@link CONNECTIONS_MAX} of them under way at once. Shards are equal only on average, so a budget
 * should leave room.
 *
 * @param checks checks in the busiest cron period: a minute, where it is deployed
 * @param checkMs how long one check is assumed to take, in milliseconds
 * @param budgetMs what the checks of an invocation may take together, in milliseconds
 * @returns 1 or more
 */
export function shardsNeeded(checks: number, checkMs: number, budgetMs: number): number {
  const perInvocation = Math.floor(budgetMs / Math.max(1, checkMs)) * CONNECTIONS_MAX;
  return Math.max(1, Math.ceil(checks / Math.max(1, perInvocation)));
}
