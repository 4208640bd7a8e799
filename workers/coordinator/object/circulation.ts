/**
 * Tells subscribers what is new, through the outbox's places and after the alerts: in batches, so many
 * in a while, each subscriber one message at a time. Where a message goes is read for each batch alone
 * and forgotten with it.
 *
 * Those in trouble come last and few at a time; while a way as a whole is in trouble it rests. What
 * arrived is recorded after it was sent: a crash in between repeats a message under its id.
 */
import type { Subscriber } from "../../../shared/alert/subscriber.ts";
import type { NextMessage } from "../../../shared/alert/subscriber.ts";
import { newSubscriber, nextMessage, recordTelling } from "../../../shared/alert/subscriber.ts";
import type { Gate } from "../../../shared/alert/gate.ts";
import { OPEN_GATE, recordOutcome } from "../../../shared/alert/gate.ts";
import type { Background } from "./background.ts";
import { describeError, withDeadline } from "./background.ts";
import { isTold } from "./bulletins.ts";
import { sameData } from "./essence.ts";
import {
  D1_DEADLINE_MS,
  SUBSCRIBERS_AT_ONCE_MAX,
  SUBSCRIBERS_PER_BATCH_MAX,
  SUBSCRIBER_BATCH_EVERY_MS,
  SUBSCRIBER_TIDY_EVERY_MS,
  SUSPECT_SUBSCRIBERS_PER_BATCH_MAX,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { OpenSubscriber, Ports, SubscribersPort } from "./ports.ts";

/** Wait before a message whose outcome could not be recorded is sent again, in milliseconds. */
const UNRECORDED_REST_MS = 60_000;

interface Due {
  subscriber: Subscriber;
  next: NextMessage;
}

/** The way to the subscribers. */
export class Circulation {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #background: Background;
  /** By way. */
  readonly #gates = new Map<string, Gate>();
  /** Places up to which nothing concerns a subscriber; not stored, it only saves looking. */
  readonly #idleTo = new Map<string, number>();
  readonly #restingUntilMs = new Map<string, number>();
  #revision = 0;
  #tidyAtMs = 0;
  #nextBatchAtMs = 0;
  /** Messages on their way at once. */
  #underWay = 0;
  #isSyncing = false;

  constructor(memory: Memory, ports: Ports, background: Background) {
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
  }

  /** Whether somebody is still to be told something that there is. */
  isBehind(): boolean {
    if (this.#ports.subscribers === undefined) return false;
    const { subscribers } = this.#memory.state.circulation;
    for (const subscriber of subscribers.values()) {
      if (this.#nextFor(subscriber) !== null) return true;
    }
    return false;
  }

  /** Places that it takes of the outbox's. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Reads who has subscribed, changed their mind or left since; a failure is printed. */
  sync(): void {
    const { subscribers } = this.#ports;
    if (subscribers === undefined || this.#isSyncing) return;
    this.#isSyncing = true;
    this.#background.start("subscriptions", async () => {
      try {
        await this.#read(subscribers);
        await this.#tidyWhenDue(subscribers);
      } finally {
        this.#isSyncing = false;
      }
    });
  }

  async #read(port: SubscribersPort): Promise<void> {
    const { clock } = this.#ports;
    // The first time all of them are read: who is not among them any more has left long ago.
    const present = this.#revision === 0 ? new Set<string>() : null;
    for (;;) {
      const reading = port.changed(this.#revision);
      const changes = await withDeadline(clock, D1_DEADLINE_MS, "subscriptions", reading);
      const last = changes.at(-1);
      if (last === undefined) break;
      this.#memory.transact((draft) => {
        const { bulletins, subscribers } = this.#memory.state.circulation;
        for (const { id, kind, monitors, confirmedAtMs } of changes) {
          const known = subscribers.get(id);
          if (confirmedAtMs === null) {
            if (known !== undefined) draft.circulation.forgetSubscriber(id);
            continue;
          }
          present?.add(id);
          // Of what was told before they came they hear what follows.
          const before = bulletins.findLast(({ createdAtMs }) => createdAtMs < confirmedAtMs);
          const toldTo = before?.sequence ?? (bulletins[0]?.sequence ?? 1) - 1;
          const wanted =
            known === undefined
              ? newSubscriber({ id, kind, monitors, toldTo })
              : { ...known, monitors };
          if (known === undefined || !sameData(known, wanted)) {
            draft.circulation.saveSubscriber(wanted);
          }
        }
      });
      this.#revision = last.revision;
    }
    if (present === null) return;
    this.#memory.transact((draft) => {
      for (const id of this.#memory.state.circulation.subscribers.keys()) {
        if (!present.has(id)) draft.circulation.forgetSubscriber(id);
      }
    });
  }

  async #tidyWhenDue(port: SubscribersPort): Promise<void> {
    const { clock } = this.#ports;
    const nowMs = clock.nowMs();
    if (nowMs < this.#tidyAtMs) return;
    this.#tidyAtMs = nowMs + SUBSCRIBER_TIDY_EVERY_MS;
    await withDeadline(clock, D1_DEADLINE_MS, "subscriptions", port.tidy());
    this.#memory.transact((draft) => draft.circulation.forgetOld(nowMs));
  }

  /**
   * Starts telling the next few.
   *
   * @param places of the outbox that are free
   * @param after is called when places are free again
   */
  launch(places: number, after: () => void): void {
    const { subscribers: port, clock } = this.#ports;
    const nowMs = clock.nowMs();
    const lanes = Math.min(places, SUBSCRIBERS_AT_ONCE_MAX);
    if (port === undefined || lanes < 1 || this.#underWay > 0) return;
    if (nowMs < this.#nextBatchAtMs) return;
    const batch = this.#nextBatch(nowMs);
    if (batch.length === 0) return;
    this.#nextBatchAtMs = nowMs + SUBSCRIBER_BATCH_EVERY_MS;
    this.#underWay = lanes;
    this.#background.start("subscribers", async () => {
      try {
        await this.#tellAll(port, batch, lanes);
      } finally {
        this.#underWay = 0;
      }
      after();
    });
  }

  /** Whom to tell now: those in order first, of the others a few. */
  #nextBatch(nowMs: number): Due[] {
    const fresh: Due[] = [];
    const suspects: Due[] = [];
    for (const subscriber of this.#memory.state.circulation.subscribers.values()) {
      const { id, kind } = subscriber;
      const next = this.#nextFor(subscriber);
      if (next === null || next.dueAtMs > nowMs) continue;
      if ((this.#gates.get(kind)?.restsUntilMs ?? 0) > nowMs) continue;
      if ((this.#restingUntilMs.get(id) ?? 0) > nowMs) continue;
      const isSuspect = subscriber.attempts + subscriber.givenUp > 0;
      (isSuspect ? suspects : fresh).push({ subscriber, next });
      if (fresh.length >= SUBSCRIBERS_PER_BATCH_MAX) return fresh;
    }
    suspects.sort((a, b) => a.next.dueAtMs - b.next.dueAtMs);
    return [...fresh, ...suspects.slice(0, SUSPECT_SUBSCRIBERS_PER_BATCH_MAX)];
  }

  /** What a subscriber is to be told next; null: nothing. */
  #nextFor(subscriber: Subscriber): NextMessage | null {
    const { state } = this.#memory;
    const { bulletins } = state.circulation;
    const newest = bulletins.at(-1)?.sequence ?? 0;
    const { id, toldTo } = subscriber;
    const seenTo = Math.max(toldTo, this.#idleTo.get(id) ?? 0);
    if (seenTo >= newest) return null;
    const seen = { ...subscriber, toldTo: seenTo };
    const next = nextMessage(seen, bulletins, (each) => isTold(each, state));
    if (next === null) this.#idleTo.set(id, newest);
    return next;
  }

  async #tellAll(port: SubscribersPort, batch: readonly Due[], lanes: number): Promise<void> {
    const { clock, print } = this.#ports;
    const opening = port.open(batch.map(({ subscriber }) => subscriber.id));
    const opened = await withDeadline(clock, D1_DEADLINE_MS, "subscribers", opening);
    const waiting = [...batch];
    const counts = { told: 0, failed: 0, ended: 0 };
    const work = async () => {
      for (let due = waiting.shift(); due !== undefined; due = waiting.shift()) {
        const what = await this.#tell(port, due, opened.get(due.subscriber.id) ?? null);
        counts[what] += 1;
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
    print({ event: "subscribers", ...counts });
  }

  async #tell(
    port: SubscribersPort,
    { subscriber, next }: Due,
    opened: OpenSubscriber | null,
  ): Promise<"told" | "failed" | "ended"> {
    const { clock, random } = this.#ports;
    const { id, kind } = subscriber;
    if (opened === null) {
      this.#memory.transact((draft) => draft.circulation.forgetSubscriber(id));
      return "ended";
    }
    const beganAtMs = clock.nowMs();
    const outcome = await port.tell(opened, next.bulletins);
    const nowMs = clock.nowMs();
    if (outcome.ok || outcome.ours) {
      const gate = this.#gates.get(kind) ?? OPEN_GATE;
      this.#gates.set(kind, recordOutcome(gate, outcome, nowMs - beganAtMs, nowMs));
    }
    const present = this.#memory.state.circulation.subscribers.get(id);
    // They left while it was on its way.
    if (present === undefined) return "ended";
    const step = recordTelling(present, next.tellingTo, outcome, nowMs, random());
    // Storage that refuses must not turn one message into one per tick.
    this.#restingUntilMs.set(id, nowMs + UNRECORDED_REST_MS);
    if (step.ended !== null) await this.#end(port, id, step.ended);
    this.#memory.transact((draft) => {
      if (step.ended === null) draft.circulation.saveSubscriber(step.subscriber);
      else draft.circulation.forgetSubscriber(id);
    });
    this.#restingUntilMs.delete(id);
    if (step.ended !== null) return "ended";
    return outcome.ok ? "told" : "failed";
  }

  async #end(port: SubscribersPort, id: string, why: "gone" | "failing"): Promise<void> {
    const { clock, print } = this.#ports;
    try {
      await withDeadline(clock, D1_DEADLINE_MS, "subscription", port.end(id, why));
      print({ event: "subscription_ended", id, why });
    } catch (error) {
      print({ event: "failure", what: "subscription", error: describeError(error) });
    }
  }
}
