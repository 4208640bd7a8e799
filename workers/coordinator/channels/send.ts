/**
 * Sends one delivery to one channel, once, and says what came of it.
 *
 * One deadline covers the whole attempt, private addresses are refused, and what is reported holds
 * none of the channel's secrets. It neither stores nor repeats: that is for `recordAttempt` to decide.
 */
import type { Delivery, DeliveryOutcome, Thread } from "../../../shared/alert/delivery.ts";
import { ENGLISH_LABELS } from "../../../shared/alert/words.ts";
import { isPrivateHost } from "./address.ts";
import { renderAlertmanagerRequest } from "./alertmanager.ts";
import { redact } from "./channel-view.ts";
import type { Channel, ChannelRequest } from "./channel.ts";
import { targetOf } from "./channel.ts";
import type { ExchangeOptions } from "./http-exchange.ts";
import { exchange, failure, withinAttempt } from "./http-exchange.ts";
import { alertLanguage } from "./language/languages.ts";
import { translateLabels, translateMessage } from "./language/translation.ts";
import { renderIncomingWebhook, sendAsBot } from "./slack.ts";
import { renderWebhookRequest } from "./webhook.ts";

/** How a delivery is sent. */
export interface SendOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Moment of the attempt (UTC epoch milliseconds). */
  nowMs: number;
  /** Deadline of the attempt, in milliseconds. */
  timeoutMs: number;
  /** Whether loopback and private addresses may be called: only ever locally. */
  allowPrivateAddresses: boolean;
  /** Where the channel keeps the first message about the incident; null: nowhere. */
  thread: Thread | null;
}

/** Sends a delivery. Never throws: whatever goes wrong is the outcome. */
export async function sendDelivery(
  channel: Channel,
  delivery: Delivery,
  options: SendOptions,
): Promise<DeliveryOutcome> {
  if (!options.allowPrivateAddresses && isPrivateHost(new URL(targetOf(channel).url).hostname)) {
    return failure("the channel's address is private: alerts go to public addresses only", true);
  }
  try {
    const { fetch, nowMs, timeoutMs, thread } = options;
    return await withinAttempt(timeoutMs, (time) =>
      attempt(channel, delivery, thread, {
        ...time,
        fetch,
        nowMs,
        redact: (text) => redact(text, channel),
      }),
    );
  } catch (error) {
    return failure(redact(`the request failed: ${describe(error)}`, channel), false);
  }
}

function attempt(
  channel: Channel,
  made: Delivery,
  thread: Thread | null,
  options: Omit<ExchangeOptions, "readsAnswer">,
): Promise<DeliveryOutcome> {
  const language = alertLanguage(channel.settings.language);
  const delivery =
    language === null
      ? made
      : { ...made, message: translateMessage(made.message, language, channel) };
  switch (channel.kind) {
    case "webhook":
      return post(renderWebhookRequest(channel, delivery, options.nowMs), options);
    case "alertmanager":
      return post(renderAlertmanagerRequest(channel, delivery, options.nowMs), options);
    case "slack": {
      const { url } = channel.settings;
      const labels = language === null ? ENGLISH_LABELS : translateLabels(language);
      if (url !== undefined) return post(renderIncomingWebhook(url, delivery, labels), options);
      return sendAsBot(channel, delivery, thread, labels, (request) =>
        exchange(request, { ...options, readsAnswer: true }),
      );
    }
  }
}

async function post(
  request: ChannelRequest,
  options: Omit<ExchangeOptions, "readsAnswer">,
): Promise<DeliveryOutcome> {
  const { answer: _unread, ...outcome } = await exchange(request, {
    ...options,
    readsAnswer: false,
  });
  return outcome;
}

/** What an exception says, with the system's error code where there is one. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  // The runtime says no more than this of a name that does not resolve.
  if (error.message.startsWith("internal error")) return "the host name cannot be resolved";
  const cause: unknown = error.cause;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return `${error.message}${code}`;
}
