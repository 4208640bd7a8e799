/**
 * A subscription: somebody of the public wants to hear of trouble, by e-mail, webhook or Slack.
 *
 * It is `pending` until its owner has confirmed, then `active`, then `ended`; of one that has ended
 * nothing personal is kept. An address is personal: it lies sealed, and what is shown of it here is
 * all that may leave. Types and pure rules.
 */
import type { DeliveryOutcome } from "../../../shared/alert/delivery.ts";

/** How subscribers may be told. */
export const SUBSCRIPTION_KINDS = ["email", "webhook", "slack"] as const;
/** Where a subscription is in its life. */
export const SUBSCRIPTION_STATES = ["pending", "active", "ended"] as const;
/** Why one ended: by its owner, by the API, refused for good, or after failure upon failure. */
export const END_REASONS = ["unsubscribed", "removed", "gone", "failing"] as const;

/** How a subscriber is told. */
export type SubscriptionKind = (typeof SUBSCRIPTION_KINDS)[number];
/** Where a subscription is in its life. */
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];
/** Why a subscription ended. */
export type EndReason = (typeof END_REASONS)[number];

/** Most subscriptions that go on, pending ones too; beyond that nobody is taken. */
export const SUBSCRIPTIONS_MAX = 10_000;
/** Most that wait for their confirmation at once. */
export const PENDING_MAX = 1_000;
/** How long an address has for its confirmation, in milliseconds. */
export const PENDING_MS = 24 * 3_600_000;
/** How long it is remembered that a subscription has ended, in milliseconds. */
export const ENDED_KEPT_MS = 7 * 86_400_000;
/** Most monitors that one names. */
export const SUBSCRIBED_MONITORS_MAX = 100;

/** What is sealed of a subscription. */
export interface SubscriptionTarget {
  /** E-mail address, or URL. */
  address: string;
  /** Makes its links; base64url. */
  key: string;
  /** Signing secret of a webhook (Standard Webhooks); null: it is none. */
  secret: string | null;
  /** Address of the page on which it was made, without a slash at its end. */
  pageUrl: string;
}

/** A subscription as it lies in D1. */
export interface StoredSubscription {
  id: string;
  kind: SubscriptionKind;
  state: SubscriptionState;
  /** Id of the page on which it was made. */
  page: string;
  /** Null: all that the page shows. */
  monitors: string[] | null;
  language: string;
  /** A seal; null: it has ended. */
  target: unknown;
  createdAtMs: number;
  confirmedAtMs: number | null;
  endedAtMs: number | null;
  endedWhy: EndReason | null;
}

/** One that can be written to. */
export interface Subscription extends Omit<StoredSubscription, "target"> {
  target: SubscriptionTarget;
}

/** What came of one attempt to tell a subscriber. */
export interface SubscriberOutcome extends DeliveryOutcome {
  /** Whether the receiver is gone for good, and the subscription with it. */
  gone: boolean;
  /** Whether the trouble is ours, and everybody's who is told this way. */
  ours: boolean;
}

/** It was told, or there was nothing to tell. */
export const DELIVERED: SubscriberOutcome = {
  ok: true,
  status: null,
  error: null,
  retryAfterMs: null,
  permanent: false,
  gone: false,
  ours: false,
};

/** Whether a pending subscription has waited for too long. */
export function isExpired(
  { state, createdAtMs }: Pick<StoredSubscription, "state" | "createdAtMs">,
  nowMs: number,
): boolean {
  return state === "pending" && nowMs - createdAtMs >= PENDING_MS;
}

/** The address as its owner recognises it, and nobody else can use it: `r…@example.com`. */
export function maskAddress(kind: SubscriptionKind, address: string): string {
  if (kind !== "email") return `${new URL(address).origin}/…`;
  const at = address.lastIndexOf("@");
  return `${[...address][0] ?? ""}…${address.slice(at)}`;
}

/** The form in which two spellings of an address are the same. */
export function canonicalAddress(kind: SubscriptionKind, address: string): string {
  return kind === "email" ? address.toLowerCase() : new URL(address).href;
}
