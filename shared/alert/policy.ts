/**
 * The alert policy as it is declared: tiers, groups, routes, dependencies. `{}` is a complete one.
 *
 * With it alone every channel hears of everything that its monitor does not keep from it, at once;
 * only where much happens together is it gathered into one message. Unknown fields are errors. Pure;
 * the stages that go by it are beside this file.
 */
import { z } from "zod";
import { parseDuration } from "../duration.ts";
import { duration, eachOnce, idSchema } from "../monitor/monitor.ts";
import { hoursSchema } from "./hours.ts";
import { inhibitionSchema } from "./inhibition.ts";
import { attributeSchema, matcherSchema } from "./matcher.ts";
import { tiersSchema } from "./tier.ts";

const HOUR_MS = 3_600_000;
/** Longest time for which a message may wait for others, in milliseconds. */
const WAIT_MAX_MS = HOUR_MS;
/** Levels of routes inside each other. */
const ROUTE_DEPTH_MAX = 3;

const waitSchema = duration(0, WAIT_MAX_MS);
const groupBySchema = z.array(attributeSchema).max(8).superRefine(eachOnce);
const atOnceSchema = z.int().min(1).max(100);
const repeatSchema = duration(60_000, 30 * 24 * HOUR_MS).nullable();

const routeFields = {
  name: z.string().trim().min(1).max(100).optional(),
  /** All must match; none: everything does. */
  match: z.array(matcherSchema).max(20).default([]),
  /** Any of them; none: always. */
  hours: z.array(hoursSchema).max(20).default([]),
  /** Who hears of what no route inside this one takes; absent: whoever the route around it names. */
  channels: z.array(idSchema).max(50).superRefine(eachOnce).optional(),
  /** Whether the routes after it are looked at too. */
  continue: z.boolean().default(false),
  groupBy: groupBySchema.optional(),
  groupWait: waitSchema.optional(),
  groupInterval: waitSchema.optional(),
  atOnce: atOnceSchema.optional(),
  repeatInterval: repeatSchema.optional(),
};

/** A branch of the routing tree. */
export type Route = z.output<z.ZodObject<typeof routeFields>> & { routes?: Route[] | undefined };

/** The schema of routes with some levels of routes inside them. */
function routeSchema(levels: number): z.ZodType<Route> {
  if (levels <= 1) return z.strictObject(routeFields);
  return z.strictObject({
    ...routeFields,
    routes: z
      .array(routeSchema(levels - 1))
      .max(50)
      .optional(),
  });
}

/** Schema of the policy. */
export const alertPolicySchema = z.strictObject({
  tiers: tiersSchema.prefault({}),
  /** What is told together, by what it has in common; none: everything of a channel. */
  groupBy: groupBySchema.default([]),
  /** How long the first news of a group waits for others. */
  groupWait: waitSchema.default("0s"),
  /** Time in which a group tells of news in `atOnce` messages at most. */
  groupInterval: waitSchema.default("20s"),
  atOnce: atOnceSchema.default(10),
  /** After how long what goes on is told again; null: never. */
  repeatInterval: repeatSchema.default("4h"),
  /** How long something must have been milder than it was told before that is told. */
  easeAfter: duration(0, 24 * HOUR_MS).default("2m"),
  /** How long nothing must have been known of a monitor before that is told, if it is. */
  unknownAfter: duration(60_000, 24 * HOUR_MS).default("10m"),
  /** How long a region must have been suspended or silent before that is told, if it is. */
  regionAfter: duration(0, 24 * HOUR_MS).default("5m"),
  routes: z.array(routeSchema(ROUTE_DEPTH_MAX)).max(50).default([]),
  inhibitions: z.array(inhibitionSchema).max(50).default([]),
});

/** The policy, defaults filled in. */
export type AlertPolicy = z.output<typeof alertPolicySchema>;

/** What holds as long as nothing is declared. */
export const DEFAULT_POLICY: AlertPolicy = alertPolicySchema.parse({});

/** A policy that an earlier release has stored, with what has been added since. */
export function completePolicy(stored: AlertPolicy): AlertPolicy {
  return { ...DEFAULT_POLICY, ...stored, tiers: { ...DEFAULT_POLICY.tiers, ...stored.tiers } };
}

/** Milliseconds of a duration that the schema has accepted. */
export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

/** Every channel that a route names, with the path of the field that does. */
export function namedChannels(policy: AlertPolicy): Array<{ channel: string; field: string }> {
  const visit = (
    routes: readonly Route[],
    path: string,
  ): Array<{ channel: string; field: string }> =>
    routes.flatMap((route, index) => [
      ...(route.channels ?? []).map((channel, at) => ({
        channel,
        field: `${path}[${index}].channels[${at}]`,
      })),
      ...visit(route.routes ?? [], `${path}[${index}].routes`),
    ]);
  return visit(policy.routes, "routes");
}
