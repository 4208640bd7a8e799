/**
 * Sends what is due, each delivery once at a time, and records the outcome after the send: a crash
 * in between repeats a message under its unchanged id, and loses none.
 *
 * Which delivery may go when is decided in `shared/alert`; this only limits how many are under way,
 * so that a channel in trouble never takes the places of the others.
 */
import type { Delivery, DeliveryOutcome, Thread } from "../../../shared/alert/delivery.ts";
import { recordAttempt, selectDue, subjectsOf, threadOf } from "../../../shared/alert/delivery.ts";
import type { Gate } from "../../../shared/alert/gate.ts";
import {
  OPEN_GATE,
  admit,
  decideAdmission,
  isSuspect,
  recordOutcome,
} from "../../../shared/alert/gate.ts";
import { noteDelivery } from "./alerts.ts";
import type { Background } from "./background.ts";
import type { Circulation } from "./circulation.ts";
import { DELIVERIES_AT_ONCE_MAX } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports } from "./ports.ts";

/** Places that one channel takes at most. */
const PER_CHANNEL_MAX = 2;
/** Places that all channels in trouble take together at most. */
const SUSPECTS_MAX = 2;

/** Of what is told together the most urgent, by which the place of a message is looked for. */
const THREAD_SUBJECTS_MAX = 20;

/** Wait before a delivery whose outcome could not be recorded is sent again, in milliseconds. */
const UNRECORDED_REST_MS = 60_000;

const CHANNEL_GONE: DeliveryOutcome = {
  ok: false,
  status: null,
  error: "the channel no longer exists",
  retryAfterMs: null,
  permanent: true,
};

/** The way out. */
export class Outbox {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #background: Background;
  readonly #underWay = new Map<string, Delivery>();
  /** By channel. */
  readonly #gates = new Map<string, Gate>();
  /** Until when deliveries rest that were sent and could not be recorded as such, by id. */
  readonly #restingUntilMs = new Map<string, number>();

  readonly #circulation: Circulation;

  constructor(memory: Memory, ports: Ports, background: Background, circulation: Circulation) {
    this.#circulation = circulation;
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
  }

  /** Starts sending what is due and has a place: alerts, then what subscribers are told. */
  launch(): void {
    this.#launchAlerts();
    this.#circulation.launch(DELIVERIES_AT_ONCE_MAX - this.#underWay.size, () => this.launch());
  }

  #launchAlerts(): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const delivery of selectDue([...this.#memory.state.outbox.values()], nowMs)) {
      if (this.#underWay.size + this.#circulation.underWay >= DELIVERIES_AT_ONCE_MAX) return;
      if (this.#underWay.has(delivery.id) || !this.#hasPlace(delivery, nowMs)) continue;
      if ((this.#restingUntilMs.get(delivery.id) ?? 0) > nowMs) continue;
      this.#underWay.set(delivery.id, delivery);
      this.#gates.set(delivery.channel, admit(this.#gate(delivery.channel), nowMs));
      this.#background.start("delivery", async () => {
        try {
          await this.#send(delivery);
        } finally {
          this.#underWay.delete(delivery.id);
        }
        this.launch();
      });
    }
  }

  /** Lets a channel be tried at once, whatever came of it lately. */
  reopen(channel: string): void {
    this.#gates.delete(channel);
  }

  #gate(channel: string): Gate {
    return this.#gates.get(channel) ?? OPEN_GATE;
  }

  #hasPlace(delivery: Delivery, nowMs: number): boolean {
    const { channel } = delivery;
    const all = [...this.#underWay.values()];
    const own = all.filter((other) => other.channel === channel);
    const gate = this.#gate(channel);
    if (own.length >= PER_CHANNEL_MAX) return false;
    if (decideAdmission(gate, own.length, nowMs) !== null) return false;
    const suspects = all.filter((other) => isSuspect(this.#gate(other.channel)));
    if (isSuspect(gate) && suspects.length >= SUSPECTS_MAX) return false;
    // One that another has taken the place of may still be on its way: it must arrive first.
    const subjects = new Set(subjectsOf(delivery));
    return !own.some((other) => subjectsOf(other).some((subject) => subjects.has(subject)));
  }

  /** Where the channel keeps what it was told of the same before. */
  #threadOf(delivery: Delivery): Thread | null {
    const { history } = this.#memory;
    const known = new Map<string, Delivery>();
    for (const subject of subjectsOf(delivery).slice(0, THREAD_SUBJECTS_MAX)) {
      for (const other of history.deliveriesAbout(subject)) known.set(other.id, other);
    }
    return threadOf(delivery, [...known.values()]);
  }

  async #send(delivery: Delivery): Promise<void> {
    const channel = this.#memory.state.channels.find(({ id }) => id === delivery.channel);
    const beganAtMs = this.#ports.clock.nowMs();
    const outcome =
      channel === undefined
        ? CHANNEL_GONE
        : await this.#ports.sender.send(channel, delivery, this.#threadOf(delivery));
    const { clock, print } = this.#ports;
    const nowMs = clock.nowMs();
    const gate = this.#gate(delivery.channel);
    this.#gates.set(delivery.channel, recordOutcome(gate, outcome, nowMs - beganAtMs, nowMs));
    // Another message has taken its place meanwhile; only that it arrived after all is news.
    if (!outcome.ok && !this.#memory.state.outbox.has(delivery.id)) return;
    const attempted = recordAttempt(delivery, outcome, nowMs, this.#ports.random());
    // Storage that refuses must not turn one message into one per tick.
    this.#restingUntilMs.set(delivery.id, nowMs + UNRECORDED_REST_MS);
    this.#memory.transact((draft) => {
      draft.saveDelivery(attempted);
      if (attempted.state === "dead") noteDelivery(draft, attempted);
    });
    this.#restingUntilMs.delete(delivery.id);
    print({
      event: "delivery",
      id: delivery.id,
      channel: delivery.channel,
      alert: delivery.alert,
      title: delivery.message.title,
      state: attempted.state,
      attempts: attempted.attempts,
      status: outcome.status,
      error: outcome.error,
    });
  }
}
