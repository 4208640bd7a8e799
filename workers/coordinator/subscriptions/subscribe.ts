/**
 * Taking a subscription: what a form or the API was given is judged, limited and stored, and its
 * address asked. Nobody is told anything before they have confirmed, and an answer never says whether
 * an address is known.
 *
 * - E-mail and Slack get a message with a link; a webhook gets a challenge that it must repeat.
 * - An address that is subscribed already hears that, and how to change it; nothing else changes.
 * - Who asks is counted by a keyed digest that changes daily; so is who would be written to.
 */
import { z } from "zod";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { isPrivateHost } from "../channels/address.ts";
import { SECRET_BYTES, encodeSecret, urlSchema } from "../channels/channel.ts";
import { clientNetwork } from "../client-network.ts";
import { encodeBase64Url } from "../../sealing.ts";
import { listMonitors } from "../db/config-store.ts";
import type { AttemptLimit } from "../db/subscription-store.ts";
import {
  addSubscription,
  countAttempt,
  findSubscription,
  forgetPending,
  renewPending,
} from "../db/subscription-store.ts";
import type { Env } from "../env.ts";
import { sealingKeysOf } from "../env.ts";
import type { PageScope } from "../page-settings/page-status.ts";
import { heardScope, pageMonitors } from "../page-settings/page-status.ts";
import { renderChallenge, renderInvitation, repeatsChallenge } from "./invitation.ts";
import { canMail } from "./mailer.ts";
import type { PostOptions } from "./post.ts";
import { postMessage } from "./post.ts";
import { digestsOf, openSubscription, sealTarget } from "./sealed-subscription.ts";
import { renderWebhook, sendMessage } from "./send.ts";
import type { StoredSubscription, Subscription, SubscriptionKind } from "./subscription.ts";
import {
  SUBSCRIBED_MONITORS_MAX,
  SUBSCRIPTION_KINDS,
  canonicalAddress,
  isExpired,
} from "./subscription.ts";
import { ID_BYTES, KEY_BYTES } from "./token.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Requests from one network address. */
const PER_CLIENT: AttemptLimit = { max: 10, windowMs: HOUR_MS };
/** Messages that ask one address, whoever asked for them. */
const PER_ADDRESS: AttemptLimit = { max: 3, windowMs: DAY_MS };
/** Challenges to one host. */
const PER_HOST: AttemptLimit = { max: 20, windowMs: HOUR_MS };
/** Requests of everybody. */
const PER_NETWORK: AttemptLimit = { max: 300, windowMs: HOUR_MS };
/** A pending address is not asked again before this, in milliseconds. */
const ASK_AGAIN_MS = 10 * MINUTE_MS;
/** Longest wait for an answer to a challenge or a first message, in milliseconds. */
const ASK_TIMEOUT_MS = 8_000;

const SLACK_HOSTS: ReadonlySet<string> = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);

/** The page on which somebody asks. */
export interface WishedPage {
  id: string;
  /** Address of the page, without a slash at its end. */
  url: string;
  scope: PageScope;
}

/** What somebody wants. */
export interface Wish {
  kind: SubscriptionKind;
  /** E-mail address, or URL. */
  target: string;
  /** Null: all that the page shows. */
  monitors: string[] | null;
  language: string;
  page: WishedPage;
  /** Network address of who asks; null: not known. */
  client: string | null;
}

/** Why a subscription is not taken. */
export type Refusal =
  | "not_offered"
  | "target_invalid"
  | "target_private"
  | "monitors_unknown"
  | "too_many"
  | "full"
  | "not_reached"
  | "not_repeated";

/** What became of a wish: it waits for its confirmation, it is subscribed, or why not. */
export type WishOutcome = "pending" | "active" | Refusal;

/** What taking a subscription needs of the world. */
export interface SubscribeContext {
  env: Env;
  nowMs: number;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  randomBytes: (count: number) => Uint8Array;
  /** Lets work go on after the answer; its failures are its own. */
  defer: (work: Promise<void>) => void;
}

