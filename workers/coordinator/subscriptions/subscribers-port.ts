/**
 * The subscribers as the coordinator's object sees them: who they are in D1, and the way to each. An
 * address is opened for one batch, and is in nothing that is stored, logged or given back.
 */
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
import { DEFAULT_PAGE_ID } from "../page-settings/page.ts";
import type { PageScope } from "../page-settings/page-status.ts";
import { EVERYTHING_PUBLIC } from "../page-settings/page-status.ts";
import { renderNotice } from "./notice.ts";
import { digestsOf, openSubscription, sealTarget } from "./sealed-subscription.ts";
import { sendMessage } from "./send.ts";
import type { SubscriberOutcome, Subscription } from "./subscription.ts";

/** A subscriber of a batch. */
interface Opened {
  /** Null: no key opens it now. */
  subscription: Subscription | null;
  scope: PageScope;
}

const NOTHING_TO_TELL: SubscriberOutcome = {
  ok: true,
  status: null,
  error: null,
  retryAfterMs: null,
  permanent: false,
  gone: false,
  ours: false,
};
const UNOPENED: SubscriberOutcome = { ...NOTHING_TO_TELL, ok: false, ours: true };

/** Connects the object to the subscribers. */
export function subscribersPort(env: Env): SubscribersPort {
  const keys = sealingKeysOf(env);
  return {
    changed: async (sinceRevision) => loadChangedSubscriptions(env.DB, sinceRevision),
    async open(ids) {
      const [stored, scopes] = await Promise.all([loadSubscriptions(env.DB, ids), scopesOf(env)]);
      const opened = stored.map(async (each): Promise<[string, Opened]> => {
        const scope = scopes.get(each.page) ?? NOTHING_SHOWN;
        return [each.id, { subscription: await openOrNull(each), scope }];
      });
      return new Map(await Promise.all(opened));
    },
    async tell(subscriber, bulletins) {
      const { subscription, scope } = subscriber as Opened;
      if (subscription === null) return UNOPENED;
      const message = renderNotice(subscription, bulletins, scope);
      if (message === null) return NOTHING_TO_TELL;
      try {
        return await sendMessage(env, subscription, message, {
          fetch: (url, init) => fetch(url, init),
          nowMs: Date.now(),
          timeoutMs: SUBSCRIBER_DEADLINE_MS,
          allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === "1",
        });
      } catch {
        return UNOPENED;
      }
    },
    end: async (id, why) => void (await endSubscription(env.DB, id, why, Date.now())),
    async tidy() {
      await tidySubscriptions(env.DB, Date.now());
      await reseal(env);
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

/** What a page that is gone shows. */
const NOTHING_SHOWN: PageScope = { ...EVERYTHING_PUBLIC, monitors: [""] };

/** What each page shows, by its id. */
async function scopesOf(env: Env): Promise<Map<string, PageScope>> {
  const pages = await listPages(env.DB);
  const scopes = new Map<string, PageScope>([[DEFAULT_PAGE_ID, EVERYTHING_PUBLIC]]);
  for (const { page } of pages) {
    const { monitors, groups, details } = page;
    scopes.set(page.id, { monitors, groups, details, isPrivate: false });
  }
  return scopes;
}

/** Seals some of what an older key sealed by the newest, so that the older one can go. */
async function reseal(env: Env): Promise<void> {
  const keys = sealingKeysOf(env);
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
