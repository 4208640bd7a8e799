/**
 * Whether Echoquorum can see anything at all, and the alert that it cannot.
 *
 * When every region that should report is silent or suspended nothing is known about any target:
 * verdicts become `unknown` and no target is blamed. That is told by itself, through the same outbox,
 * as a fact about Echoquorum, by the first coordinator where there are several. It must have been so
 * for a while that the coordinator itself was awake through, so that its own restart is never taken
 * for the regions' silence.
 */
import type { Advisory } from "../../../shared/alert/advisory.ts";
import { formatDuration } from "../../../shared/duration.ts";
import type { RegionHealth } from "../../../shared/monitor/region-health.ts";
import { monitoringState } from "../../../shared/monitor/region-health.ts";
import { regionLabel } from "../../../shared/regions.ts";
import { noteAdvisory } from "./alerts.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";
import { IMPAIRED_AFTER_MS } from "./limits.ts";

/** The watch over the network as a whole. */
export class Impairment {
  /** Since when it was seen to be impaired, in this life of the coordinator; null: it is not. */
  #seenSinceMs: number | null = null;

  /** Takes the regions' health at a moment into the state of monitoring. */
  advance(draft: Draft, court: Court): void {
    const nowMs = court.wallMs;
    const healths = (draft.config?.regions ?? []).map((region) => draft.ledger(region).health);
    const state = healths.length === 0 ? "waiting" : monitoringState(healths);
    if (state !== "impaired") this.#seenSinceMs = null;
    else this.#seenSinceMs ??= nowMs;
    const before = draft.monitoring;
    if (state === before.state) return;
    if (this.#seenSinceMs !== null && nowMs - this.#seenSinceMs < IMPAIRED_AFTER_MS) return;
    const step = state === "impaired" ? 1 : before.step + 1;
    const sinceMs = state === "impaired" ? (this.#seenSinceMs ?? nowMs) : nowMs;
    draft.saveMonitoring({ state, sinceMs, step });
    if (court.coordinator.index > 0) return;
    if (state === "impaired") noteAdvisory(draft, impaired(sinceMs, healths), court);
    else if (before.state === "impaired") {
      noteAdvisory(draft, working(before.sinceMs, step, nowMs), court);
    }
  }
}

function subject(sinceMs: number, step: number) {
  return { subject: `monitoring-${sinceMs}`, step, about: "monitoring", monitor: null } as const;
}

function impaired(sinceMs: number, healths: readonly RegionHealth[]): Advisory {
  const regions = healths.map(
    ({ region, state, why }) => `${regionLabel(region)} ${state}${why === "" ? "" : ` (${why})`}`,
  );
  return {
    ...subject(sinceMs, 1),
    over: false,
    severity: "critical",
    title: "Echoquorum cannot see: monitoring is impaired",
    text:
      `None of its regions can vote: ${regions.join("; ")}. ` +
      "Nothing is known about any monitor until this is over; it says nothing about them.",
    reason: null,
  };
}

function working(sinceMs: number, step: number, nowMs: number): Advisory {
  return {
    ...subject(sinceMs, step),
    over: true,
    severity: "critical",
    title: "Echoquorum can see again",
    text: `Regions vote again. Monitoring was impaired for ${formatDuration(
      Math.round((nowMs - sinceMs) / 1_000) * 1_000,
    )}.`,
    reason: null,
  };
}