/** Ways that are offered here, in the order in which they are shown. */
export function offeredKinds(env: Env): SubscriptionKind[] {
  if (!sealingKeysOf(env).canSeal) return [];
  return SUBSCRIPTION_KINDS.filter((kind) => kind !== "email" || canMail(env));
}

/** Takes a subscription, or says why not. */
export async function takeSubscription(
  context: SubscribeContext,
  wish: Wish,
): Promise<WishOutcome> {
  const { env } = context;
  const { kind } = wish;
  const target = wish.target.trim();
  if (!offeredKinds(env).includes(kind)) return "not_offered";
  const wrong = judgeTarget(env, kind, target);
  if (wrong !== null) return wrong;
  // What follows asks the database, and so is counted.
  if (!(await countClient(context, wish.client))) return "too_many";
  const unknown = await judgeMonitors(env, wish);
  if (unknown !== null) return unknown;
  const keys = sealingKeysOf(env);
  const digests = await digestsOf({ kind, page: wish.page.id, address: target }, keys);
  const stored = await findSubscription(env.DB, digests);
  const known =
    stored === null || isExpired(stored, context.nowMs)
      ? null
      : await openSubscription(stored, keys);
  const asked = known ?? newSubscription(context, { ...wish, target });
  const digest = digests[0] ?? "";
  return kind === "webhook"
    ? challenge(context, asked, known === null ? digest : null)
    : invite(context, asked, { ...wish, target }, known === null ? digest : null);
}

/** Locally a stand-in takes the place of each receiver, and there is no TLS. */
function isLocal({ ALLOW_PRIVATE_ADDRESSES }: Env): boolean {
  return ALLOW_PRIVATE_ADDRESSES === "1";
}

function judgeTarget(env: Env, kind: SubscriptionKind, target: string): Refusal | null {
  if (kind === "email") {
    return z.email().max(254).safeParse(target).success ? null : "target_invalid";
  }
  if (!urlSchema.safeParse(target).success) return "target_invalid";
  if (isLocal(env)) return null;
  const { protocol, hostname, pathname } = new URL(target);
  if (isPrivateHost(hostname)) return "target_private";
  if (protocol !== "https:") return "target_invalid";
  if (kind === "webhook") return null;
  const isHook = SLACK_HOSTS.has(hostname) && pathname.startsWith("/services/");
  return isHook ? null : "target_invalid";
}

/** A monitor that nobody can be told of here is unknown, like one that is not there. */
async function judgeMonitors(env: Env, { monitors, page }: Wish): Promise<Refusal | null> {
  if (monitors === null) return null;
  if (monitors.length === 0 || monitors.length > SUBSCRIBED_MONITORS_MAX) return "monitors_unknown";
  const shown = new Set((await shownMonitors(env, page.scope)).map(({ id }) => id));
  return monitors.every((id) => shown.has(id)) ? null : "monitors_unknown";
}

/**
 * The monitors of a page that its subscribers can hear of, in its order. Private ones are not among
 * them, on a private page neither: who subscribes stays subscribed, whoever may see the page later.
 */
export async function shownMonitors(env: Env, scope: PageScope): Promise<Monitor[]> {
  return pageMonitors(await listMonitors(env.DB), heardScope(scope));
}

/** Counts a request by who made it and of all; false: there were too many. */
async function countClient(
  { env, nowMs }: SubscribeContext,
  client: string | null,
): Promise<boolean> {
  const day = Math.floor(nowMs / DAY_MS);
  const [who = ""] = await sealingKeysOf(env).digests(`client/${day}/${clientNetwork(client)}`);
  if (!(await countAttempt(env.DB, who, PER_CLIENT, nowMs))) return false;
  return countAttempt(env.DB, "network", PER_NETWORK, nowMs);
}

function newSubscription(context: SubscribeContext, wish: Wish): Subscription {
  const { env, nowMs, randomBytes } = context;
  const { kind, target: address, monitors, language, page } = wish;
  return {
    id: encodeBase64Url(randomBytes(ID_BYTES)),
    kind,
    state: kind === "webhook" ? "active" : "pending",
    page: page.id,
    monitors,
    language,
    target: {
      address,
      key: encodeBase64Url(randomBytes(KEY_BYTES)),
      secret: kind === "webhook" ? encodeSecret(randomBytes(SECRET_BYTES)) : null,
      // Mail takes no other links to end it (RFC 8058), and every page can be reached so.
      pageUrl: isLocal(env) ? page.url : page.url.replace(/^http:/, "https:"),
    },
    createdAtMs: nowMs,
    confirmedAtMs: null,
    endedAtMs: null,
    endedWhy: null,
  };
}

