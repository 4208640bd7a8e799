/**
 * What a subscriber is told in one message, before it takes the form of an e-mail, a Slack message or
 * a webhook's payload. Everything in it is public, or the subscriber's own. Types only.
 */
import type { Tone } from "../pages/view-model/words.ts";
import type { Words } from "../pages/language/words.ts";

/** One thing that a message tells. */
export interface MessageEntry {
  title: string;
  tone: Tone;
  /** Plain text, a paragraph each. */
  paragraphs: readonly string[];
  /** Address of the page about it; null: there is none. */
  link: string | null;
}

/** A label with an address behind it. */
export interface MessageLink {
  label: string;
  href: string;
}

/** One message. */
export interface SubscriberMessage {
  /** Stable under repetition: receivers drop what they have by it. */
  id: string;
  /** One line. */
  title: string;
  entries: readonly MessageEntry[];
  /** What its reader is asked to do; null: nothing. */
  action: MessageLink | null;
  /** Why the reader gets it. */
  why: string;
  links: readonly MessageLink[];
  /** Address that ends the subscription on one click (RFC 8058); null: nothing has begun yet. */
  unsubscribe: string | null;
  /** What a webhook is sent; the same when it is sent again. */
  payload: { type: string; timestamp: string; data: object };
  words: Words;
}
