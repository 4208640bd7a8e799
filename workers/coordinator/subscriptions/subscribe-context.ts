/** What taking a subscription needs of the world, from the request that asks for it. */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { keepAlive } from "../keep-alive.ts";
import type { SubscribeContext } from "./subscribe.ts";

type AskingContext = Pick<Context<{ Bindings: Env }>, "env" | "executionCtx">;

/** Clock, network and chance of the runtime. */
export function subscribeContext(context: AskingContext): SubscribeContext {
  return {
    env: context.env,
    nowMs: Date.now(),
    fetch: (url, init) => fetch(url, init),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    defer: (work) => keepAlive(context, work.catch(reportFailure)),
  };
}

function reportFailure(error: unknown): void {
  const name = error instanceof Error ? error.name : "unknown";
  // oxlint-disable-next-line no-console -- structured log line, collected by the platform
  console.error(JSON.stringify({ event: "subscription_failed", error: name }));
}
