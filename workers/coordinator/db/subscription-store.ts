/**
 * Subscriptions of the public in D1: this module opens none of them, and knows nothing of HTTP.
 *
 * Each change that the coordinator's object must learn of has a revision above all others, so that it
 * reads what is new alone. Of one that ends the address goes with the same statement.
 */
import type { SubscriberChange } from "../object/ports.ts";
import type {
  EndReason,
  StoredSubscription,
  SubscriptionKind,
  SubscriptionState,
} from "../subscriptions/subscription.ts";
import {
  ENDED_KEPT_MS,
  PENDING_MAX,
  PENDING_MS,
  SUBSCRIPTIONS_MAX,
} from "../subscriptions/subscription.ts";

interface Row {
  id: string;
  kind: SubscriptionKind;
  state: SubscriptionState;
  page: string;
  monitors: string | null;
  language: string;
  target: string | null;
  created_at_ms: number;
  confirmed_at_ms: number | null;
  ended_at_ms: number | null;
  ended_why: EndReason | null;
}

/** Above all revisions so far, those of rows that are long gone too. Parameter: now. */
const NEXT_REVISION = (now: string) =>
  `max(${now}, 1 + coalesce((SELECT max(revision) FROM subscriptions), 0))`;

function decode(row: Row): StoredSubscription {
  const { id, kind, state, page, language } = row;
  return {
    id,
    kind,
    state,
    page,
    language,
    monitors: row.monitors === null ? null : (JSON.parse(row.monitors) as string[]),
    target: row.target === null ? null : (JSON.parse(row.target) as unknown),
    createdAtMs: row.created_at_ms,
    confirmedAtMs: row.confirmed_at_ms,
    endedAtMs: row.ended_at_ms,
    endedWhy: row.ended_why,
  };
}

const encodeMonitors = (monitors: readonly string[] | null) =>
  monitors === null ? null : JSON.stringify(monitors);

/** Whole rows that a query finds. */
async function select(
  db: D1Database,
  sql: string,
  ...values: readonly unknown[]
): Promise<StoredSubscription[]> {
  const { results } = await db
    .prepare(`SELECT * FROM subscriptions ${sql}`)
    .bind(...values)
    .all<Row>();
  return results.map(decode);
}

/** One subscription; null when there is none of that id. */
export async function loadSubscription(
  db: D1Database,
  id: string,
): Promise<StoredSubscription | null> {
  const [found = null] = await select(db, "WHERE id = ?", id);
  return found;
}

/** The subscription of an address that has one of these digests; null when there is none. */
export async function findSubscription(
  db: D1Database,
  digests: readonly string[],
): Promise<StoredSubscription | null> {
  const sql = "WHERE digest IN (SELECT value FROM json_each(?)) LIMIT 1";
  const [found = null] = await select(db, sql, JSON.stringify(digests));
  return found;
}

/**
 * Adds a subscription, pending or active, unless there are too many or the address has one.
 *
 * @returns whether it was added
 */
export async function addSubscription(
  db: D1Database,
  subscription: StoredSubscription,
  digest: string,
  nowMs: number,
): Promise<boolean> {
  const { id, kind, state, page, monitors, language, target } = subscription;
  const [, added] = await db.batch([
    expirePending(db, nowMs),
    db
      .prepare(
        `INSERT INTO subscriptions (id, kind, state, digest, page, monitors, language,
           target, created_at_ms, confirmed_at_ms, revision)
         SELECT ?1, ?2, ?3, ?4, ?9, ?5, ?6, ?7, ?8, iif(?3 = 'active', ?8, NULL),
           iif(?3 = 'active', ${NEXT_REVISION("?8")}, 0)
         WHERE (SELECT count(*) FROM subscriptions WHERE state = 'pending') < ${PENDING_MAX}
           AND (SELECT count(*) FROM subscriptions WHERE state IN ('pending', 'active'))
             < ${SUBSCRIPTIONS_MAX}
         ON CONFLICT (digest) DO NOTHING`,
      )
      .bind(
        id,
        kind,
        state,
        digest,
        encodeMonitors(monitors),
        language,
        JSON.stringify(target),
        nowMs,
        page,
      ),
  ]);
  return added !== undefined && added.meta.changes > 0;
}

/** Has a pending subscription wait anew, for what is wanted now. */
export async function renewPending(
  db: D1Database,
  { id, monitors, language }: Pick<StoredSubscription, "id" | "monitors" | "language">,
  nowMs: number,
): Promise<void> {
  await db
    .prepare(
      `UPDATE subscriptions SET monitors = ?2, language = ?3, created_at_ms = ?4
       WHERE id = ?1 AND state = 'pending'`,
    )
    .bind(id, encodeMonitors(monitors), language, nowMs)
    .run();
}

/** Forgets a pending subscription whose owner could not be reached. */
export async function forgetPending(db: D1Database, id: string): Promise<void> {
  await db.prepare("DELETE FROM subscriptions WHERE id = ? AND state = 'pending'").bind(id).run();
}

/** Makes a pending subscription active; repeating it changes nothing. */
export async function confirmSubscription(
  db: D1Database,
  id: string,
  nowMs: number,
): Promise<void> {
  await db
    .prepare(
      `UPDATE subscriptions SET state = 'active', confirmed_at_ms = ?2,
         revision = ${NEXT_REVISION("?2")}
       WHERE id = ?1 AND state = 'pending'`,
    )
    .bind(id, nowMs)
    .run();
}

/** Changes what an active subscription is about. */
export async function changeSubscription(
  db: D1Database,
  { id, monitors }: Pick<StoredSubscription, "id" | "monitors">,
  nowMs: number,
): Promise<void> {
  await db
    .prepare(
      `UPDATE subscriptions SET monitors = ?2, revision = ${NEXT_REVISION("?3")}
       WHERE id = ?1 AND state = 'active'`,
    )
    .bind(id, encodeMonitors(monitors), nowMs)
    .run();
}

