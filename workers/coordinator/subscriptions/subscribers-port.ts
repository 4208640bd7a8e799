/**
 * The subscribers as the coordinator's object sees them: who they are in D1, and the way to each. An
 * address is opened for one batch, and is in nothing that is stored, logged or given back.
 */
import type { SealingKeys } from "../../sealing.ts";
import { SealError } from "../../sealing.ts";
import { listPages } from "../db/page-store.ts";
import type { Resealed } from "../db/subscription-store.ts";
import {
  endSubscription,
  loadChangedSubscriptions,
  loadSubscriptions,
  loadUnderOtherKey,
  resealSubscriptions,
  tidySubscriptions,
} from "../db/subscription-store.ts";
import type { Env } from "../env.ts";
import { sealingKeysOf } from "../env.ts";
import { SUBSCRIBER_DEADLINE_MS } from "../object/limits.ts";
import type { SubscribersPort } from "../object/ports.ts";
import { DEFAULT_PAGE_ID, isFallback } from "../page-settings/page.ts";
import type { PageScope } from "../page-settings/page-status.ts";
import { EVERYTHING_PUBLIC, heardScope, scopeOf } from "../page-settings/page-status.ts";
import { renderNotice } from "./notice.ts";
import { digestsOf, openSubscription, sealTarget } from "./sealed-subscription.ts";
import { sendMessage } from "./send.ts";
import type { SubscriberOutcome, Subscription } from "./subscription.ts";
import { DELIVERED } from "./subscription.ts";

/** A subscriber of a batch. */
interface Opened {
  /** Null: no key opens it now. */
  subscription: Subscription | null;
  /** Null: their page is gone, and nothing is shown there. */
  scope: PageScope | null;
}

const NOT_SENT: SubscriberOutcome = { ...DELIVERED, ok: false, ours: true };

/** Connects the object to the subscribers. */
export function subscribersPort(env: Env): SubscribersPort {
  const keys = sealingKeysOf(env);
  return {
    changed: async (sinceRevision) => loadChangedSubscriptions(env.DB, sinceRevision),
    async open(ids) {
      const [stored, scopes] = await Promise.all([loadSubscriptions(env.DB, ids), scopesOf(env)]);
      const opened = stored.map(async (each): Promise<[string, Opened]> => {
        const scope = scopes.get(each.page) ?? null;
        return [each.id, { subscription: await openOrNull(each), scope }];
      });
      return new Map(await Promise.all(opened));
    },
    async tell(subscriber, bulletins) {
      const { subscription, scope } = subscriber as Opened;
      if (subscription === null) return NOT_SENT;
      try {
        const message = scope && renderNotice(subscription, bulletins, scope);
        if (message === null) return DELIVERED;
        return await sendMessage(env, subscription, message, {
          fetch: (url, init) => fetch(url, init),
          nowMs: Date.now(),
          timeoutMs: SUBSCRIBER_DEADLINE_MS,
          allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === "1",
        });
      } catch {
        return NOT_SENT;
      }
    },
    end: async (id, why) => void (await endSubscription(env.DB, id, why, Date.now())),
    async tidy() {
      await tidySubscriptions(env.DB, Date.now());
      await reseal(env, keys);
    },
  };

  async function openOrNull(stored: Parameters<typeof openSubscription>[0]) {
    try {
      return await openSubscription(stored, keys);
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }
}

/**
 * What subscribers hear of on each page, by its id. Who subscribed before any page was set up hears of
 * what the one that now answers in its place shows.
 */
async function scopesOf(env: Env): Promise<Map<string, PageScope>> {
  const pages = (await listPages(env.DB)).map(({ page }) => page);
  const fallback = pages.find(isFallback);
  return new Map([
    [DEFAULT_PAGE_ID, fallback === undefined ? EVERYTHING_PUBLIC : heardScope(scopeOf(fallback))],
    ...pages.map((page): [string, PageScope] => [page.id, heardScope(scopeOf(page))]),
  ]);
}

/** Seals some of what an older key sealed by the newest, so that the older one can go. */
async function reseal(env: Env, keys: SealingKeys): Promise<void> {
  const newest = await keys.newestId();
  if (newest === null) return;
  const resealed: Resealed[] = [];
  for (const stored of await loadUnderOtherKey(env.DB, newest)) {
    try {
      const { id, kind, page, target } = await openSubscription(stored, keys);
      const [digest = ""] = await digestsOf({ kind, page, address: target.address }, keys);
      const sealed = await sealTarget(id, target, keys);
      resealed.push({ id, target: sealed, digest });
    } catch (error) {
      // Its key is lost: it stays as it is, and the others must not wait for it.
      if (!(error instanceof SealError)) throw error;
    }
  }
  await resealSubscriptions(env.DB, resealed);
}
