import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryOutcome } from "../../../shared/alert/delivery.ts";
import {
  BACKOFF_CAP_MS,
  BACKOFF_FLOOR_MS,
  backoffMs,
  DELIVERY_LIFETIME_MS,
  nextDueAtMs,
  recordAttempt,
  selectDue,
  threadOf,
} from "../../../shared/alert/delivery.ts";
import { firedDelivery } from "../../support/alert-facts.ts";

const CREATED_AT_MS = 1_000_000;
const pending = firedDelivery({ createdAtMs: CREATED_AT_MS, dueAtMs: CREATED_AT_MS });
const failed: DeliveryOutcome = {
  ok: false,
  status: 500,
  error: "the receiver answered HTTP 500",
  retryAfterMs: null,
  permanent: false,
};
const accepted: DeliveryOutcome = { ...failed, ok: true, status: 200, error: null };

const at = (ts: string) => ({ channel: "C1", ts });

const about = (delivery: Delivery, ...subjects: string[]): Delivery => ({ ...delivery, subjects });

describe("where a channel keeps messages", () => {
  it("is recorded with the attempt that was accepted", () => {
    const sent = recordAttempt(pending, { ...accepted, remote: at("1") }, CREATED_AT_MS, 0.5);
    expect(sent).toMatchObject({ state: "sent", remote: at("1") });
    expect(recordAttempt(pending, accepted, CREATED_AT_MS, 0.5)).not.toHaveProperty("remote");
    const refused = { ...failed, remote: at("1") };
    expect(recordAttempt(pending, refused, CREATED_AT_MS, 0.5)).not.toHaveProperty("remote");
  });

  const next = { ...pending, id: "chat.3.hook" };
  const first: Delivery = { ...pending, state: "sent", sentAtMs: 1, remote: at("1") };
  const second: Delivery = { ...first, id: "chat.2.hook", sentAtMs: 2, remote: at("2") };
  const whole = (ts: string) => ({ remote: at(ts), isWhole: true });
  const part = (ts: string) => ({ remote: at(ts), isWhole: false });

  it("is where what follows belongs: the newest place that the same channel accepted", () => {
    expect(threadOf(next, [second, first])).toEqual(whole("2"));
    expect(threadOf(next, [first, { ...second, channel: "other" }])).toEqual(whole("1"));
    expect(threadOf(next, [first, { ...second, state: "dead" }])).toEqual(whole("1"));
    expect(threadOf(next, [{ ...next, state: "sent", remote: at("3") }])).toBeNull();
    expect(threadOf(next, [])).toBeNull();
  });

  it("stays the same when something joins what is told together, or leaves it", () => {
    expect(threadOf(about(next, "a", "b"), [about(first, "a")])).toEqual(whole("1"));
    expect(threadOf(about(next, "a"), [about(first, "a", "b")])).toEqual(part("1"));
    expect(threadOf(about(next, "c"), [about(first, "a", "b")])).toBeNull();
    const most = [about(first, "a", "b"), about(second, "b", "c")];
    expect(threadOf(about(next, "a", "b"), most)).toEqual(whole("1"));
    expect(threadOf(about(next, "b", "c", "d"), most)).toEqual(whole("2"));
  });

  it("shows the present state again once all that is not told there is over", () => {
    const joined = { ...about(second, "b"), alert: "resolved" as const, remote: at("1") };
    const before = [about(first, "a", "b"), joined];
    expect(threadOf(about(next, "a"), before)).toEqual(whole("1"));
  });
});

describe("an attempt", () => {
  it("that is accepted makes the delivery sent", () => {
    const tried = recordAttempt(pending, failed, CREATED_AT_MS, 0.5);
    expect(recordAttempt(tried, accepted, CREATED_AT_MS + 9, 0.5)).toMatchObject({
      state: "sent",
      sentAtMs: CREATED_AT_MS + 9,
      lastAttemptAtMs: CREATED_AT_MS + 9,
      lastStatus: 200,
      lastError: null,
      attempts: 2,
    });
  });

  it("that fails is repeated after a wait that doubles, with jitter over all of it", () => {
    const first = recordAttempt(pending, failed, CREATED_AT_MS, 0.999_999);
    expect(first).toMatchObject({
      state: "pending",
      attempts: 1,
      lastStatus: 500,
      lastError: "the receiver answered HTTP 500",
      dueAtMs: CREATED_AT_MS + 4_999,
    });
    expect(recordAttempt(first, failed, CREATED_AT_MS, 0.5).dueAtMs).toBe(CREATED_AT_MS + 5_000);
    expect(recordAttempt(first, failed, CREATED_AT_MS, 0).dueAtMs).toBe(
      CREATED_AT_MS + BACKOFF_FLOOR_MS,
    );
  });

  it("that fails for good makes the delivery dead at once", () => {
    const gone: DeliveryOutcome = { ...failed, status: 410, permanent: true };
    expect(recordAttempt(pending, gone, CREATED_AT_MS, 0.5)).toMatchObject({
      state: "dead",
      attempts: 1,
      lastStatus: 410,
      sentAtMs: null,
    });
  });

  it("that is asked to wait is not repeated earlier", () => {
    const busy: DeliveryOutcome = { ...failed, status: 429, retryAfterMs: 3_600_000 };
    expect(recordAttempt(pending, busy, CREATED_AT_MS, 0.1).dueAtMs).toBe(
      CREATED_AT_MS + 3_600_000,
    );
    const brief: DeliveryOutcome = { ...busy, retryAfterMs: 1 };
    expect(recordAttempt(pending, brief, CREATED_AT_MS, 0.999_999).dueAtMs).toBe(
      CREATED_AT_MS + 4_999,
    );
  });

  it("has no effect on a delivery that is sent or dead", () => {
    const sent = recordAttempt(pending, accepted, CREATED_AT_MS, 0.5);
    expect(recordAttempt(sent, failed, CREATED_AT_MS + 1, 0.5)).toBe(sent);
  });
});

