/**
 * A check in progress: what its phases share, and how they note what happens.
 */
import type { TlsMode } from "../../shared/probe/ask.ts";
import type { CheckWindow } from "../../shared/probe/budget.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Evidence } from "../../shared/probe/evidence.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import type { Redactor } from "../../shared/probe/redaction.ts";
import type { TranscriptRecorder } from "../../shared/probe/transcript.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs } from "./deadline.ts";

/** What all checks of one invocation share. */
export interface CheckContext {
  region: string;
  colo: string | null;
  resolvers: readonly string[];
  /** Whether a refusal by a private address can be the target's own. */
  privateReachable: boolean;
  /** Whether a successful check keeps its transcript. */
  keepTranscript: boolean;
  /** Whether the record of the whole exchange is kept, for a capture; absent: no. */
  keepRecord?: boolean | undefined;
}

/** A check in progress. */
export interface CheckProgress {
  /** What is asked now: after a redirect, of another address than at first. */
  spec: CheckSpec;
  /** Address of `spec`. */
  url: URL;
  tls: TlsMode;
  window: CheckWindow;
  context: CheckContext;
  /** Filled in as the check goes on. */
  evidence: Evidence;
  recorder: TranscriptRecorder;
  /** Knows the secrets of every address so far. */
  redactor: Redactor;
  lease: SlotLease;
  /** Whether DNS was asked and no resolver answered in time. */
  dnsSilent: boolean;
  /** Moment of the first dialling, at which the transcript's clock is zero; null: not yet. */
  dialledAtMs: number | null;
}

/** Milliseconds on the transcript's clock, to a tenth; zero before anything is dialled. */
export function sinceDialMs({ dialledAtMs }: CheckProgress): number {
  return dialledAtMs === null ? 0 : Math.round((monotonicNowMs() - dialledAtMs) * 10) / 10;
}

/** Adds a remark to the transcript. */
export function note(progress: CheckProgress, text: string): void {
  const atMs = sinceDialMs(progress);
  progress.recorder.add({ atMs, direction: "note", kind: "note", bytes: null, text: () => text });
}

/** Notes the failure, unless there was one before it: the first is the cause. */
export function fail({ evidence }: CheckProgress, reason: Reason, detail: string): void {
  evidence.failure ??= { reason, detail };
}
