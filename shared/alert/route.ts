/**
 * The routing tree: which channels hear of an alert, and how it is grouped for them.
 *
 * Routes are looked at in order. The first that matches takes the alert, unless it says `continue`;
 * inside it the same holds for its own routes, and where none of those matches it is the route
 * itself. A channel that no route names is not routed: it hears of everything. Pure.
 */
import { isWithin } from "./hours.ts";
import type { Attributes } from "./matcher.ts";
import { firstUnmet } from "./matcher.ts";
import type { AlertPolicy, Route } from "./policy.ts";
import { milliseconds, namedChannels } from "./policy.ts";

/** How a channel's messages are grouped and repeated. */
export interface Grouping {
  /** Place of the route in the tree, e.g. `0.2`; empty: no route. */
  route: string;
  groupBy: readonly string[];
  groupWaitMs: number;
  groupIntervalMs: number;
  /** Messages within the interval that do not wait for its end. */
  atOnce: number;
  /** Null: never. */
  repeatIntervalMs: number | null;
}

/** Whether a channel hears of an alert, and how. */
export interface RouteDecision {
  /** Null: it does not. */
  grouping: Grouping | null;
  why: string;
}

/** A matching route with what it inherits. */
interface Leaf {
  name: string;
  channels: readonly string[];
  grouping: Grouping;
}

/** What holds outside of every route. */
export function defaultGrouping(policy: AlertPolicy): Grouping {
  const { groupBy, groupWait, groupInterval, atOnce, repeatInterval } = policy;
  return {
    route: "",
    groupBy,
    groupWaitMs: milliseconds(groupWait),
    groupIntervalMs: milliseconds(groupInterval),
    atOnce,
    repeatIntervalMs: repeatInterval === null ? null : milliseconds(repeatInterval),
  };
}

/** Decides, for one alert, what each channel's route says. */
export function decideRoutes(
  attributes: Attributes,
  policy: AlertPolicy,
  nowMs: number,
): (channel: string) => RouteDecision {
  const root = defaultGrouping(policy);
  const named = new Set(namedChannels(policy).map(({ channel }) => channel));
  const around = { name: "", channels: [], grouping: root };
  const leaves = matching(policy.routes, around, attributes, nowMs);
  return (channel) => {
    if (!named.has(channel)) {
      return { grouping: root, why: "no route names the channel, so it hears of everything" };
    }
    const leaf = leaves.find(({ channels }) => channels.includes(channel));
    if (leaf !== undefined) return { grouping: leaf.grouping, why: `route ${leaf.name}` };
    const taken = leaves.map(({ name }) => name).join(", ");
    const why = taken === "" ? "no route matches" : `${taken} takes it, for other channels`;
    return { grouping: null, why };
  };
}

function matching(
  routes: readonly Route[],
  around: Leaf,
  attributes: Attributes,
  nowMs: number,
): Leaf[] {
  const found: Leaf[] = [];
  for (const [index, route] of routes.entries()) {
    if (!matches(route, attributes, nowMs)) continue;
    const own = enter(route, index, around);
    const inside = matching(route.routes ?? [], own, attributes, nowMs);
    found.push(...(inside.length > 0 ? inside : [own]));
    if (!route.continue) break;
  }
  return found;
}

function matches({ match, hours }: Route, attributes: Attributes, nowMs: number): boolean {
  if (firstUnmet(match, attributes) !== null) return false;
  return hours.length === 0 || hours.some((span) => isWithin(span, nowMs));
}

/** A route with what it does not say itself taken from the one around it. */
function enter(route: Route, index: number, around: Leaf): Leaf {
  const { grouping } = around;
  const place = grouping.route === "" ? String(index) : `${grouping.route}.${index}`;
  const { groupBy, groupWait, groupInterval, atOnce, repeatInterval } = route;
  const own = route.name ?? place;
  return {
    name: around.name === "" ? own : `${around.name} › ${own}`,
    channels: route.channels ?? around.channels,
    grouping: {
      route: place,
      groupBy: groupBy ?? grouping.groupBy,
      groupWaitMs: groupWait === undefined ? grouping.groupWaitMs : milliseconds(groupWait),
      groupIntervalMs:
        groupInterval === undefined ? grouping.groupIntervalMs : milliseconds(groupInterval),
      atOnce: atOnce ?? grouping.atOnce,
      repeatIntervalMs:
        repeatInterval === undefined
          ? grouping.repeatIntervalMs
          : repeatInterval === null
            ? null
            : milliseconds(repeatInterval),
    },
  };
}