async function store(
  { env, nowMs }: SubscribeContext,
  subscription: Subscription,
  digest: string,
): Promise<boolean> {
  const target = await sealTarget(subscription.id, subscription.target, sealingKeysOf(env));
  const sealed: StoredSubscription = { ...subscription, target };
  return addSubscription(env.DB, sealed, digest, nowMs);
}

/** Subscribes an endpoint that repeats a challenge; `digest` is null for one that is known. */
async function challenge(
  context: SubscribeContext,
  subscription: Subscription,
  digest: string | null,
): Promise<WishOutcome> {
  const { env, nowMs, randomBytes } = context;
  // Whatever the port: else one host could be called as often as it has ports.
  const { hostname } = new URL(subscription.target.address);
  const [where = ""] = await sealingKeysOf(env).digests(`host/${hostname}`);
  if (!(await countAttempt(env.DB, where, PER_HOST, nowMs))) return "too_many";
  const text = encodeBase64Url(randomBytes(KEY_BYTES));
  const request = renderWebhook(
    subscription.target,
    renderChallenge(subscription, text, nowMs),
    nowMs,
  );
  const outcome = await postMessage(request, postOptions(context), true);
  if (!outcome.ok) return "not_reached";
  if (!repeatsChallenge(outcome.answer, text)) return "not_repeated";
  if (digest === null) return "active";
  if (await store(context, subscription, digest)) return "active";
  // Somebody asked at the same time: then the endpoint has to have the secret that was stored.
  const stored = await findSubscription(env.DB, [digest]);
  if (stored === null) return "full";
  return challenge(context, await openSubscription(stored, sealingKeysOf(env)), null);
}

/** Asks an address to confirm, or tells one that is known; `digest` is null for that. */
async function invite(
  context: SubscribeContext,
  subscription: Subscription,
  wish: Wish,
  digest: string | null,
): Promise<WishOutcome> {
  const { env, nowMs } = context;
  const { id, kind, state, createdAtMs } = subscription;
  const isWaiting = digest === null && state === "pending";
  if (isWaiting && nowMs - createdAtMs < ASK_AGAIN_MS) return "pending";
  const [whom = ""] = await sealingKeysOf(env).digests(
    `asked/${kind}/${canonicalAddress(kind, wish.target)}`,
  );
  if (!(await countAttempt(env.DB, whom, PER_ADDRESS, nowMs))) return "pending";
  if (digest !== null && !(await store(context, subscription, digest))) {
    // Whoever asked at the same time has it asked.
    return (await findSubscription(env.DB, [digest])) === null ? "full" : "pending";
  }
  const message = renderInvitation(subscription, nowMs);
  const send = async () => {
    const outcome = await sendMessage(env, subscription, message, postOptions(context));
    // A message that did not go leaves the link of an earlier one as it is.
    if (!outcome.ok && digest !== null) await forgetPending(env.DB, id);
    if (outcome.ok && isWaiting) {
      const { monitors, language } = wish;
      await renewPending(env.DB, { id, monitors, language }, nowMs);
    }
    return outcome;
  };
  if (kind === "slack") return (await send()).ok ? "pending" : "not_reached";
  // How long that takes must not tell whether anything was sent.
  context.defer(
    send().then(({ ok, error }) => {
      // oxlint-disable-next-line no-console -- structured log line, collected by the platform
      if (!ok) console.error(JSON.stringify({ event: "subscription_invitation_failed", error }));
      return undefined;
    }),
  );
  return "pending";
}

function postOptions({ env, fetch, nowMs }: SubscribeContext): PostOptions {
  return {
    fetch,
    nowMs,
    timeoutMs: ASK_TIMEOUT_MS,
    allowPrivateAddresses: isLocal(env),
  };
}
