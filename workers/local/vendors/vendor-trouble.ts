/**
 * What can be wrong with a receiver of alerts, whoever's it is: switches for tests and for the demo.
 */
import type { ServerResponse } from "node:http";

/** Kinds of trouble, with what a person is told about each. */
export const VENDOR_TROUBLES = {
  none: "answers as it should",
  rate_limited: "answers 429 and asks for two seconds of rest",
  busy_until: "answers 503 and names the moment from which it may be asked again",
  failing: "answers 500",
  refusing: "answers 410, for good",
  redirecting: "answers 307 and names another address",
  silent: "never answers",
  reset: "resets the connection",
  slow_body: "answers 503 with a body that never ends",
} as const;

/** See {@link VENDOR_TROUBLES}. */
export type VendorTrouble = keyof typeof VENDOR_TROUBLES;

/** What `Retry-After` asks for, in seconds. */
export const RETRY_AFTER_SECONDS = 2;

/** Whether a text names a kind of trouble. */
export function isVendorTrouble(text: string): text is VendorTrouble {
  return Object.hasOwn(VENDOR_TROUBLES, text);
}

/** Answers in the way of a trouble; false: there is none, and nothing was answered. */
export function answerInTrouble(trouble: VendorTrouble, target: ServerResponse): boolean {
  const answer = (status: number, headers: Record<string, string>, body?: string) => {
    target.writeHead(status, headers).end(body);
    return true;
  };
  switch (trouble) {
    case "none":
      return false;
    case "rate_limited":
      return answer(429, { "retry-after": String(RETRY_AFTER_SECONDS) }, "rate_limited");
    case "busy_until": {
      const untilMs = Date.now() + RETRY_AFTER_SECONDS * 1_000;
      return answer(503, { "retry-after": new Date(untilMs).toUTCString() }, "busy");
    }
    case "refusing":
      return answer(410, {}, "gone");
    case "redirecting":
      return answer(307, { location: "/elsewhere" });
    case "failing":
      return answer(500, {}, "something went wrong");
    case "silent":
      return true;
    case "reset":
      target.socket?.resetAndDestroy();
      return true;
    case "slow_body":
      target.writeHead(503);
      target.write("please wait");
      return true;
  }
}
