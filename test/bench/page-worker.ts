/**
 * The public pages over a stand-in for the coordinator that counts how often it is asked: below
 * `/cached` as they are deployed, below `/uncached` with nothing kept. Sixty monitors, four regions.
 */
import { DurableObject } from "cloudflare:workers";
import { pageRoutes } from "../../workers/coordinator/pages/app.tsx";
import type { AnswerStore } from "../../workers/coordinator/pages/page-cache.ts";
import { NOW_MS } from "../support/network-status.ts";
import { crowd } from "../support/network-worlds.ts";

/** Answers with the status of the fixture's network. */
export class Coordinator extends DurableObject {
  /** In storage, because an object that is idle forgets. */
  networkStatus() {
    this.ctx.storage.kv.put("asked", this.asked() + 1);
    return crowd();
  }

  /** No page was set up. */
  pageSettings(): string[] {
    return [];
  }

  /** How often it was asked. */
  asked(): number {
    return this.ctx.storage.kv.get<number>("asked") ?? 0;
  }
}

interface Bindings {
  COORDINATOR: DurableObjectNamespace<Coordinator>;
}

/** A database in which no page was set up. */
const DB = { prepare: () => ({ all: async () => ({ results: [] }) }) };

// The fixture's world stands at its own moment, from which time passes as it does outside.
let beganMs = 0;
const now = () => {
  if (beganMs === 0) beganMs = Date.now();
  return NOW_MS + Date.now() - beganMs;
};
const served = {
  cached: pageRoutes({ now, store: () => (caches as unknown as { default: AnswerStore }).default }),
  uncached: pageRoutes({ now }),
};

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname === "/asked") {
      return Response.json(await env.COORDINATOR.getByName("coordinator").asked());
    }
    const how = url.pathname.startsWith("/uncached") ? "uncached" : "cached";
    url.pathname = url.pathname.slice(how.length + 1) || "/";
    return served[how].fetch(new Request(url, request), { ...env, DB }, context);
  },
} satisfies ExportedHandler<Bindings>;
