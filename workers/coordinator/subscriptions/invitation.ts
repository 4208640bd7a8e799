/**
 * The first message to an address: that somebody asked for it, with a link to confirm; to one that is
 * subscribed already, that it is, with a link to change that. For a webhook, its challenge: the
 * signing secret is in it, so that whoever reads the endpoint has it, and who asked has not. Pure.
 */
import { fill } from "../pages/language/words.ts";
import { wordsOf } from "../pages/language/languages.ts";
import type { SubscriberMessage } from "./message.ts";
import type { Subscription } from "./subscription.ts";
import { linkOf } from "./token.ts";

/** How a page is called in a message: by its host. */
export function siteOf(pageUrl: string): string {
  return new URL(pageUrl).host;
}

/**
 * Renders the message that asks to confirm, or says that there is nothing to confirm.
 *
 * @param number counts the messages of this kind, so that one that is asked for anew is no repetition
 */
export function renderInvitation(
  { id, state, language, target }: Subscription,
  number: number,
): SubscriberMessage {
  const words = wordsOf(language);
  const t = words.t.subscribe;
  const site = siteOf(target.pageUrl);
  const isKnown = state === "active";
  const title = fill(isKnown ? t.mail.knownSubject : t.mail.confirmSubject, { site });
  const text = fill(isKnown ? t.mail.knownText : t.mail.confirmText, { site });
  return {
    id: `${id}.invitation.${number}`,
    title,
    entries: [{ title, tone: "maintenance", paragraphs: [text], link: null }],
    action: isKnown
      ? { label: t.mail.manage, href: linkOf("manage", id, target) }
      : { label: t.confirm, href: linkOf("confirm", id, target) },
    why: fill(t.mail.asked, { site }),
    links: [{ label: site, href: `${target.pageUrl}/` }],
    unsubscribe: isKnown ? linkOf("unsubscribe", id, target) : null,
    payload: { type: "subscription.invitation", timestamp: "", data: {} },
    words,
  };
}

/** What a webhook is sent to show that it wants to be subscribed. */
export function renderChallenge(
  { id, monitors, target }: Subscription,
  challenge: string,
  nowMs: number,
): Pick<SubscriberMessage, "id" | "payload"> {
  return {
    id: `${id}.challenge.${nowMs}`,
    payload: {
      type: "subscription.challenge",
      timestamp: new Date(nowMs).toISOString(),
      data: {
        challenge,
        secret: target.secret,
        page: `${target.pageUrl}/`,
        monitors,
        manage: linkOf("manage", id, target),
        unsubscribe: linkOf("unsubscribe", id, target),
      },
    },
  };
}

/** Whether an answer repeats a challenge: as its whole text, or as `challenge` of a JSON object. */
export function repeatsChallenge(answer: string, challenge: string): boolean {
  if (answer.trim() === challenge) return true;
  try {
    const said: unknown = JSON.parse(answer);
    return (
      typeof said === "object" &&
      said !== null &&
      "challenge" in said &&
      said.challenge === challenge
    );
  } catch {
    return false;
  }
}
