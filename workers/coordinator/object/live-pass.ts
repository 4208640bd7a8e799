/**
 * What is judged as time passes, once the log has been caught up with: votes that expire, monitors
 * that wait to be confirmed, alerts that were withheld meanwhile, what began and ended meanwhile,
 * regions that fall silent, and now and then everything.
 */
import { findAssignment } from "../../../shared/monitor/config-index.ts";
import type { Judgement } from "../../../shared/monitor/verdict.ts";
import { tellAbsence } from "./absence.ts";
import { noteForgotten } from "./alerts.ts";
import { tellCertificates } from "./certificates.ts";
import type { Draft } from "./draft.ts";
import { Impairment } from "./impairment.ts";
import type { Court } from "./judge.ts";
import { isAtRest, isSettled, judge, passTime, tellWithheld } from "./judge.ts";
import { JUDGE_ALL_EVERY_MS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { watchSilence } from "./region-watch.ts";
import { tellUnseen } from "./unseen.ts";

/** The judging of the present moment. */
export class LivePass {
  readonly #memory: Memory;
  readonly #court: () => Court;
  readonly #impairment = new Impairment();
  #judgedAllAtMs = 0;
  /** When the present was first judged in this life of the coordinator; null: not yet. */
  #awakeSinceMs: number | null = null;
  /** Whether what an older release told has been taken in; once in each life is enough. */
  #remembered = false;

  constructor(memory: Memory, court: () => Court) {
    this.#memory = memory;
    this.#court = court;
  }

  /** Judges the present moment; returns monitors whose regions are all to be asked now. */
  run(): string[] {
    const court = this.#court();
    this.#awakeSinceMs ??= court.wallMs;
    const { config } = this.#memory.state;
    const monitors = config?.monitors ?? [];
    const all = court.wallMs - this.#judgedAllAtMs >= JUDGE_ALL_EVERY_MS;
    const asks = this.#memory.transact((draft) => {
      const nowMs = Math.max(draft.judgedAtMs, court.wallMs);
      const passed = passTime(draft, nowMs, court);
      watchSilence(draft, nowMs);
      this.#impairment.advance(draft, court);
      const due = monitors.filter((monitor) => {
        const judgement = draft.judgement(monitor.id);
        if (judgement === null) return true;
        const assignment = all ? findAssignment(config, monitor.id) : undefined;
        if (assignment !== undefined && !isSettled(draft, assignment, nowMs)) return true;
        return awaitsConfirmation(draft, judgement, nowMs);
      });
      const wanted = due.filter(({ id }) => judge(draft, id, nowMs, court));
      tellWithheld(draft, monitors, court);
      tellAbsence(draft, court);
      tellCertificates(draft, monitors, nowMs, court);
      tellUnseen(draft, { monitors, awakeSinceMs: this.#awakeSinceMs }, court);
      if (!this.#remembered) noteForgotten(draft, monitors, court);
      // Groups that have waited long enough, silences and hours that begin or end, reminders.
      if (draft.alertSubjects().size > 0) draft.touchAllAlerts();
      return [...passed, ...wanted.map(({ id }) => id)];
    });
    this.#remembered = true;
    if (all) this.#judgedAllAtMs = court.wallMs;
    return asks;
  }
}

/**
 * Whether the regions were asked so recently that there may be more to ask about, or that the quiet
 * afterwards is over.
 */
function awaitsConfirmation(draft: Draft, judgement: Judgement, nowMs: number): boolean {
  const { monitor, asks, askedAtMs } = judgement;
  if (askedAtMs === null) return false;
  const assignment = findAssignment(draft.config, monitor);
  if (asks === 0 && nowMs - askedAtMs > 2 * (assignment?.intervalMs ?? 0)) return false;
  return assignment === undefined || !isAtRest(draft, assignment, nowMs);
}
