/**
 * Sends what is due, each delivery once at a time, and records the outcome after the send: a crash
 * in between repeats a message under its unchanged id, and loses none.
 *
 * Which delivery may go when is decided in `shared/alert`; this only limits how many are under way.
 */
import type { Delivery, DeliveryOutcome, RemoteMessage } from "../../../shared/alert/delivery.ts";
import { recordAttempt, selectDue, threadOf } from "../../../shared/alert/delivery.ts";
import type { Background } from "./background.ts";
import { DELIVERIES_AT_ONCE_MAX } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports } from "./ports.ts";

/** A slow channel never takes all the places. */
const PER_CHANNEL_MAX = 2;

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
  /** Until when deliveries rest that were sent and could not be recorded as such, by id. */
  readonly #restingUntilMs = new Map<string, number>();

  constructor(memory: Memory, ports: Ports, background: Background) {
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
  }

  /** Starts sending what is due and has a place. */
  launch(): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const delivery of selectDue([...this.#memory.state.outbox.values()], nowMs)) {
      if (this.#underWay.size >= DELIVERIES_AT_ONCE_MAX) return;
      if (this.#underWay.has(delivery.id) || this.#isBusy(delivery.channel)) continue;
      if ((this.#restingUntilMs.get(delivery.id) ?? 0) > nowMs) continue;
      this.#underWay.set(delivery.id, delivery);
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

  #isBusy(channel: string): boolean {
    const busy = [...this.#underWay.values()].filter((delivery) => delivery.channel === channel);
    return busy.length >= PER_CHANNEL_MAX;
  }

  /** Where the channel keeps what it was told of the incident before. */
  #threadOf(delivery: Delivery): RemoteMessage | null {
    if (delivery.incident === null) return null;
    return threadOf(delivery, this.#memory.history.deliveriesAbout(delivery.incident));
  }

  async #send(delivery: Delivery): Promise<void> {
    const channel = this.#memory.state.channels.find(({ id }) => id === delivery.channel);
    const outcome =
      channel === undefined
        ? CHANNEL_GONE
        : await this.#ports.sender.send(channel, delivery, this.#threadOf(delivery));
    const { clock, print } = this.#ports;
    const nowMs = clock.nowMs();
    const attempted = recordAttempt(delivery, outcome, nowMs, this.#ports.random());
    // Storage that refuses must not turn one message into one per tick.
    this.#restingUntilMs.set(delivery.id, nowMs + UNRECORDED_REST_MS);
    this.#memory.transact((draft) => draft.saveDelivery(attempted));
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
