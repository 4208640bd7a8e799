/**
 * What the pages of subscriptions show: which ways are offered, which services there are, what was
 * chosen, and as much of an address as its owner recognises. Pure; nothing secret gets here but the
 * link that its owner came by.
 */

/** How somebody may be told. */
export type WayView = "email" | "webhook" | "slack";

/** A service that can be chosen. */
export interface ChoiceView {
  id: string;
  name: string;
  chosen: boolean;
}

/** What is chosen of the services. */
export interface ServicesView {
  /** Whether all are, those to come too. */
  all: boolean;
  choices: ChoiceView[];
}

/** Why a form is shown again: what is wrong, and where. */
export interface ComplaintView {
  text: string;
  about: "target" | "services" | "whole";
}

/** The page on which to subscribe. */
export interface SubscribeView {
  /** Empty: nobody can. */
  ways: WayView[];
  chosenWay: WayView;
  /** What was typed. */
  target: string;
  services: ServicesView;
  /** Null: nothing is wrong. */
  complaint: ComplaintView | null;
}

/** The page of one subscription. */
export interface ManageView {
  /** As much of the address as may be shown. */
  address: string;
  services: ServicesView;
  /** What has just happened; null: nothing. */
  done: "confirmed" | "saved" | null;
  complaint: ComplaintView | null;
  /** Where its forms are sent. */
  saveAt: string;
  unsubscribeAt: string;
}

/**
 * Renders the choice of services.
 *
 * @param monitors those that are public, in the page's order
 * @param chosen ids of those that are chosen; null: all, those to come too
 */
export function renderServices(
  monitors: ReadonlyArray<{ id: string; name: string }>,
  chosen: readonly string[] | null,
): ServicesView {
  const ids = new Set(chosen);
  return {
    all: chosen === null,
    choices: monitors.map(({ id, name }) => ({ id, name, chosen: ids.has(id) })),
  };
}