describe("a channel that keeps failing", () => {
  it("is tried for a whole day, the last time at its end, then given up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1, maxExcluded: true, noNaN: true }), {
          minLength: 1,
          maxLength: 50,
        }),
        (jitters) => {
          let delivery = pending;
          let tries = 0;
          while (delivery.state === "pending") {
            const nowMs = delivery.dueAtMs;
            delivery = recordAttempt(delivery, failed, nowMs, jitters[tries % jitters.length] ?? 0);
            tries += 1;
            const waitMs = delivery.dueAtMs - nowMs;
            if (delivery.state === "pending") {
              expect(waitMs).toBeGreaterThan(0);
              expect(waitMs).toBeLessThanOrEqual(BACKOFF_CAP_MS);
            }
          }
          expect(delivery.lastAttemptAtMs).toBe(CREATED_AT_MS + DELIVERY_LIFETIME_MS);
          expect(delivery.state).toBe("dead");
          expect(delivery.attempts).toBe(tries);
        },
      ),
      { numRuns: 5 },
    );
  });

  it("stays within floor and cap however often it has failed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, jitter) => {
          const waitMs = backoffMs(attempts, jitter);
          expect(waitMs).toBeGreaterThanOrEqual(BACKOFF_FLOOR_MS);
          expect(waitMs).toBeLessThanOrEqual(BACKOFF_CAP_MS);
        },
      ),
    );
  });
});

describe("what is due", () => {
  const fire = pending;
  const resolve: Delivery = {
    ...pending,
    id: "chat.3.hook",
    alert: "resolved",
    transition: "chat.3",
    createdAtMs: CREATED_AT_MS + 100,
    dueAtMs: CREATED_AT_MS + 100,
  };

  it("is a pending delivery whose moment has come", () => {
    expect(selectDue([fire], CREATED_AT_MS - 1)).toEqual([]);
    expect(selectDue([fire], CREATED_AT_MS)).toEqual([fire]);
    expect(selectDue([{ ...fire, state: "sent" }], CREATED_AT_MS)).toEqual([]);
  });

  it("never lets a resolve overtake its fire, however long that waits", () => {
    const waiting = { ...fire, dueAtMs: CREATED_AT_MS + 60_000 };
    expect(selectDue([resolve, waiting], CREATED_AT_MS + 200)).toEqual([]);
    expect(nextDueAtMs([resolve, waiting])).toBe(CREATED_AT_MS + 60_000);
    expect(selectDue([resolve, { ...waiting, state: "dead" }], CREATED_AT_MS + 200)).toEqual([
      resolve,
    ]);
  });

  it("keeps the order of transitions that happened in one moment", () => {
    const changed: Delivery = { ...fire, id: "chat.10.hook", transition: "chat.10" };
    const ended: Delivery = { ...resolve, createdAtMs: CREATED_AT_MS, dueAtMs: CREATED_AT_MS };
    expect(selectDue([ended, changed, fire], CREATED_AT_MS)).toEqual([fire]);
    expect(selectDue([ended, changed], CREATED_AT_MS)).toEqual([changed]);
  });

  it("does not wait for another channel or another incident", () => {
    const waiting = { ...fire, dueAtMs: CREATED_AT_MS + 60_000 };
    const elsewhere = { ...resolve, channel: "team" };
    const other = { ...resolve, incident: "feed-1" };
    expect(selectDue([waiting, elsewhere, other], CREATED_AT_MS + 100)).toEqual([elsewhere, other]);
  });

  it("is nothing when nothing is pending", () => {
    expect(nextDueAtMs([{ ...fire, state: "sent" }])).toBeNull();
    expect(nextDueAtMs([])).toBeNull();
  });
});