/**
 * Ends a subscription and forgets its address.
 *
 * @returns false when there was none of that id that went on
 */
export async function endSubscription(
  db: D1Database,
  id: string,
  why: EndReason,
  nowMs: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE subscriptions SET state = 'ended', ended_at_ms = ?3, ended_why = ?2, digest = NULL,
         target = NULL, monitors = NULL, revision = ${NEXT_REVISION("?3")}
       WHERE id = ?1 AND state <> 'ended'`,
    )
    .bind(id, why, nowMs)
    .run();
  return meta.changes > 0;
}

/** Which subscriptions to list. */
export interface SubscriptionQuery {
  state: SubscriptionState | null;
  /** Behind which to begin, in the order of the list; null: at its beginning. */
  after: { createdAtMs: number; id: string } | null;
  limit: number;
}

/** Subscriptions, newest first. */
export function listSubscriptions(
  db: D1Database,
  { state, after, limit }: SubscriptionQuery,
): Promise<StoredSubscription[]> {
  const sql = `WHERE (?1 IS NULL OR state = ?1)
      AND (?2 IS NULL OR (created_at_ms, id) < (?2, ?3))
    ORDER BY created_at_ms DESC, id DESC LIMIT ?4`;
  return select(db, sql, state, after?.createdAtMs ?? null, after?.id ?? null, limit);
}

function expirePending(db: D1Database, nowMs: number): D1PreparedStatement {
  return db
    .prepare("DELETE FROM subscriptions WHERE state = 'pending' AND created_at_ms <= ?")
    .bind(nowMs - PENDING_MS);
}

/** Forgets addresses that were not confirmed, what has ended long ago, and who asked when. */
export async function tidySubscriptions(db: D1Database, nowMs: number): Promise<void> {
  await db.batch([
    expirePending(db, nowMs),
    db
      .prepare("DELETE FROM subscriptions WHERE state = 'ended' AND ended_at_ms <= ?")
      .bind(nowMs - ENDED_KEPT_MS),
    db.prepare("DELETE FROM subscription_attempts WHERE until_ms <= ?").bind(nowMs),
  ]);
}

/** So many in so much time. */
export interface AttemptLimit {
  max: number;
  windowMs: number;
}

/**
 * Counts an attempt, unless there were too many: then nothing is written.
 *
 * @returns whether it was counted
 */
export async function countAttempt(
  db: D1Database,
  key: string,
  { max, windowMs }: AttemptLimit,
  nowMs: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO subscription_attempts (key, count, until_ms) VALUES (?1, 1, ?2 + ?3)
       ON CONFLICT (key) DO UPDATE SET
         count = iif(until_ms <= ?2, 1, count + 1),
         until_ms = iif(until_ms <= ?2, ?2 + ?3, until_ms)
       WHERE count < ?4 OR until_ms <= ?2`,
    )
    .bind(key, nowMs, windowMs, max)
    .run();
  return meta.changes > 0;
}

/** Changes read at once. */
const CHANGES_MAX = 1_000;

/** The first subscriptions that have begun, changed or ended since a revision, without addresses. */
export async function loadChangedSubscriptions(
  db: D1Database,
  sinceRevision: number,
): Promise<SubscriberChange[]> {
  const { results } = await db
    .prepare(
      `SELECT id, kind, state, monitors, confirmed_at_ms, revision FROM subscriptions
       WHERE revision > ? ORDER BY revision LIMIT ${CHANGES_MAX}`,
    )
    .bind(sinceRevision)
    .all<
      Pick<Row, "id" | "kind" | "state" | "monitors" | "confirmed_at_ms"> & { revision: number }
    >();
  return results.map((row) => ({
    id: row.id,
    kind: row.kind,
    monitors: row.monitors === null ? null : (JSON.parse(row.monitors) as string[]),
    confirmedAtMs: row.state === "active" ? (row.confirmed_at_ms ?? 0) : null,
    revision: row.revision,
  }));
}

/** Active subscriptions by id. */
export function loadSubscriptions(
  db: D1Database,
  ids: readonly string[],
): Promise<StoredSubscription[]> {
  const sql = "WHERE id IN (SELECT value FROM json_each(?)) AND state = 'active'";
  return select(db, sql, JSON.stringify(ids));
}

/** Subscriptions sealed anew at once. */
const RESEALED_MAX = 200;

/** Some subscriptions that another key than one has sealed. */
export function loadUnderOtherKey(db: D1Database, key: string): Promise<StoredSubscription[]> {
  const sql = `WHERE target IS NOT NULL AND target ->> 'kid' <> ?
    ORDER BY random() LIMIT ${RESEALED_MAX}`;
  return select(db, sql, key);
}

/** A subscription's new seal and the digest that belongs to it. */
export interface Resealed {
  id: string;
  target: object;
  digest: string;
}

/**
 * Puts new seals in the place of old ones. An address that was subscribed anew while its old key was
 * missing has two: the digest is the newer one's, and both can be told and ended.
 */
export async function resealSubscriptions(
  db: D1Database,
  resealed: readonly Resealed[],
): Promise<void> {
  if (resealed.length === 0) return;
  const sql = `UPDATE subscriptions SET target = ?2, digest = iif(
      EXISTS (SELECT 1 FROM subscriptions WHERE digest = ?3 AND id <> ?1), NULL, ?3)
    WHERE id = ?1 AND state <> 'ended'`;
  await db.batch(
    resealed.map(({ id, target, digest }) =>
      db.prepare(sql).bind(id, JSON.stringify(target), digest),
    ),
  );
}
