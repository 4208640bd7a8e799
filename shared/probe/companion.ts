/**
 * The HTTP companion: one HTTP request beside a WebSocket check, which tells where to look when
 * something fails. It never changes what the check itself comes to. Pure.
 */
import type { HttpResult } from "./observation.ts";
import type { Reason } from "./reason.ts";
import { reasonFacts } from "./reason.ts";
import { statusText } from "./rejection.ts";

/** Beginning of an answer's body in which a text is looked for, in bytes. */
export const COMPANION_BODY_BYTES_MAX = 65_536;

/** What is asked of HTTP beside a check. */
export interface CompanionSpec {
  /** `http:` or `https:`. */
  url: string;
  /** Status that is expected; null: any below `statusBelow`. */
  status: number | null;
  statusBelow: number;
  /** Text that the body must contain; null: it is not looked at. */
  body: string | null;
}

/** What came of the request. */
export type CompanionAnswer =
  | { type: "answered"; status: number; totalMs: number; body: string; bodyTimedOut: boolean }
  | { type: "timeout"; totalMs: number }
  | { type: "failed"; totalMs: number };

/** Judges what came of the request. What the server says is not quoted: it may hold a secret. */
export function judgeCompanion(spec: CompanionSpec, answer: CompanionAnswer): HttpResult {
  const { totalMs } = answer;
  if (answer.type === "timeout") return failed("http_timeout", null, totalMs, "");
  if (answer.type === "failed") return failed("http_failed", null, totalMs, "");
  const { status, body } = answer;
  const answered = `It answered ${statusText(status)}.`;
  const expected = spec.status === null ? status < spec.statusBelow : status === spec.status;
  if (!expected) {
    const wanted = spec.status === null ? `a status below ${spec.statusBelow}` : `${spec.status}`;
    return failed("http_status", status, totalMs, `${answered} Expected was ${wanted}.`);
  }
  if (spec.body !== null && !body.includes(spec.body)) {
    const reason = answer.bodyTimedOut ? "http_timeout" : "http_body";
    return failed(reason, status, totalMs, answered);
  }
  return { status: "up", reason: null, code: status, totalMs, message: answered };
}

function failed(reason: Reason, code: number | null, totalMs: number, detail: string): HttpResult {
  const message = [reasonFacts(reason).meaning, detail].filter((text) => text !== "").join(" ");
  return { status: "down", reason, code, totalMs, message };
}

/** The four cases, with what each means and where to look. */
export const COMPANION_CASES = {
  both_up: { meaning: "WebSocket and HTTP both work.", cause: null },
  websocket_down: {
    meaning: "HTTP works where WebSocket fails.",
    cause:
      "A proxy that does not pass the upgrade on, a connection limit, or the configuration of " +
      "the upgrade.",
  },
  both_down: {
    meaning: "HTTP fails too.",
    cause: "The server is down, or the network on the way to it.",
  },
  http_down: {
    meaning: "WebSocket works where HTTP fails.",
    cause: "The web server or its routes; whoever is connected may go on.",
  },
} as const satisfies Record<string, { meaning: string; cause: string | null }>;

/** Which of the four cases it is. */
export type CompanionCase = keyof typeof COMPANION_CASES;

/** Decides which case it is, of one check or of what several regions agree on. */
export function companionCase(webSocketUp: boolean, httpUp: boolean): CompanionCase {
  if (webSocketUp) return httpUp ? "both_up" : "http_down";
  return httpUp ? "websocket_down" : "both_down";
}

/** The case in words: what it means, and where to look. */
export function companionSentence(which: CompanionCase): string {
  const { meaning, cause } = COMPANION_CASES[which];
  return cause === null ? meaning : `${meaning} ${cause}`;
}
